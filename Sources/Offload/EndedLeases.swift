/// Which ended leases are looked for: those that ended since the last look, and now and then all of them.
///
/// Beside an old transaction the leases of hours lie in the index, dead. A lease may come to light long after its end, when it was
/// committed late or locked at each look: all that was ever leased is looked through for those.
package struct EndedLeases: Sendable {
    /// Further back than the last look, for what was locked then.
    package var overlap: Duration
    package private(set) var all = Pace(every: .seconds(600))

    private var lastLook: Duration?

    package init(overlap: Duration) { self.overlap = overlap }

    /// How far back; nil: all of them.
    package func next(now: Duration) -> Duration? {
        all.isDue(now: now) ? nil : lastLook.map { now - $0 + overlap } ?? now + overlap
    }

    package mutating func looked(back: Duration?, took: Duration, now: Duration) {
        if back == nil { all.took(took, now: now) }
        lastLook = now - took
    }

    /// The next look goes back to where the last one ended that came to an end.
    package mutating func failed(back: Duration?, took: Duration, now: Duration) {
        if back == nil { all.took(took, now: now) }
    }
}
