/// Where the claim's scan begins: behind what was done, so that it does not wade through dead tuples.
///
/// Jobs may be committed late, with ids below the mark: now and then the scan begins from the start.
package struct LowWaterMark: Sendable {
    package var fullScanEvery: Duration = .seconds(2)

    private var mark: Int64 = 0
    private var nextFullScan: Duration = .zero

    package init() {}

    package mutating func next(now: Duration) -> Int64 {
        guard now >= nextFullScan else { return mark }
        nextFullScan = now + fullScanEvery
        return 0
    }

    /// What the claim gave. An empty answer to a scan from the mark is no proof that nothing waits below it.
    package mutating func claimed(lowestID: Int64?, from start: Int64) -> Bool {
        if let lowestID {
            mark = start == 0 ? lowestID : max(mark, lowestID)
            return true
        }
        guard start > 0 else { return false }
        nextFullScan = .zero
        return true
    }
}
