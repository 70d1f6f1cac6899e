/// Keeps a store that is down from being asked for every row: after repeated failure it is left alone for a while. Once
/// that is over one probe goes ahead, and the rest wait for what becomes of it.
package struct Circuit: Sendable, Equatable {
    /// Failures in a row after which it opens.
    package var tolerance = 3
    package var backoff = Backoff(base: .seconds(2), limit: .seconds(60))

    package private(set) var failures = 0
    private var closedAgainAt: Duration?

    /// The upload that goes ahead; the others wait for it.
    private var probe: Int?
    private var probes = 0

    package enum Admission: Sendable, Equatable {
        case open
        case probe(Int)
        case awaitProbe
        case closed
    }

    package init() {}

    /// Whether somebody may ask the store now. Who is let through as a probe must tell what became of it.
    package mutating func admit(now: Duration) -> Admission {
        guard let closedAgainAt else { return .open }
        guard now >= closedAgainAt else { return .closed }
        guard probe == nil else { return .awaitProbe }
        probes += 1
        probe = probes
        return .probe(probes)
    }

    /// The probe came to nothing, without a word on the store: the next one goes ahead. False: it was another.
    package mutating func gaveUp(_ number: Int) -> Bool {
        guard probe == number else { return false }
        probe = nil
        return true
    }

    /// Whether its pause is over. One failure more opens it again, for longer.
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
        probe = nil
    }

    /// True when this failure opened it. What was under way when it opened says nothing new.
    ///
    /// - Parameters:
    ///   - isLasting: it would fail again at once, so that the first one opens it: the credentials are refused.
    ///   - pause: how long the store asked to be left alone.
    package mutating func failed(now: Duration, jitter: Double, isLasting: Bool = false, pause: Duration? = nil) -> Bool
    {
        if probe == nil, !isLasting, let closedAgainAt, now < closedAgainAt { return false }
        failures = isLasting ? max(failures + 1, tolerance) : failures + 1
        guard failures >= tolerance else { return false }
        probe = nil
        let delay = backoff.delay(afterAttempt: failures - tolerance + 1, jitter: jitter)
        closedAgainAt = now + max(delay, pause ?? .zero)
        return true
    }
}
