private import CCurl
private import CLinux
private import Glibc

/// Waits for the sockets and the timer that curl names, and for the engine's bell.
///
/// Curl is told which of its sockets is ready, so that what a wake costs does not grow with the transfers under way.
/// The engine's thread alone touches it.
@safe final class SocketWatch {
    private let bell: Int32
    private let epoll: Int32
    private var watched: Set<Int32> = []
    /// When curl wants to be called without any socket being ready.
    private var timer: ContinuousClock.Instant?
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
    private var eventCount = 0

    init(bell: Int32) {
        self.bell = bell
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(epoll >= 0, "no epoll descriptor for HTTP")
        // Told of each ringing once, it need not be silenced.
        change(bell, EPOLL_CTL_ADD, EPOLLIN.rawValue | EPOLLET.rawValue)
    }

    deinit {
        close(epoll)
    }

    /// Makes curl name its sockets here. The multi handle must not outlive this.
    func attach(to multi: UnsafeMutableRawPointer?) {
        unsafe curl_multi_set_watch(multi, nameSocket, nameTime, Unmanaged.passUnretained(self).toOpaque())
    }

    // MARK: What curl asks for

    func watch(_ socket: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            if watched.remove(socket) != nil { change(socket, EPOLL_CTL_DEL, 0) }
            return
        }
        var wanted: UInt32 = 0
        if what & CURL_POLL_IN != 0 { wanted |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { wanted |= EPOLLOUT.rawValue }
        let isNew = watched.insert(socket).inserted
        if !change(socket, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, wanted) {
            // A socket that was closed without a word leaves its number to another one.
            change(socket, isNew ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, wanted)
        }
    }

    func setTimer(milliseconds: Int) {
        timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }

    @discardableResult
    private func change(_ socket: Int32, _ operation: Int32, _ wanted: UInt32) -> Bool {
        var event = unsafe epoll_event(events: wanted, data: epoll_data_t(fd: socket))
        return unsafe epoll_ctl(epoll, operation, socket, &event) == 0
    }

    // MARK: Waiting and acting

    /// Waits until a socket is ready, the bell rings, curl's timer is due or the deadline passes; without a deadline
    /// only looks.
    func wait(until deadline: ContinuousClock.Instant?) {
        var timeout: Int32 = 0
        if let deadline {
            let left = min(deadline, timer ?? deadline) - ContinuousClock.now
            // Rounded up: a wait that ends early would look again at once, many times.
            timeout = left <= .zero ? 0 : Int32(clamping: left.milliseconds + 1)
        }
        let count = unsafe events.withUnsafeMutableBufferPointer {
            unsafe epoll_wait(epoll, $0.baseAddress, Int32($0.count), timeout)
        }
        eventCount = max(0, Int(count))
    }

    func actOnEvents(_ multi: UnsafeMutableRawPointer?) {
        for index in 0..<eventCount {
            let event = unsafe events[index]
            let (socket, events) = unsafe (event.data.fd, event.events)
            if socket == bell { continue }
            var ready: Int32 = 0
            if events & EPOLLIN.rawValue != 0 { ready |= CURL_CSELECT_IN }
            if events & EPOLLOUT.rawValue != 0 { ready |= CURL_CSELECT_OUT }
            if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { ready |= CURL_CSELECT_ERR }
            var count: Int32 = 0
            _ = unsafe curl_multi_socket_action(multi, socket, ready, &count)
        }
        eventCount = 0
    }

    func actOnTimer(_ multi: UnsafeMutableRawPointer?) {
        guard let due = timer, due <= .now else { return }
        timer = nil
        var count: Int32 = 0
        _ = unsafe curl_multi_socket_action(multi, curl_no_socket, 0, &count)
    }
}

extension Duration {
    var milliseconds: Int {
        Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}

// MARK: Curl's callbacks

private let nameSocket: curl_socket_callback = { _, socket, what, context, _ in
    guard let context = unsafe context else { return -1 }
    unsafe Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
    return 0
}

private let nameTime: curl_multi_timer_callback = { _, milliseconds, context in
    guard let context = unsafe context else { return -1 }
    unsafe Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds: milliseconds)
    return 0
}
