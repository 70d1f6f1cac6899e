private import CLinux
private import Glibc
private import Synchronization

/// The thread that runs curl's multi interface, and the way to it.
@safe final class Engine: Sendable {
    enum Command: Sendable {
        case begin(Transfer)
        case cancel(UInt64)
        case piece(UInt64, Result<[UInt8], any Error>)
        case stop
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Whether the thread sleeps, or is about to, and has to be woken for what comes.
        var isDozing = false
    }

    private let settings: HTTPClient.Settings
    private let inbox = Mutex(Inbox())
    private let identifiers = Atomic<UInt64>(0)
    private let bell: Int32

    init(_ settings: HTTPClient.Settings) {
        self.settings = settings
        bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(bell >= 0, "no event descriptor for HTTP")
    }

    deinit {
        close(bell)
    }

    func nextIdentifier() -> UInt64 {
        identifiers.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func post(_ command: Command) {
        let mustRing = inbox.withLock { inbox in
            inbox.commands.append(command)
            defer { inbox.isDozing = false }
            return inbox.isDozing
        }
        guard mustRing else { return }
        var one: UInt64 = 1
        unsafe withUnsafeBytes(of: &one) { _ = unsafe write(bell, $0.baseAddress, 8) }
    }

    /// Starts the thread, which keeps the engine alive until `stop`.
    func start() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    let engine = unsafe Unmanaged<Engine>.fromOpaque(context).takeRetainedValue()
                    var loop = EngineLoop(settings: engine.settings, bell: engine.bell)
                    loop.run(engine)
                }
                return nil
            }, context)
        precondition(status == 0, "no thread for HTTP")
        pthread_detach(thread)
    }

    // MARK: For the thread

    func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return inbox.commands
        }
    }

    /// Whether the thread may sleep: from now on the next command rings the bell.
    func dozes() -> Bool {
        inbox.withLock { inbox in
            inbox.isDozing = inbox.commands.isEmpty
            return inbox.isDozing
        }
    }

    func wakes() {
        inbox.withLock { $0.isDozing = false }
    }
}
