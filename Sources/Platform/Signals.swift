private import CLinux
private import Glibc
private import Synchronization

/// Hears signals on a thread of its own, where any code may run, and not in a handler, where hardly any may.
package enum Signals {
    package enum Name: Int32, Sendable {
        case interrupt = 2
        case terminate = 15
        case hangUp = 1
    }

    /// Calls `body` for each of the signals from now on. To be called on the main thread before any other begins:
    /// they inherit that the signals do not interrupt them.
    package static func hear(_ names: [Name], _ body: @escaping @Sendable (Name) -> Void) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for name in names {
            unsafe sigaddset(&set, name.rawValue)
        }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
        precondition(descriptor >= 0, "signals cannot be heard")
        Threads.start {
            var event = signalfd_siginfo()
            while true {
                let size = MemoryLayout<signalfd_siginfo>.size
                let count = unsafe read(descriptor, &event, size)
                if count == size, let name = Name(rawValue: Int32(event.ssi_signo)) { body(name) }
            }
        }
    }
}
