import CCurl
private import Glibc

/// One of curl's easy handles: set up once, used for one request after another.
///
/// What all requests have in common is set when it is made, and what differs from the request before, for each. The
/// engine's thread alone touches it.
@safe final class EasyHandle {
    private enum Shape {
        case plain
        case headOnly
        case upload
    }

    private static let downloadBuffer = 1 << 17

    let easy: UnsafeMutableRawPointer
    private let message: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var shape = Shape.plain
    private var method = ""
    private var uploadBuffer = 0
    private var line: [UInt8] = []

    /// The request that it is used for at the moment.
    var transfer: Transfer?
    private(set) var stallWatch = StallWatch(limit: .zero)

    /// Nil without memory.
    init?(_ settings: HTTPClient.Settings) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.easy = easy
        unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.milliseconds)
        set(CURLOPT_BUFFERSIZE, Self.downloadBuffer)
        _ = unsafe curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = unsafe curl_set_string(easy, CURLOPT_USERAGENT, settings.userAgent)
        if let file = settings.certificateAuthority {
            _ = unsafe curl_set_string(easy, CURLOPT_CAINFO, file)
            _ = unsafe curl_set_pointer(easy, CURLOPT_CAPATH, nil)
        }
        for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA] {
            _ = unsafe curl_set_pointer(easy, option, context)
        }
        _ = unsafe curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
        _ = unsafe curl_set_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody)
        _ = unsafe curl_set_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeader)
        _ = unsafe curl_set_callback(easy, CURLOPT_READFUNCTION, sendBody)
        _ = unsafe curl_set_seek(easy, rewindBody)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe message.deallocate()
    }

    /// The handle that one of curl's pointers belongs to.
    static func of(_ easy: UnsafeMutableRawPointer?) -> EasyHandle? {
        var context: UnsafeMutableRawPointer?
        _ = unsafe curl_get_pointer(easy, CURLINFO_PRIVATE, &context)
        return unsafe handle(context)
    }

    // MARK: Before a request

    func prepare(for transfer: Transfer, stallTimeout: Duration) {
        let request = transfer.request
        self.transfer = transfer
        stallWatch = StallWatch(limit: stallTimeout)
        unsafe message.pointee = 0
        _ = unsafe curl_set_string(easy, CURLOPT_URL, request.url)
        let carriesBody = transfer.body.count > 0 || ["PUT", "POST", "PATCH"].contains(request.method)
        take(request.method == "HEAD" ? .headOnly : carriesBody ? .upload : .plain)
        if method != request.method {
            method = request.method
            _ = unsafe curl_set_string(easy, CURLOPT_CUSTOMREQUEST, method)
        }
        if shape == .upload { prepareUpload(of: transfer.body.count) }
        // For a small body the question costs a round trip and the answer saves nothing.
        setHeaders(request.headers, asksFirst: shape != .upload || transfer.body.count > 1 << 20)
    }

    private func take(_ shape: Shape) {
        guard shape != self.shape else { return }
        self.shape = shape
        // Takes back what either of the others says.
        set(CURLOPT_HTTPGET, 1)
        switch shape {
        case .plain: break
        case .headOnly: set(CURLOPT_NOBODY, 1)
        case .upload: set(CURLOPT_UPLOAD, 1)
        }
        // What answers an upload is short.
        set(CURLOPT_BUFFERSIZE, shape == .plain ? Self.downloadBuffer : 1 << 14)
    }

    private func prepareUpload(of count: Int) {
        _ = unsafe curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, count)
        // A buffer of another size is allocated anew. Larger ones save calls here for small bodies, and were found to cost
        // a server more than that.
        let size = count > 1 << 20 ? 1 << 19 : 1 << 16
        if size != uploadBuffer {
            uploadBuffer = size
            set(CURLOPT_UPLOAD_BUFFERSIZE, size)
        }
    }

    private func setHeaders(_ headers: [(name: String, value: String)], asksFirst: Bool) {
        unsafe curl_slist_free_all(self.headers)
        unsafe self.headers = nil
        for header in headers {
            // Curl's way of writing a header without a value.
            append(header.name, header.value.isEmpty ? ";" : ": ", header.value)
        }
        if !asksFirst { append("Expect", ":", "") }
        _ = unsafe curl_set_pointer(easy, CURLOPT_HTTPHEADER, self.headers)
    }

    private func append(_ name: String, _ separator: String, _ value: String) {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: name.utf8)
        line.append(contentsOf: separator.utf8)
        line.append(contentsOf: value.utf8)
        line.append(0)
        unsafe headers = line.withUnsafeBytes {
            unsafe curl_slist_append(headers, $0.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = unsafe curl_set_long(easy, option, value) }

    // MARK: During a request

    /// Whether nothing has moved for as long as is allowed.
    func hasStalled(at now: ContinuousClock.Instant) -> Bool {
        var sent: curl_off_t = 0
        var received: curl_off_t = 0
        _ = unsafe curl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
        _ = unsafe curl_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T, &received)
        // A source that takes its time is not the network's fault.
        if transfer?.isWaitingForSource == true { stallWatch.movedAt = now }
        return stallWatch.look(Int64(sent + received), at: now)
    }

    /// Whether the request went over a connection that was kept, and that the server had hung up. Curl sends most such
    /// requests again by itself, but counts how often a handle needed that, and then gives up.
    func foundDeadConnection(_ code: CURLcode) -> Bool {
        guard code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR else { return false }
        var connections = 0
        _ = unsafe curl_get_long(easy, CURLINFO_NUM_CONNECTS, &connections)
        return connections == 0
    }

    var isConnected: Bool {
        var microseconds: curl_off_t = 0
        _ = unsafe curl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
        return microseconds > 0
    }

    func explain(_ code: CURLcode) -> TransferError {
        var reason = unsafe String(cString: message)
        if reason.isEmpty { reason = unsafe String(cString: curl_easy_strerror(code)) }
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .cannotConnect(reason)
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(isConnected ? .stall : .connect)
        case CURLE_SSL_CONNECT_ERROR:
            // A connection that was cut in the middle of the handshake says nothing about certificates.
            var number = 0
            _ = unsafe curl_get_long(easy, CURLINFO_OS_ERRNO, &number)
            return number == ECONNRESET || number == EPIPE || number == ETIMEDOUT ? .reset(reason) : .tls(reason)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return .tls(reason)
        case CURLE_UNSUPPORTED_PROTOCOL where isConnected:
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

/// Notices when nothing moves any more. Curl's own `LOW_SPEED_TIME` averages over seconds and comes late.
struct StallWatch {
    let limit: Duration
    var movedAt: ContinuousClock.Instant
    private(set) var nextLook: ContinuousClock.Instant
    private var moved: Int64 = 0

    init(limit: Duration) {
        self.limit = limit
        movedAt = .now
        nextLook = movedAt + limit / 4
    }

    /// Whether the time is over.
    mutating func look(_ moved: Int64, at now: ContinuousClock.Instant) -> Bool {
        if moved != self.moved {
            self.moved = moved
            movedAt = now
        }
        nextLook = now + limit / 4
        return now - movedAt >= limit
    }
}

// MARK: Curl's callbacks

private func handle(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
}

private let receiveBody: curl_transfer_callback = { bytes, size, count, context in
    guard let transfer = unsafe handle(context)?.transfer else { return 0 }
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe transfer.receive(buffer) ? size * count : 0
}

private let receiveHeader: curl_transfer_callback = { bytes, size, count, context in
    guard let transfer = unsafe handle(context)?.transfer else { return 0 }
    transfer.receiveHeader(unsafe Array(UnsafeRawBufferPointer(start: bytes, count: size * count)))
    return size * count
}

private let sendBody: curl_transfer_callback = { bytes, size, count, context in
    guard let transfer = unsafe handle(context)?.transfer, !transfer.hasFailed else { return curl_read_abort }
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return unsafe transfer.read(into: buffer)
}

private let rewindBody: curl_seek_callback = { context, offset, origin in
    guard let transfer = unsafe handle(context)?.transfer, origin == SEEK_SET, transfer.rewind(to: Int(offset)) else {
        return CURL_SEEKFUNC_CANTSEEK
    }
    return CURL_SEEKFUNC_OK
}
