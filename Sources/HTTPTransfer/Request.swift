/// One HTTP request, with the body's length known before it is sent.
package struct Request: Sendable {
    package var method: String
    /// Sent exactly as it stands: what is signed must not be normalised.
    package var url: String
    package var headers: [(name: String, value: String)]
    /// How long nothing may move, the server's thinking included. Nil: as the client says.
    package var stallTimeout: Duration?

    package init(
        method: String, url: String, headers: [(name: String, value: String)] = [], stallTimeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.stallTimeout = stallTimeout
    }
}

/// What a request carries.
package enum Body: Sendable {
    case none
    case bytes(ArraySlice<UInt8>)
    /// `count` bytes that `next` gives piece by piece; it is asked for a piece when the one before has been sent.
    case stream(count: Int, next: @Sendable () async throws -> [UInt8])

    package static func bytes(_ bytes: [UInt8]) -> Body { .bytes(bytes[...]) }

    var count: Int {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .stream(let count, _): count
        }
    }
}

/// Where the body of a successful response goes. That of any other comes in memory, cut to 64 KiB.
package enum Destination: Sendable {
    case memory(limit: Int)
    /// A file that is made or emptied, with mode 0640.
    case file(path: String, limit: Int = .max)
}

/// What a server answered, whatever its status. Redirects are answers like any other.
package struct Response: Sendable {
    package var status: Int
    /// Names in lowercase, in the order they came.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The length of the body, wherever it went.
    package var byteCount: Int

    package subscript(header name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// Why there is no answer.
package enum TransferError: Error, Sendable, Equatable {
    /// The name is unknown, or nobody listens there.
    case cannotConnect(String)
    case timedOut(Phase)
    /// The connection broke after it was made: the request may or may not have had its effect.
    case reset(String)
    case tls(String)
    /// The answer is longer than the destination takes.
    case tooLarge(limit: Int)
    /// What answered does not speak HTTP.
    case notHTTP(String)
    /// The body's source failed, or gave another number of bytes than it said.
    case source(String)
    /// The destination file cannot be written.
    case destination(String)
    case invalidRequest(String)
    case cancelled

    package enum Phase: Sendable {
        case connect
        case stall
    }
}

extension TransferError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotConnect(let reason): "cannot connect: \(reason)"
        case .timedOut(.connect): "no connection within the time allowed"
        case .timedOut(.stall): "the transfer stalled"
        case .reset(let reason): "the connection broke: \(reason)"
        case .tls(let reason): "TLS failed: \(reason)"
        case .tooLarge(let limit): "the answer is longer than \(limit) bytes"
        case .notHTTP(let reason): "the answer is not HTTP: \(reason)"
        case .source(let reason): "the source of the upload failed: \(reason)"
        case .destination(let reason): "the downloaded file cannot be written: \(reason)"
        case .invalidRequest(let reason): "invalid request: \(reason)"
        case .cancelled: "the transfer was cancelled"
        }
    }
}
