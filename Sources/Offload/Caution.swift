/// Whether a claim may look at rows at once, before an attempt is counted for them.
///
/// Where that came to nothing, one of the rows may be the reason, and would be again. Then claims count first for a time:
/// what is met again is held, found by halves of its batch, and given up after its last attempt.
package struct Caution: Sendable {
    package let lasts: Duration

    private var until: Duration = .zero

    package init(lasts: Duration) { self.lasts = lasts }

    package func looksAtOnce(now: Duration) -> Bool { now >= until }

    package mutating func failed(now: Duration) { until = now + lasts }
}
