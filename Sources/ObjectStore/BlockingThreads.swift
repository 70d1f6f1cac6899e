private import Glibc
private import Synchronization

/// A few threads for calls that wait for a disk, so that they never hold up the cooperative pool.
@safe final class BlockingThreads: Sendable {
    static let shared = BlockingThreads(count: 4)

    private let work = Mutex<[@Sendable () -> Void]>([])
    // Made once and never freed: the threads live as long as the process. A semaphore is made for many threads.
    nonisolated(unsafe) private let available: UnsafeMutablePointer<sem_t>

    init(count: Int) {
        unsafe available = .allocate(capacity: 1)
        unsafe sem_init(available, 0, 0)
        for _ in 0..<count {
            let context = unsafe Unmanaged.passRetained(self).toOpaque()
            var thread = pthread_t()
            let status = unsafe pthread_create(
                &thread, nil,
                { context in
                    if let context = unsafe context {
                        unsafe Unmanaged<BlockingThreads>.fromOpaque(context).takeRetainedValue().serve()
                    }
                    return nil
                }, context)
            precondition(status == 0, "no thread for the disk")
            pthread_detach(thread)
        }
    }

    /// Runs the body on one of the threads.
    func run<Answer: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        let result: Result<Answer, Failure> = await withCheckedContinuation { continuation in
            work.withLock { work in
                work.append {
                    do throws(Failure) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            }
            unsafe sem_post(available)
        }
        return try result.get()
    }

    private func serve() {
        while true {
            while unsafe sem_wait(available) != 0 {}
            let next = work.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            next?()
        }
    }
}
