private import CLibPQ

/// Owns a PGconn and speaks libpq's asynchronous interface. Nothing here waits.
@safe struct Handle: ~Copyable {
    enum Progress {
        case wantsRead
        case wantsWrite
        case done
    }

    enum Answer {
        case rows(Rows, size: Int)
        case failure(PostgresError)
        /// A statement of a pipeline that did not run, because one before it failed.
        case skipped
        case synchronised
        case none
    }

    private var pointer: OpaquePointer?
    private var secrets: [String] = []
    private var notices: Notices?

    init() {}

    deinit {
        unsafe PQfinish(pointer)
    }

    var isOpen: Bool { unsafe pointer != nil }

    var socket: Int32 { unsafe PQsocket(pointer) }

    var isBusy: Bool { unsafe PQisBusy(pointer) != 0 }

    var serverVersion: Int { unsafe Int(PQserverVersion(pointer)) }

    var processID: Int32 { unsafe PQbackendPID(pointer) }

    var message: String {
        let text = unsafe pointer.flatMap { unsafe PQerrorMessage($0) }.map { unsafe String(cString: $0) } ?? ""
        return tidy(secrets.reduce(text) { $0.replacing($1, with: "…") })
    }

    var address: String {
        func text(_ value: UnsafeMutablePointer<CChar>?) -> String {
            unsafe value.map { unsafe String(cString: $0) } ?? ""
        }
        guard let pointer = unsafe pointer else { return "postgresql://" }
        return unsafe "postgresql://\(text(PQhost(pointer))):\(text(PQport(pointer)))/\(text(PQdb(pointer)))"
    }

    func parameter(_ name: String) -> String? {
        unsafe PQparameterStatus(pointer, name).map { unsafe String(cString: $0) }
    }

    mutating func close() {
        unsafe PQfinish(pointer)
        unsafe pointer = nil
    }

    // MARK: Connecting

    mutating func start(
        _ connectionString: String, host: Hosts.Parameters, applicationName: String,
        onNotice: @escaping @Sendable (ServerNotice) -> Void
    ) throws(PostgresError) {
        secrets = try passwords(in: connectionString)
        // libpq takes the last that is said: what stands before `dbname` is our default, unless the string says else;
        // what stands after it is said of one host alone.
        let settings: [(String, String)] =
            [
                ("fallback_application_name", applicationName), ("keepalives", "1"), ("keepalives_idle", "30"),
                ("keepalives_interval", "10"),
                ("keepalives_count", "3"), ("tcp_user_timeout", "15000"), ("dbname", connectionString),
                // Text is read as nothing else.
                ("client_encoding", "UTF8"),
            ] + host.map { ($0.keyword, $0.value) }
        let names = CStrings(settings.map(\.0))
        let values = CStrings(settings.map(\.1))
        unsafe names.withPointers { names in
            unsafe values.withPointers { values in unsafe pointer = PQconnectStartParams(names, values, 1) }
        }
        guard unsafe pointer != nil else { throw .cannotConnect("out of memory") }
        guard unsafe PQstatus(pointer) != CONNECTION_BAD else { throw .cannotConnect(takeMessage()) }
        let notices = Notices(onNotice)
        self.notices = notices
        unsafe PQsetNoticeReceiver(
            pointer,
            { context, result in
                guard let context = unsafe context, let result = unsafe result else { return }
                unsafe Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().deliver(notice(result))
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    mutating func poll() throws(PostgresError) -> Progress {
        switch unsafe PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: return .wantsRead
        case PGRES_POLLING_WRITING: return .wantsWrite
        case PGRES_POLLING_OK:
            unsafe PQsetnonblocking(pointer, 1)
            return .done
        default: throw .cannotConnect(takeMessage())
        }
    }

    func cancelHandle() -> Canceller.Ticket? {
        unsafe PQgetCancel(pointer).map { unsafe Canceller.Ticket($0) }
    }

    private mutating func takeMessage() -> String {
        let text = message
        close()
        return text
    }

    // MARK: Sending

    func send(_ statement: Connection.Statement) throws(PostgresError) {
        let parameters = statement.parameters.map(\.encoded)
        guard parameters.count <= 65_535 else { throw .misuse("a statement has room for 65,535 parameters") }
        let types = parameters.map(\.type)
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats: [Int32] = parameters.map { $0.isText ? 0 : 1 }
        let isSent = unsafe withPointers(to: parameters) { values in
            unsafe PQsendQueryParams(
                pointer, statement.text, Int32(parameters.count), types, values, lengths, formats, 1) != 0
        }
        if !isSent { throw .connectionLost(message) }
    }

    func send(script: String) throws(PostgresError) {
        if unsafe PQsendQuery(pointer, script) == 0 { throw .connectionLost(message) }
    }

    /// Whether something is left to send.
    func flush() throws(PostgresError) -> Bool {
        switch unsafe PQflush(pointer) {
        case 0: return false
        case 1: return true
        default: throw .connectionLost(message)
        }
    }

    func enterPipeline() throws(PostgresError) {
        if unsafe PQenterPipelineMode(pointer) == 0 { throw .connectionLost(message) }
    }

    func synchronisePipeline() throws(PostgresError) {
        if unsafe PQpipelineSync(pointer) == 0 { throw .connectionLost(message) }
    }

    func leavePipeline() throws(PostgresError) {
        if unsafe PQexitPipelineMode(pointer) == 0 { throw .connectionLost(message) }
    }

    // MARK: Receiving

    func consumeInput() -> Bool { unsafe PQconsumeInput(pointer) != 0 }

    func nextNotification() -> Connection.Notification? {
        guard let notification = unsafe PQnotifies(pointer) else { return nil }
        defer { unsafe PQfreemem(notification) }
        return unsafe Connection.Notification(
            channel: String(cString: notification.pointee.relname),
            payload: notification.pointee.extra.map { unsafe String(cString: $0) } ?? "",
            processID: notification.pointee.be_pid)
    }

    func nextAnswer(to statement: Connection.Statement?) throws(PostgresError) -> Answer {
        guard let result = unsafe PQgetResult(pointer) else {
            if unsafe PQstatus(pointer) == CONNECTION_BAD { throw .connectionLost(message) }
            return .none
        }
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            return unsafe .rows(Rows(result), size: PQresultMemorySize(result))
        case PGRES_PIPELINE_SYNC:
            unsafe PQclear(result)
            return .synchronised
        case PGRES_PIPELINE_ABORTED:
            unsafe PQclear(result)
            return .skipped
        case PGRES_EMPTY_QUERY:
            unsafe PQclear(result)
            return .skipped
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            unsafe PQclear(result)
            throw .connectionLost("copy is not spoken here")
        default:
            defer { unsafe PQclear(result) }
            // A server that ends the session says so with its last breath.
            let severity = unsafe field(result, PG_DIAG_SEVERITY_NONLOCALIZED)
            if unsafe severity == "FATAL" || severity == "PANIC" || severity == nil
                || PQstatus(pointer) == CONNECTION_BAD
            {
                let reason = unsafe field(result, PG_DIAG_MESSAGE_PRIMARY) ?? message
                throw .connectionLost(reason)
            }
            return unsafe .failure(.server(serverError(result, statement)))
        }
    }
}

/// Keeps the notice callback where libpq's context pointer finds it.
private final class Notices: Sendable {
    let deliver: @Sendable (ServerNotice) -> Void

    init(_ deliver: @escaping @Sendable (ServerNotice) -> Void) {
        self.deliver = deliver
    }
}

private func field(_ result: OpaquePointer, _ code: Int32) -> String? {
    unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
}

private let PG_DIAG_SEVERITY_NONLOCALIZED = Int32(UInt8(ascii: "V"))
private let PG_DIAG_MESSAGE_PRIMARY = Int32(UInt8(ascii: "M"))

private func notice(_ result: OpaquePointer) -> ServerNotice {
    unsafe ServerNotice(
        severity: field(result, PG_DIAG_SEVERITY_NONLOCALIZED) ?? "NOTICE",
        message: field(result, PG_DIAG_MESSAGE_PRIMARY) ?? "",
        detail: field(result, Int32(UInt8(ascii: "D"))), hint: field(result, Int32(UInt8(ascii: "H"))))
}

private func serverError(_ result: OpaquePointer, _ statement: Connection.Statement?) -> ServerError {
    let sqlState = unsafe field(result, Int32(UInt8(ascii: "C"))) ?? "XX000"
    let redact = { (text: String?) in text.map { withoutParameters($0, statement) } }
    var error = unsafe ServerError(
        sqlState: sqlState, message: redact(field(result, PG_DIAG_MESSAGE_PRIMARY)) ?? "",
        detail: redact(field(result, Int32(UInt8(ascii: "D")))), hint: redact(field(result, Int32(UInt8(ascii: "H")))))
    // Details of these quote the failing row, cut to some length, or a part of the value.
    if ["23502", "23514", "22P02", "22032", "23P01"].contains(sqlState) { error.detail = nil }
    error.table = unsafe field(result, Int32(UInt8(ascii: "t")))
    error.column = unsafe field(result, Int32(UInt8(ascii: "c")))
    error.constraint = unsafe field(result, Int32(UInt8(ascii: "n")))
    error.statement = statement?.text
    return error
}

/// The text with every text parameter that it quotes replaced by its number.
private func withoutParameters(_ text: String, _ statement: Connection.Statement?) -> String {
    guard let statement else { return text }
    var text = text
    for (index, parameter) in statement.parameters.enumerated() {
        let encoded = parameter.encoded
        guard encoded.isText, let bytes = encoded.bytes, bytes.count >= 3, bytes.count <= text.utf8.count else {
            continue
        }
        text = text.replacing(String(decoding: bytes, as: UTF8.self), with: "$\(index + 1)")
    }
    return text
}

/// libpq ends its messages with a line break, and puts several attempts on several lines.
private func tidy(_ message: String) -> String {
    message.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: "; ")
}

/// The passwords that a connection string holds, so that no message can quote one.
private func passwords(in connectionString: String) throws(PostgresError) -> [String] {
    let said = try parameters(in: connectionString)
    return ["password", "sslpassword"].compactMap { said[$0] }.filter { !$0.isEmpty }
}

/// Strings as C wants an array of them: pointers, and a null at the end.
@safe private struct CStrings: ~Copyable {
    private let storage: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe storage = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            let bytes = Array(string.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            unsafe copy.initialize(from: bytes, count: bytes.count)
            unsafe storage[index] = UnsafePointer(copy)
        }
        unsafe storage[strings.count] = nil
    }

    deinit {
        for index in 0..<count { unsafe storage[index]?.deallocate() }
        unsafe storage.deallocate()
    }

    func withPointers(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Void) {
        unsafe body(storage)
    }
}

/// Lends pointers to all the parameters at once, without copying a large one.
private func withPointers<Answer>(
    to parameters: [EncodedParameter], _ body: ([UnsafePointer<CChar>?]) -> Answer
) -> Answer {
    // libpq reads text up to its NUL; a small one is copied beside the others with one added.
    var packed: [UInt8] = []
    var offsets: [Int?] = []
    for parameter in parameters {
        if let bytes = parameter.bytes, parameter.isText || bytes.count < 4096 {
            offsets.append(packed.count)
            packed.append(contentsOf: bytes)
            packed.append(0)
        } else {
            offsets.append(nil)
        }
    }
    let large = parameters.indices.filter { offsets[$0] == nil && parameters[$0].bytes != nil }

    func lend(_ rest: ArraySlice<Int>, _ pointers: [UnsafePointer<CChar>?]) -> Answer {
        guard let index = rest.first, let bytes = parameters[index].bytes else { return unsafe body(pointers) }
        return unsafe bytes.withUnsafeBytes { buffer in
            var pointers = unsafe pointers
            unsafe pointers[index] = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe lend(rest.dropFirst(), pointers)
        }
    }
    return unsafe packed.withUnsafeBytes { buffer in
        let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        let pointers = unsafe offsets.map { offset in unsafe offset.flatMap { unsafe base?.advanced(by: $0) } }
        return unsafe lend(large[...], pointers)
    }
}
