/// Gathers single questions, of rows that are looked at side by side, into one for many: those that come while an answer
/// is awaited go together with the next.
actor Gathering<Question: Sendable, Answer: Sendable> {
    private struct Asked {
        var question: Question
        var answer: CheckedContinuation<Answer, any Error>
    }

    private struct Miscounted: Error {}

    private var asked: [Asked] = []
    private var isAsking = false

    /// `asking` answers the questions in their order.
    func answer(
        _ question: Question, asking: @escaping @Sendable ([Question]) async throws -> [Answer]
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            asked.append(Asked(question: question, answer: continuation))
            guard !isAsking else { return }
            isAsking = true
            Task { await answerAll(asking) }
        }
    }

    private func answerAll(_ asking: @Sendable ([Question]) async throws -> [Answer]) async {
        while !asked.isEmpty {
            let together = asked
            asked = []
            do {
                let answers = try await asking(together.map(\.question))
                guard answers.count == together.count else { throw Miscounted() }
                for (one, answer) in zip(together, answers) { one.answer.resume(returning: answer) }
            } catch {
                await answerSingly(together, after: error, asking)
            }
        }
        isAsking = false
    }

    /// What fails for one of them is no failure of the others.
    private func answerSingly(
        _ together: [Asked], after error: any Error, _ asking: @Sendable ([Question]) async throws -> [Answer]
    ) async {
        guard together.count > 1 else {
            for one in together { one.answer.resume(throwing: error) }
            return
        }
        for one in together {
            do {
                guard let answer = try await asking([one.question]).first else { throw Miscounted() }
                one.answer.resume(returning: answer)
            } catch {
                one.answer.resume(throwing: error)
            }
        }
    }
}
