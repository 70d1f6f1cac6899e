/// Where the claim's scan begins: behind what was done, so that it does not wade through dead tuples.
///
/// Jobs may be committed late, with ids below the mark: now and then the scan begins from the start.
package struct LowWaterMark: Sendable {
    package var fullScanEvery: Duration = .seconds(2)

    private var mark: Int64 = 0
    private var nextFullScan: Duration = .zero

    package init() {}

    /// - Parameter others: How many rows claims that are not answered yet may take: they take the next ones.
    package mutating func next(now: Duration, beside others: Int = 0) -> Int64 {
        guard now >= nextFullScan else { return mark == 0 ? 0 : mark + Int64(others) }
        nextFullScan = now + fullScanEvery
        return 0
    }

    /// What the claim gave. Of a full one nothing is left behind its last, but what somebody held; of another there may
    /// be. An empty answer to a scan from the mark is no proof that nothing waits below it.
    package mutating func claimed(_ ids: ClosedRange<Int64>?, isFull: Bool, from start: Int64) -> Bool {
        if let ids {
            let reached = isFull ? ids.upperBound : ids.lowerBound
            mark = start == 0 ? reached : max(mark, reached)
            return true
        }
        guard start > 0 else { return false }
        nextFullScan = .zero
        return true
    }
}
