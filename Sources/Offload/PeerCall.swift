/// When a worker that finds more than it can take rings for the others: not with every batch, because NOTIFY makes
/// commits wait for each other.
package struct PeerCall: Sendable {
    package var every: Duration = .seconds(1)

    private var next: Duration = .zero

    package init() {}

    /// True: ring now. `full`: the claim gave as much as was asked for.
    package mutating func isDue(full: Bool, now: Duration) -> Bool {
        guard full, now >= next else { return false }
        next = now + every
        return true
    }
}
