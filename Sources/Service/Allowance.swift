/// A budget that many share: bytes of memory, cores, uploads. Who asks for more than is left waits, in order.
package actor Allowance {
    private struct Waiter {
        var amount: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private let total: Int
    private var left: Int
    private var waiters: [Waiter] = []

    package init(_ total: Int) {
        self.total = total
        left = total
    }

    /// Runs the body with so much of the budget. More than the whole counts as the whole: it then runs alone.
    package nonisolated(nonsending) func using<Answer>(
        _ amount: Int, _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        let taken = await take(amount)
        do {
            let answer = try await body()
            await giveBack(taken)
            return answer
        } catch {
            await giveBack(taken)
            throw error
        }
    }

    package func take(_ amount: Int) async -> Int {
        let amount = min(max(amount, 0), total)
        if waiters.isEmpty, left >= amount {
            left -= amount
        } else {
            await withCheckedContinuation { waiters.append(Waiter(amount: amount, continuation: $0)) }
        }
        return amount
    }

    package func giveBack(_ amount: Int) {
        left += amount
        while let first = waiters.first, left >= first.amount {
            left -= first.amount
            waiters.removeFirst().continuation.resume()
        }
    }
}
