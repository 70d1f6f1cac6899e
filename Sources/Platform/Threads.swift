private import Glibc
private import Synchronization

/// Threads of our own, for what blocks or computes long: the cooperative pool has only as many as there are cores.
package enum Threads {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package static func start(_ body: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, context)
        precondition(status == 0, "no thread could be started")

        pthread_detach(thread)
    }
}

/// A fixed number of threads that take pieces of work in the order they come.
@safe package final class ThreadPool: Sendable {
    private let work = Mutex<[@Sendable () -> Void]>([])
    // Made once and never freed: the threads live as long as the process. A semaphore is made for many threads.
    nonisolated(unsafe) private let available: UnsafeMutablePointer<sem_t>

    package init(count: Int) {
        unsafe available = .allocate(capacity: 1)
        unsafe sem_init(available, 0, 0)
        for _ in 0..<count {
            Threads.start { [self] in serve() }
        }
    }

    /// Runs the body on one of the threads.
    package func run<Answer: Sendable, Failure: Error>(
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
