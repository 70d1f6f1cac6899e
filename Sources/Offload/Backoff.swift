/// How long a job that failed waits before it is tried again.
///
/// The delay doubles with each attempt up to `limit`; jitter spreads jobs that failed together, so that a store which
/// comes back is not met by all of them at once.
package struct Backoff: Sendable, Equatable {
    package var base: Duration
    package var limit: Duration

    package init(base: Duration = .seconds(2), limit: Duration = .seconds(3600)) {
        self.base = base
        self.limit = limit
    }

    /// The delay after the given attempt (the first is 1). `jitter` lies in 0..<1 and is the caller's to draw.
    package func delay(afterAttempt attempt: Int, jitter: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        let full = min(base * (1 << doublings), limit)
        return full * (0.5 + jitter / 2)
    }
}
