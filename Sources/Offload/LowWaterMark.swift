/// Where the claim's scan begins: at the mark, behind what was done, so that it does not wade through dead tuples.
///
/// Jobs may be committed late, with ids below the mark: now and then the scan begins from the start. That costs next to
/// nothing, unless a transaction that appended jobs stays open for long: the start cannot move beyond its ids, and what
/// was done since stays between the two.
package struct LowWaterMark: Sendable {
    package enum Place: Sendable, Equatable {
        case start
        /// No id below this, nor below the mark that all workers share.
        case mark(Int64)
    }

    package var fullScanEvery: Duration = .seconds(2)
    /// Where two scans from the start in a row take longer, they are made when they are due, and at no other time.
    package var dear: Duration = .milliseconds(200)
    /// Of all the time, a tenth at most goes into scans from the start that find nothing.
    package var pause = 10

    /// Whether the last answer was that nothing waits anywhere.
    package private(set) var isCertain = false
    /// Whether the last scan from the start came to no end.
    package private(set) var hasFailed = false

    package var isDear: Bool { takes > dear }

    private var mark: Int64 = 0
    private var nextFullScan: Duration = .zero
    /// The quicker of the last two that found nothing: one alone may have waited for something else.
    private var takes: Duration = .zero
    private var lastTook: Duration = .zero

    package init() {}

    package mutating func next(now: Duration) -> Place {
        guard now >= nextFullScan else { return .mark(mark) }
        nextFullScan = now + fullScanEvery
        return .start
    }

    /// The next scan is from the start, however long that takes.
    package mutating func lookAtAll() { nextFullScan = .zero }

    /// What the claim gave; true: look again, for an empty answer to a scan from the mark is no proof that nothing waits
    /// below it. `took`: how long the answer took.
    package mutating func claimed(lowestID: Int64?, from place: Place, took: Duration, now: Duration) -> Bool {
        if place == .start {
            hasFailed = false
            nextFullScan = now + max(fullScanEvery, took * pause)
            // Who found something did not only look.
            if lowestID == nil { (takes, lastTook) = (min(took, lastTook), took) }
        }
        isCertain = lowestID == nil && place == .start
        if let lowestID {
            mark = place == .start ? lowestID : max(mark, lowestID)
            return false
        }
        guard place != .start, !isDear else { return false }
        nextFullScan = .zero
        return true
    }

    /// No answer came in time. From the start, that says nothing of what lies behind the mark.
    package mutating func failed(from place: Place, took: Duration, now: Duration) {
        isCertain = false
        guard place == .start else {
            // What it chose, and what was taken back, lies below the mark now.
            if !isDear { nextFullScan = .zero }
            return
        }
        hasFailed = true
        (takes, lastTook) = (took, took)
        nextFullScan = now + max(fullScanEvery, took * pause)
    }
}
