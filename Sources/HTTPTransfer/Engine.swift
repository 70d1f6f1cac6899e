private import CCurl
private import Glibc
private import Synchronization

/// The thread that runs curl's multi interface. Everything below `run` belongs to it alone.
@safe final class Engine: Sendable {
    enum Command: Sendable {
        case begin(Transfer)
        case cancel(UInt64)
        case piece(UInt64, Result<[UInt8], any Error>)
        case stop
    }

    private let settings: HTTPClient.Settings
    private let commands = Mutex<[Command]>([])
    private let identifiers = Atomic<UInt64>(0)
    // Made in `init` and freed in `deinit`; `curl_multi_wakeup` alone is called from other threads, as curl allows.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?

    private static let isCurlReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ settings: HTTPClient.Settings) {
        precondition(Self.isCurlReady, "curl cannot be initialised")
        self.settings = settings
        unsafe multi = curl_multi_init()
        _ = unsafe curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.concurrency)
    }

    deinit {
        _ = unsafe curl_multi_cleanup(multi)
    }

    func nextIdentifier() -> UInt64 {
        identifiers.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func post(_ command: Command) {
        commands.withLock { $0.append(command) }
        _ = unsafe curl_multi_wakeup(multi)
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
                    var loop = unsafe EngineLoop(multi: engine.multi, settings: engine.settings)
                    loop.run(engine)
                }
                return nil
            }, context)
        precondition(status == 0, "no thread for HTTP")
        pthread_detach(thread)
    }

    func takeCommands() -> [Command] {
        commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}

/// What the engine's thread knows.
@safe private struct EngineLoop: ~Copyable {
    @safe private struct Running {
        let transfer: Transfer
        let easy: UnsafeMutableRawPointer
        let headers: UnsafeMutablePointer<curl_slist>?
        let message: UnsafeMutablePointer<CChar>
        let watch: StallWatch
    }

    /// Notices when nothing moves any more. Curl's own `LOW_SPEED_TIME` averages over seconds and comes late.
    private final class StallWatch {
        let limit: Duration
        var moved: Int64 = 0
        var movedAt: ContinuousClock.Instant
        var nextLook: ContinuousClock.Instant

        init(limit: Duration) {
            self.limit = limit
            movedAt = .now
            nextLook = movedAt + limit / 4
        }

        /// Whether the time is over.
        func look(_ moved: Int64, at now: ContinuousClock.Instant) -> Bool {
            if moved != self.moved {
                self.moved = moved
                movedAt = now
            }
            nextLook = now + limit / 4
            return now - movedAt >= limit
        }
    }

    private let multi: UnsafeMutableRawPointer?
    private let settings: HTTPClient.Settings
    private var running: [UInt64: Running] = [:]
    private var waiting: [Transfer] = []
    /// Handles that keep their buffers for the next request.
    private var spare = unsafe [UnsafeMutableRawPointer]()
    private var isStopping = false

    init(multi: UnsafeMutableRawPointer?, settings: HTTPClient.Settings) {
        unsafe self.multi = multi
        self.settings = settings
    }

    deinit {
        unsafe spare.forEach { unsafe curl_easy_cleanup($0) }
    }

    mutating func run(_ engine: Engine) {
        while true {
            for command in engine.takeCommands() { obey(command, engine) }
            while running.count < settings.concurrency, !waiting.isEmpty {
                begin(waiting.removeFirst(), engine)
            }
            var count: Int32 = 0
            _ = unsafe curl_multi_perform(multi, &count)
            let hasEnded = collect()
            if hasEnded, !waiting.isEmpty { continue }
            if isStopping, running.isEmpty, waiting.isEmpty { return }
            _ = unsafe curl_multi_poll(multi, nil, 0, lookForStalls(), nil)
        }
    }

    /// Ends what has stalled, and gives the milliseconds until the next look.
    private mutating func lookForStalls() -> Int32 {
        let now = ContinuousClock.now
        var next = now + .seconds(60)
        var hasEnded = false
        for (identifier, entry) in running {
            let watch = entry.watch
            if watch.nextLook <= now {
                var sent: curl_off_t = 0
                var received: curl_off_t = 0
                _ = unsafe curl_get_offset(entry.easy, CURLINFO_SIZE_UPLOAD_T, &sent)
                _ = unsafe curl_get_offset(entry.easy, CURLINFO_SIZE_DOWNLOAD_T, &received)
                // A source that takes its time is not the network's fault.
                if entry.transfer.isWaitingForSource { watch.movedAt = now }
                if watch.look(Int64(sent + received), at: now) {
                    end(identifier, .failure(unsafe .timedOut(isConnected(entry.easy) ? .stall : .connect)))
                    hasEnded = true
                    continue
                }
            }
            next = min(next, watch.nextLook)
        }
        // A place has become free for one that waits.
        return hasEnded ? 0 : Int32(clamping: (next - now).milliseconds + 1)
    }

    private mutating func obey(_ command: Engine.Command, _ engine: Engine) {
        switch command {
        case .begin(let transfer):
            waiting.append(transfer)
        case .cancel(let identifier):
            if let index = waiting.firstIndex(where: { $0.identifier == identifier }) {
                waiting.remove(at: index).finish(.failure(.cancelled))
            } else if running[identifier] != nil {
                end(identifier, .failure(.cancelled))
            }
        case .piece(let identifier, let result):
            guard let transfer = running[identifier] else { return }
            transfer.transfer.take(result)
            _ = unsafe curl_easy_pause(transfer.easy, CURLPAUSE_CONT)
        case .stop:
            isStopping = true
        }
    }

    private mutating func begin(_ transfer: Transfer, _ engine: Engine) {
        guard let easy = unsafe spare.popLast() ?? curl_easy_init() else {
            transfer.finish(.failure(.invalidRequest("out of memory")))
            return
        }
        let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let headers = unsafe configure(easy, for: transfer, message)
        if case .stream = transfer.body {
            let identifier = transfer.identifier
            transfer.deliver = { result in engine.post(.piece(identifier, result)) }
        }
        running[transfer.identifier] = unsafe Running(
            transfer: transfer, easy: easy, headers: headers, message: message,
            watch: StallWatch(limit: transfer.request.stallTimeout ?? settings.stallTimeout))
        let status = unsafe curl_multi_add_handle(multi, easy)
        if status != CURLM_OK {
            end(transfer.identifier, .failure(.invalidRequest("curl refuses the transfer (\(status.rawValue))")))
        }
    }

    private func configure(
        _ easy: UnsafeMutableRawPointer, for transfer: Transfer, _ message: UnsafeMutablePointer<CChar>
    ) -> UnsafeMutablePointer<curl_slist>? {
        let request = transfer.request
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        func set(_ option: CURLoption, _ value: Int) { _ = unsafe curl_set_long(easy, option, value) }

        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.milliseconds)
        set(CURLOPT_BUFFERSIZE, 131_072)
        _ = unsafe curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = unsafe curl_set_string(easy, CURLOPT_URL, request.url)
        _ = unsafe curl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
        _ = unsafe curl_set_string(easy, CURLOPT_USERAGENT, settings.userAgent)
        if let file = settings.certificateAuthority {
            _ = unsafe curl_set_string(easy, CURLOPT_CAINFO, file)
            _ = unsafe curl_set_pointer(easy, CURLOPT_CAPATH, nil)
        }
        _ = unsafe curl_set_pointer(easy, CURLOPT_PRIVATE, context)
        _ = unsafe curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
        _ = unsafe curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        _ = unsafe curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = unsafe curl_set_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody)
        _ = unsafe curl_set_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeader)

        var names = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if transfer.body.count > 0 || ["PUT", "POST", "PATCH"].contains(request.method) {
            set(CURLOPT_UPLOAD, 1)
            _ = unsafe curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, Int(transfer.body.count))
            _ = unsafe curl_set_pointer(easy, CURLOPT_READDATA, context)
            _ = unsafe curl_set_callback(easy, CURLOPT_READFUNCTION, sendBody)
            _ = unsafe curl_set_pointer(easy, CURLOPT_SEEKDATA, context)
            _ = unsafe curl_set_seek(easy, rewindBody)
            set(CURLOPT_UPLOAD_BUFFERSIZE, transfer.body.count > 1 << 20 ? 1 << 19 : 1 << 16)
            // For a small body the question costs a round trip and the answer saves nothing.
            if transfer.body.count <= 1 << 20 { names.append("Expect:") }
        }
        var list: UnsafeMutablePointer<curl_slist>?
        for name in names { unsafe list = curl_slist_append(list, name) }
        _ = unsafe curl_set_pointer(easy, CURLOPT_HTTPHEADER, list)
        return unsafe list
    }

    /// Takes the transfers that have ended. Whether there were any.
    private mutating func collect() -> Bool {
        var left: Int32 = 0
        var hasEnded = false
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            hasEnded = true
            let code = unsafe curl_message_result(message)
            var context: UnsafeMutableRawPointer?
            _ = unsafe curl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
            guard let context = unsafe context else { continue }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            guard let entry = running[transfer.identifier] else { continue }
            if code == CURLE_OK, !transfer.hasHead {
                end(transfer.identifier, .failure(.reset("the answer ends in the middle of its head")))
            } else if code == CURLE_OK {
                transfer.prepareEmptyFile()
                end(transfer.identifier, .success(()))
            } else {
                end(transfer.identifier, .failure(transfer.failure ?? explain(code, entry)))
            }
        }
        return hasEnded
    }

    private mutating func end(_ identifier: UInt64, _ outcome: Result<Void, TransferError>) {
        guard let entry = running.removeValue(forKey: identifier) else { return }
        _ = unsafe curl_multi_remove_handle(multi, entry.easy)
        unsafe curl_easy_reset(entry.easy)
        if unsafe spare.count < 16 { unsafe spare.append(entry.easy) } else { unsafe curl_easy_cleanup(entry.easy) }
        unsafe curl_slist_free_all(entry.headers)
        unsafe entry.message.deallocate()
        entry.transfer.finish(outcome)
    }

    private func isConnected(_ easy: UnsafeMutableRawPointer) -> Bool {
        var microseconds: curl_off_t = 0
        _ = unsafe curl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
        return microseconds > 0
    }

    private func explain(_ code: CURLcode, _ entry: Running) -> TransferError {
        var reason = unsafe String(cString: entry.message)
        if reason.isEmpty { reason = unsafe String(cString: curl_easy_strerror(code)) }
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .cannotConnect(reason)
        case CURLE_OPERATION_TIMEDOUT:
            return unsafe .timedOut(isConnected(entry.easy) ? .stall : .connect)
        case CURLE_SSL_CONNECT_ERROR:
            // A connection that was cut in the middle of the handshake says nothing about certificates.
            var number = 0
            _ = unsafe curl_get_long(entry.easy, CURLINFO_OS_ERRNO, &number)
            return number == ECONNRESET || number == EPIPE || number == ETIMEDOUT ? .reset(reason) : .tls(reason)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return .tls(reason)
        case CURLE_UNSUPPORTED_PROTOCOL where unsafe isConnected(entry.easy):
            return .notHTTP(reason)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT:
            return .invalidRequest(reason)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            return .notHTTP(reason)
        default:
            return .reset(reason)
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int {
        Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}

// MARK: Curl's callbacks

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private let receiveBody: curl_transfer_callback = { bytes, size, count, context in
    guard let transfer = unsafe transfer(context) else { return 0 }
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe transfer.receive(buffer) ? size * count : 0
}

private let receiveHeader: curl_transfer_callback = { bytes, size, count, context in
    guard let transfer = unsafe transfer(context) else { return 0 }
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    transfer.receiveHeader(unsafe String(decoding: buffer, as: UTF8.self))
    return size * count
}

private let sendBody: curl_transfer_callback = { bytes, size, count, context in
    guard let transfer = unsafe transfer(context), !transfer.hasFailed else { return curl_read_abort }
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return unsafe transfer.read(into: buffer)
}

private let rewindBody: curl_seek_callback = { context, offset, origin in
    guard let transfer = unsafe transfer(context), origin == SEEK_SET, transfer.rewind(to: Int(offset)) else {
        return CURL_SEEKFUNC_CANTSEEK
    }
    return CURL_SEEKFUNC_OK
}
