private import CLinux
private import Glibc
private import Synchronization

/// A thread that runs one connection's code and waits for its socket, so that libpq never blocks the cooperative pool.
///
/// One loop a connection: a name lookup that hangs, or a result of a gigabyte that is being read, holds up nobody else.
@safe final class EventLoop: SerialExecutor, Sendable {
    enum Outcome {
        case ready
        case timedOut
        case interrupted
    }

    private struct Shared {
        var jobs: [UnownedJob] = []
        var isInterrupted = false
        var isStopping = false
    }

    private struct Watch {
        var socket: Int32
        var events: Int16
        var deadline: ContinuousClock.Instant?
        var continuation: CheckedContinuation<Outcome, Never>
    }

    private let shared = Mutex(Shared())
    private let bell: Int32
    // Touched by the loop's own thread alone.
    nonisolated(unsafe) private var watch: Watch?
    // Written once, in `start`, before the loop is given to anyone who could enqueue.
    nonisolated(unsafe) private var thread = pthread_t()

    init() {
        bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    }

    deinit {
        Glibc.close(bell)
    }

    /// Starts the thread, which keeps the loop alive until `stop`.
    func start() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var identifier = pthread_t()
        let status = unsafe pthread_create(
            &identifier, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, context)
        precondition(status == 0, "no thread for a database connection")
        unsafe thread = identifier
        pthread_detach(identifier)
    }

    /// Lets the thread end. Nothing may be enqueued afterwards.
    func stop() {
        shared.withLock { $0.isStopping = true }
        ring()
    }

    /// Ends the current or the next wait early.
    func interrupt() {
        shared.withLock { $0.isInterrupted = true }
        ring()
    }

    /// Forgets an interruption that came too late to matter.
    func clearInterrupt() {
        shared.withLock { $0.isInterrupted = false }
    }

    /// Waits until the socket (none: -1) has one of the events. To be called on the loop, by one caller at a time.
    func wait(
        _ socket: Int32, _ events: Int16, until deadline: ContinuousClock.Instant?, isolation: isolated any Actor
    ) async -> Outcome {
        await withCheckedContinuation(isolation: isolation) { continuation in
            unsafe watch = Watch(socket: socket, events: events, deadline: deadline, continuation: continuation)
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = shared.withLock { shared in
            shared.jobs.append(job)
            return shared.jobs.count == 1
        }
        // The thread itself looks for jobs before it sleeps.
        if isFirst, unsafe pthread_equal(thread, pthread_self()) == 0 { ring() }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() {
        precondition(unsafe pthread_equal(thread, pthread_self()) != 0, "not on the connection's thread")
    }

    private func ring() {
        var one: UInt64 = 1
        unsafe withUnsafeBytes(of: &one) { _ = unsafe write(bell, $0.baseAddress, 8) }
    }

    private func silence() {
        var count: UInt64 = 0
        unsafe withUnsafeMutableBytes(of: &count) { _ = unsafe read(bell, $0.baseAddress, 8) }
    }

    private func run() {
        var jobs: [UnownedJob] = []
        while true {
            let (isInterrupted, isStopping) = shared.withLock { shared in
                swap(&jobs, &shared.jobs)
                defer { if unsafe watch != nil { shared.isInterrupted = false } }
                return (shared.isInterrupted, shared.isStopping)
            }
            let interrupted = unsafe isInterrupted ? watch : nil
            if let interrupted {
                unsafe watch = nil
                interrupted.continuation.resume(returning: .interrupted)
            }
            for job in jobs {
                unsafe job.runSynchronously(on: asUnownedSerialExecutor())
            }
            guard jobs.isEmpty, interrupted == nil else {
                jobs.removeAll(keepingCapacity: true)
                continue
            }
            if isStopping { return }
            pause()
        }
    }

    /// Sleeps until the bell rings, the watched socket is ready or its deadline passes.
    private func pause() {
        var polled = [
            pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            unsafe pollfd(fd: watch?.socket ?? -1, events: watch?.events ?? 0, revents: 0),
        ]
        var timeout: Int32 = -1
        if let deadline = unsafe watch?.deadline {
            let left = deadline - ContinuousClock.now
            // Rounded up: a wait that ends early would poll again at once, many times.
            timeout = left <= .zero ? 0 : Int32(clamping: left.components.seconds &* 1000 &+ left.milliseconds)
        }
        let count = unsafe poll(&polled, 2, timeout)
        if polled[0].revents != 0 { silence() }
        guard let watch = unsafe watch else { return }
        if polled[1].revents != 0 {
            unsafe self.watch = nil
            watch.continuation.resume(returning: .ready)
        } else if count == 0, let deadline = watch.deadline, ContinuousClock.now >= deadline {
            unsafe self.watch = nil
            watch.continuation.resume(returning: .timedOut)
        }
    }
}

extension Duration {
    /// The milliseconds beyond whole seconds, rounded up.
    fileprivate var milliseconds: Int64 { (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000 }
}
