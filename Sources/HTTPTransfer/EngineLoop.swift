private import CCurl
private import CLinux
private import Glibc

/// What the engine's thread knows and does.
@safe struct EngineLoop: ~Copyable {
    private let multi: UnsafeMutableRawPointer?
    private let settings: HTTPClient.Settings
    private let sockets: SocketWatch
    private var running: [UInt64: EasyHandle] = [:]
    private var waiting: [Transfer] = []
    /// Handles that keep their settings and buffers for the next request.
    private var spare: [EasyHandle] = []
    private var nextStallLook = ContinuousClock.now
    private var isStopping = false

    private static let isCurlReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Curl allocates its buffers for each transfer. What they were in is kept, so that their pages are not cleared each
    /// time; blocks as large as a part of an upload go back to the system at once. (Codecs set the same.)
    private static let isFreedMemoryKept: Bool = {
        let threshold = mallopt(M_MMAP_THRESHOLD, 8 << 20)
        let trim = mallopt(M_TRIM_THRESHOLD, 16 << 20)
        let pad = mallopt(M_TOP_PAD, 1 << 20)
        return threshold != 0 && trim != 0 && pad != 0
    }()

    /// - Parameter bell: readable when there are commands for a loop that sleeps.
    init(settings: HTTPClient.Settings, bell: Int32) {
        precondition(Self.isCurlReady, "curl cannot be initialised")
        _ = Self.isFreedMemoryKept
        self.settings = settings
        unsafe multi = curl_multi_init()
        sockets = SocketWatch(bell: bell)
        _ = unsafe curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.concurrency)
        unsafe sockets.attach(to: multi)
    }

    deinit {
        _ = unsafe curl_multi_cleanup(multi)
    }

    mutating func run(_ engine: Engine) {
        while true {
            for command in engine.takeCommands() { obey(command, engine) }
            while running.count < settings.concurrency, !waiting.isEmpty { begin(waiting.removeFirst(), engine) }
            unsafe sockets.actOnTimer(multi)
            let hasEnded = collect()
            // A place has become free for one that waits.
            if lookForStalls() || hasEnded, !waiting.isEmpty { continue }
            if isStopping, running.isEmpty, waiting.isEmpty { return }
            sockets.wait(until: engine.dozes() ? nextStallLook : nil)
            engine.wakes()
            unsafe sockets.actOnEvents(multi)
        }
    }

    private mutating func obey(_ command: Engine.Command, _ engine: Engine) {
        switch command {
        case .begin(let transfer):
            waiting.append(transfer)
        case .cancel(let identifier):
            if let index = waiting.firstIndex(where: { $0.identifier == identifier }) {
                waiting.remove(at: index).finish(.failure(.cancelled))
            } else {
                end(identifier, .failure(.cancelled))
            }
        case .piece(let identifier, let result):
            guard let handle = running[identifier] else { return }
            handle.transfer?.take(result)
            unsafe curl_easy_pause(handle.easy, CURLPAUSE_CONT)
        case .stop:
            isStopping = true
        }
    }

    private mutating func begin(_ transfer: Transfer, _ engine: Engine) {
        guard let handle = spare.popLast() ?? EasyHandle(settings) else {
            transfer.finish(.failure(.invalidRequest("out of memory")))
            return
        }
        if case .stream = transfer.body {
            let identifier = transfer.identifier
            transfer.deliver = { result in engine.post(.piece(identifier, result)) }
        }
        handle.prepare(for: transfer, stallTimeout: transfer.request.stallTimeout ?? settings.stallTimeout)
        nextStallLook = min(nextStallLook, handle.stallWatch.nextLook)
        running[transfer.identifier] = handle
        let status = unsafe curl_multi_add_handle(multi, handle.easy)
        if status != CURLM_OK {
            end(transfer.identifier, .failure(.invalidRequest("curl refuses the transfer (\(status.rawValue))")))
        }
    }

    /// Takes the transfers that have ended. Whether there were any.
    private mutating func collect() -> Bool {
        var left: Int32 = 0
        var hasEnded = false
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let code = unsafe curl_message_result(message)
            guard let handle = unsafe EasyHandle.of(message.pointee.easy_handle), let transfer = handle.transfer else {
                continue
            }
            hasEnded = true
            if handle.foundDeadConnection(code), transfer.canBeginAnew {
                // It takes another of those that were kept, or a new one: each of them that is dead is met once.
                _ = unsafe curl_multi_remove_handle(multi, handle.easy)
                _ = unsafe curl_multi_add_handle(multi, handle.easy)
            } else if code == CURLE_OK, !transfer.hasHead {
                end(transfer.identifier, .failure(.reset("the answer ends in the middle of its head")))
            } else if code == CURLE_OK {
                transfer.prepareEmptyFile()
                end(transfer.identifier, .success(()))
            } else {
                end(transfer.identifier, .failure(transfer.failure ?? handle.explain(code)))
            }
        }
        return hasEnded
    }

    /// Ends what has stalled. Whether there was anything.
    private mutating func lookForStalls() -> Bool {
        let now = ContinuousClock.now
        guard nextStallLook <= now else { return false }
        nextStallLook = now + .seconds(60)
        var hasEnded = false
        for (identifier, handle) in running {
            if handle.stallWatch.nextLook <= now, handle.hasStalled(at: now) {
                end(identifier, .failure(.timedOut(handle.isConnected ? .stall : .connect)))
                hasEnded = true
            } else {
                nextStallLook = min(nextStallLook, handle.stallWatch.nextLook)
            }
        }
        return hasEnded
    }

    private mutating func end(_ identifier: UInt64, _ outcome: Result<Void, TransferError>) {
        guard let handle = running.removeValue(forKey: identifier), let transfer = handle.transfer else { return }
        _ = unsafe curl_multi_remove_handle(multi, handle.easy)
        handle.transfer = nil
        if case .success = outcome, spare.count < 16 { spare.append(handle) }
        transfer.finish(outcome)
    }
}
