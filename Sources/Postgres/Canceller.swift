private import CLibPQ
private import Glibc
private import Synchronization

/// Sends cancel requests for one connection. `PQcancel` blocks, and therefore runs on a thread of its own.
@safe final class Canceller: Sendable {
    private struct State {
        var ticket: Ticket?
        var isRunning = false
    }

    private let state = Mutex(State())

    var isRunning: Bool { state.withLock { $0.isRunning } }

    func arm(_ ticket: Ticket?) {
        state.withLock { $0.ticket = ticket }
    }

    func disarm() {
        state.withLock { $0.ticket = nil }
    }

    /// Sends a request unless one is on its way, and calls `done` from another thread at its end.
    func start(_ done: @escaping @Sendable () -> Void) {
        let ticket = state.withLock { state -> Ticket? in
            guard !state.isRunning, let ticket = state.ticket else { return nil }
            state.isRunning = true
            return ticket
        }
        guard let ticket else { return done() }
        onThread {
            ticket.cancel()
            self.state.withLock { $0.isRunning = false }
            done()
        }
    }

    func cancel() async {
        await withCheckedContinuation { continuation in
            start { continuation.resume() }
        }
    }

    /// What a cancel request needs to know. libpq lets any thread use it, also after the connection's end.
    @safe final class Ticket: Sendable {
        nonisolated(unsafe) private let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) {
            unsafe self.pointer = pointer
        }

        deinit {
            unsafe PQfreeCancel(pointer)
        }

        func cancel() {
            var message = [CChar](repeating: 0, count: 256)
            _ = unsafe PQcancel(pointer, &message, 256)
        }
    }
}

/// Runs the work on a new thread.
private func onThread(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    let context = unsafe Unmanaged.passRetained(Box(work)).toOpaque()
    var thread = pthread_t()
    let status = unsafe pthread_create(
        &thread, nil,
        { context in
            if let context = unsafe context {
                unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work()
            }
            return nil
        }, context)
    precondition(status == 0, "no thread for a cancel request")
    pthread_detach(thread)
}
