/// When something is done again that may take long: not before its time, and for no more than a tenth of all time.
package struct Pace: Sendable {
    package var every: Duration
    package var pause = 10

    private var next: Duration = .zero

    package init(every: Duration) { self.every = every }

    package func isDue(now: Duration) -> Bool { now >= next }

    /// It was begun so long ago, and ended now, whatever came of it.
    package mutating func took(_ time: Duration, now: Duration) {
        next = now - time + max(every, time * (pause + 1))
    }
}
