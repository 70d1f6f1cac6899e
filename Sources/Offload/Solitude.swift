/// When a worker takes rows of which one may have killed its worker twice: each by itself, and nothing beside it.
///
/// Innocent rows are among them, all that were in flight then. So they are done one by one, in turns with all others,
/// half of the time at most while there are others.
package struct Solitude: Sendable {
    package var turn: Duration = .seconds(1)

    private var areWaiting = false
    private var turnBegan: Duration?
    private var restsUntil: Duration = .zero

    package init() {}

    /// Whether the next claim may give such a row.
    package func isAlone(inFlight: Int, now: Duration) -> Bool { inFlight == 0 && now >= restsUntil }

    /// Whether such rows wait, and what is in flight is to be finished for them before anything else is claimed.
    package func isDue(now: Duration) -> Bool { areWaiting && now >= restsUntil }

    /// What a claim said that gave other rows, be it in their turn: somebody else is at them then.
    package mutating func claimed(whileTheyWait areWaiting: Bool, inTheirTurn: Bool, now: Duration) {
        self.areWaiting = areWaiting
        turnBegan = nil
        if areWaiting, inTheirTurn { restsUntil = now + turn }
    }

    /// One of them was taken then, and is done now.
    package mutating func took(since begun: Duration, now: Duration) {
        areWaiting = true
        let first = turnBegan ?? begun
        turnBegan = first
        guard now - first >= turn else { return }
        restsUntil = now + (now - first)
        turnBegan = nil
    }

    /// Nothing else was found; true: then it is their turn again at once.
    package mutating func foundNothing(now: Duration) -> Bool {
        guard areWaiting, now < restsUntil else {
            areWaiting = false
            return false
        }
        restsUntil = .zero
        return true
    }
}
