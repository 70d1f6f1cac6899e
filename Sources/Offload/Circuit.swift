/// Keeps a store that is down from being asked for every row: after repeated failure it is left alone for a while.
package struct Circuit: Sendable, Equatable {
    /// Failures in a row after which it opens.
    package var tolerance = 3
    package var backoff = Backoff(base: .seconds(2), limit: .seconds(60))

    package private(set) var failures = 0
    private var closedAgainAt: Duration?

    package init() {}

    /// Whether the store may be asked now. Once the pause is over, one failure more opens it again, for longer.
    package func allows(now: Duration) -> Bool {
        closedAgainAt.map { now >= $0 } ?? true
    }

    /// How long it will be left alone; zero when it may be asked.
    package func pause(now: Duration) -> Duration {
        closedAgainAt.map { max(.zero, $0 - now) } ?? .zero
    }

    package mutating func succeeded() {
        failures = 0
        closedAgainAt = nil
    }

    /// True when this failure opened it.
    ///
    /// - Parameters:
    ///   - isLasting: it would fail again at once, so that the first one opens it: a quota is used up.
    ///   - pause: how long the store asked to be left alone.
    package mutating func failed(now: Duration, jitter: Double, isLasting: Bool = false, pause: Duration? = nil) -> Bool
    {
        failures = isLasting ? max(failures + 1, tolerance) : failures + 1
        guard failures >= tolerance else { return false }
        let delay = backoff.delay(afterAttempt: failures - tolerance + 1, jitter: jitter)
        closedAgainAt = now + max(delay, pause ?? (isLasting ? backoff.limit : .zero))
        return true
    }
}
