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
    package mutating func failed(now: Duration, jitter: Double) -> Bool {
        failures += 1
        guard failures >= tolerance else { return false }
        closedAgainAt = now + backoff.delay(afterAttempt: failures - tolerance + 1, jitter: jitter)
        return true
    }
}
