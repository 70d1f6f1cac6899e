import Synchronization

/// Stops the work on an image from another thread.
package final class Cancellation: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// Asked between two pieces of work whether to go on.
final class Watch {
    private let deadline: ContinuousClock.Instant?
    private let timeLimit: Duration?
    private let cancellation: Cancellation?

    init(timeLimit: Duration?, cancellation: Cancellation?) {
        self.timeLimit = timeLimit
        self.deadline = timeLimit.map { ContinuousClock.now.advanced(by: $0) }
        self.cancellation = cancellation
    }

    var mayContinue: Bool { refusal == nil }

    func check() throws(Refusal) {
        if let refusal { throw refusal }
    }

    var refusal: Refusal? {
        if let cancellation, cancellation.isCancelled { return Refusal(.cancelled, "the work was cancelled") }
        if let deadline, let timeLimit, ContinuousClock.now >= deadline {
            return Refusal(.timeLimit, "it took longer than \(timeLimit)")
        }
        return nil
    }
}
