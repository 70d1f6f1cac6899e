private import Glibc

/// Tells the supervisor that started this process, systemd for one, how it fares. Without one nothing happens.
package enum Supervisor {
    /// It works now: what was ordered after it may begin.
    package static func isReady(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// What `systemctl status` shows.
    package static func show(_ status: String) { send("STATUS=\(status)") }

    /// It is alive; a supervisor that does not hear this often enough restarts it.
    package static func isAlive() { send("WATCHDOG=1") }

    package static func isStopping() { send("STOPPING=1") }

    /// How often the supervisor wants to hear `isAlive` at the least; nil: never.
    package static var patience: Duration? {
        guard let text = environment("WATCHDOG_USEC"), let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        if let process = environment("WATCHDOG_PID"), process != "\(getpid())" { return nil }
        return .microseconds(microseconds)
    }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    private static func send(_ message: String) {
        guard let path = environment("NOTIFY_SOCKET"), let first = path.utf8.first else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        // An @ stands for the zero byte that an abstract name begins with.
        if first == UInt8(ascii: "@") { name[0] = 0 }
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
