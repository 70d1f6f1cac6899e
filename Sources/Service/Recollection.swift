/// Gathers the questions for single sources, of rows that are looked at side by side, into one for many: those that come
/// while an answer is awaited go together with the next.
actor Recollection {
    private struct Question {
        var hash: [UInt8]
        var answer: CheckedContinuation<Queue.Memory?, any Error>
    }

    private var questions: [Int32: [Question]] = [:]
    private var asking: Set<Int32> = []

    /// `ask` answers for those of the hashes of which something is known; of equal columns it must do the same.
    func memory(
        of hash: [UInt8], in column: Int32,
        ask: @escaping @Sendable ([[UInt8]]) async throws -> [[UInt8]: Queue.Memory]
    ) async throws -> Queue.Memory? {
        try await withCheckedThrowingContinuation { continuation in
            questions[column, default: []].append(Question(hash: hash, answer: continuation))
            if asking.insert(column).inserted { Task { await self.answer(column, ask) } }
        }
    }

    private func answer(_ column: Int32, _ ask: @Sendable ([[UInt8]]) async throws -> [[UInt8]: Queue.Memory]) async {
        while let asked = questions.removeValue(forKey: column) {
            do {
                let memories = try await ask(Array(Set(asked.map(\.hash))))
                for question in asked { question.answer.resume(returning: memories[question.hash]) }
            } catch {
                for question in asked { question.answer.resume(throwing: error) }
            }
        }
        asking.remove(column)
    }
}
