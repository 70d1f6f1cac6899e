private import CCurl
private import Glibc

/// One request on its way.
///
/// Only the engine's thread touches it after it was posted; before that only its maker: hence `@unchecked Sendable`.
@safe final class Transfer: @unchecked Sendable {
    private static let errorBodyLimit = 65_536

    let identifier: UInt64
    let request: Request
    let body: Body
    let destination: Destination
    private let continuation: CheckedContinuation<Result<Response, TransferError>, Never>

    /// Set by a callback that gave up: it explains curl's code.
    private(set) var failure: TransferError?
    private var status = 0
    /// Whether the head came whole: curl takes one that is cut for all there was.
    private(set) var hasHead = false
    private var headers: [(name: String, value: String)] = []
    private var received: [UInt8] = []
    private var receivedCount = 0
    private var file: Int32 = -1

    private var sent = 0
    private var piece: ArraySlice<UInt8> = []
    private var pull: Task<Void, Never>?
    /// Asks the engine to hand over the next piece of the body.
    var deliver: (@Sendable (Result<[UInt8], any Error>) -> Void)?

    init(
        identifier: UInt64, request: Request, body: Body, destination: Destination,
        continuation: CheckedContinuation<Result<Response, TransferError>, Never>
    ) {
        self.identifier = identifier
        self.request = request
        self.body = body
        self.destination = destination
        self.continuation = continuation
        if case .bytes(let bytes) = body { piece = bytes }
    }

    func finish(_ outcome: Result<Void, TransferError>) {
        pull?.cancel()
        if file >= 0 {
            if close(file) != 0, failure == nil { failure = .destination(unsafe String(cString: strerror(errno))) }
            file = -1
        }
        continuation.resume(
            returning: outcome.flatMap {
                if let failure { return .failure(failure) }
                return .success(
                    Response(status: status, headers: headers, body: received, byteCount: receivedCount))
            })
    }

    // MARK: Sending

    /// Fills the buffer from the body, and gives the count or one of curl's signals.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if piece.isEmpty {
            guard sent < body.count else { return 0 }
            askForPiece()
            return Int(curl_read_pause)
        }
        let count = min(buffer.count, piece.count)
        unsafe piece.withUnsafeBytes { unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        piece = piece.dropFirst(count)
        sent += count
        return count
    }

    /// Goes back to the start, for a connection that turned out to be dead before anything was answered.
    func rewind(to offset: Int) -> Bool {
        guard case .bytes(let bytes) = body, offset <= bytes.count else { return false }
        piece = bytes.dropFirst(offset)
        sent = offset
        return true
    }

    /// Whether nothing was answered, and the body can be sent from its start.
    var canBeginAnew: Bool { status == 0 && failure == nil && (sent == 0 || rewind(to: 0)) }

    /// Takes what the source gave. Curl is to be told to go on either way.
    func take(_ result: Result<[UInt8], any Error>) {
        pull = nil
        switch result {
        case .success(let bytes) where bytes.isEmpty || bytes.count > body.count - sent:
            failure = .source("it gave another number of bytes than \(body.count)")
        case .success(let bytes): piece = bytes[...]
        case .failure(let error): failure = .source("\(error)")
        }
    }

    var isWaitingForSource: Bool { pull != nil }

    var hasFailed: Bool { failure != nil }

    private func askForPiece() {
        guard case .stream(_, let next) = body, pull == nil, let deliver else { return }
        pull = Task.detached {
            do {
                deliver(.success(try await next()))
            } catch {
                deliver(.failure(error))
            }
        }
    }

    // MARK: Receiving

    /// Takes one line of the head. Each status line begins anew: what came before was only provisional.
    func receiveHeader(_ line: [UInt8]) {
        if line.starts(with: "HTTP/".utf8) {
            let word = line.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first ?? []
            status = Int(String(decoding: trimmed(word), as: UTF8.self)) ?? 0
            headers = []
            hasHead = false
            return
        }
        if line == [0x0d, 0x0a] || line == [0x0a] {
            hasHead = true
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = line[..<colon].map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        headers.append(
            (String(decoding: name, as: UTF8.self), String(decoding: trimmed(line[(colon + 1)...]), as: UTF8.self)))
    }

    private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0d }
        let end = text.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? text.startIndex
        return text[..<end].drop(while: isBlank)
    }

    /// Whether the bytes were taken.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if !(200..<300).contains(status) {
            let room = Self.errorBodyLimit - received.count
            unsafe received.append(contentsOf: bytes.prefix(max(0, room)))
            receivedCount += bytes.count
            return true
        }
        switch destination {
        case .memory(let limit):
            guard fits(bytes.count, limit) else { return false }
            if receivedCount == 0, let length = headers.first(where: { $0.name == "content-length" }) {
                received.reserveCapacity(min(max(Int(length.value) ?? 0, 0), limit))
            }
            unsafe received.append(contentsOf: bytes)
        case .file(let path, let limit):
            guard fits(bytes.count, limit) else { return false }
            guard unsafe write(bytes, to: path) else {
                failure = .destination(unsafe String(cString: strerror(errno)))
                return false
            }
        }
        receivedCount += bytes.count
        return true
    }

    /// Makes the file of an answer that has no body.
    func prepareEmptyFile() {
        guard case .file(let path, _) = destination, file < 0, (200..<300).contains(status) else { return }
        if unsafe !write(UnsafeRawBufferPointer(start: nil, count: 0), to: path) {
            failure = .destination(unsafe String(cString: strerror(errno)))
        }
    }

    private func fits(_ count: Int, _ limit: Int) -> Bool {
        if count <= limit - receivedCount { return true }
        failure = .tooLarge(limit: limit)
        return false
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to path: String) -> Bool {
        if file < 0 {
            // A file of this process's own that has no name is reached by a link.
            let isOurs = path.utf8.starts(with: "/proc/self/fd/".utf8)
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | (isOurs ? 0 : O_NOFOLLOW)
            unsafe file = open(path, flags, 0o640)
            if file < 0 { return false }
        }
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(file, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }
}
