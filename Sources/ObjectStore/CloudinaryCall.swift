import HTTPTransfer
import Signing

/// One request to Cloudinary: a question to the Admin API, a signed form to the Upload API, or a look at what it
/// delivers.
struct CloudinaryCall: Sendable {
    enum File: Sendable {
        case bytes([UInt8])
        /// It can be sent once only.
        case stream(count: Int, next: @Sendable () async throws -> [UInt8])

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .stream(let count, _): count
            }
        }
    }

    private enum Address {
        case delivery(String)
        /// Below `/v1_1/CLOUD/`, percent-encoded.
        case interface(String)
    }

    /// What is being done, for messages: `putting ab/cd.webp`.
    let name: String
    private let address: Address
    private let method: String
    private var query: [(name: String, value: String)] = []
    private var parameters: [(name: String, value: String)] = []
    private var file: File?
    var headers: [(name: String, value: String)] = []
    var destination = Destination.memory(limit: 16 << 20)
    var stallTimeout: Duration?

    private init(_ name: String, _ method: String, _ address: Address) {
        self.name = name
        self.method = method
        self.address = address
    }

    static func reading(_ name: String, _ url: String, into destination: Destination) -> CloudinaryCall {
        var call = CloudinaryCall(name, "GET", .delivery(url))
        call.destination = destination
        return call
    }

    static func asking(_ name: String, _ path: String, _ query: [(String, String)] = []) -> CloudinaryCall {
        var call = CloudinaryCall(name, "GET", .interface(path))
        call.query = query.map { (name: $0.0, value: $0.1) }
        return call
    }

    static func posting(
        _ name: String, _ path: String, _ parameters: [(String, String)], file: File? = nil
    ) -> CloudinaryCall {
        var call = CloudinaryCall(name, "POST", .interface(path))
        call.parameters = parameters.map { (name: $0.0, value: $0.1) }
        call.file = file
        return call
    }

    var isForDelivery: Bool { if case .delivery = address { true } else { false } }

    var canBeRepeated: Bool { if case .stream = file { false } else { true } }

    /// The request as it goes out now: a signature is good for an hour only.
    func request(
        _ configuration: CloudinaryConfiguration, _ credentials: Credentials, at now: Int64
    ) -> (Request, Body) {
        switch (address, method) {
        case (.delivery(let url), _):
            return (Request(method: method, url: url, headers: headers), .none)
        case (.interface(let path), "POST"):
            let boundary = "offload-" + randomName() + randomName()
            let form = Form(signed(credentials, configuration.algorithm, at: now), file, boundary: boundary)
            let type = (name: "content-type", value: "multipart/form-data; boundary=\(boundary)")
            return (Request(method: method, url: url(path, configuration), headers: headers + [type]), form.body)
        case (.interface(let path), _):
            let authorization = (name: "authorization", value: "Basic " + Self.basic(credentials))
            return (
                Request(method: method, url: url(path, configuration), headers: headers + [authorization]), .none
            )
        }
    }

    static func basic(_ credentials: Credentials) -> String {
        Base64.encode(Array("\(credentials.accessKey):\(credentials.secretKey)".utf8))
    }

    private func url(_ path: String, _ configuration: CloudinaryConfiguration) -> String {
        let text = RequestTarget(path: "/", query: query).query
        return "\(configuration.endpoint)/v1_1/\(configuration.cloud)/\(path)" + (text.isEmpty ? "" : "?" + text)
    }

    private func signed(
        _ credentials: Credentials, _ algorithm: CloudinarySignature.Algorithm, at now: Int64
    ) -> [(name: String, value: String)] {
        let all = parameters + [(name: "timestamp", value: String(now))]
        let signature = CloudinarySignature.sign(
            all.map { (name: $0.name, values: [$0.value]) }, secret: credentials.secretKey, algorithm: algorithm)
        return all + [("api_key", credentials.accessKey), ("signature", signature)]
    }
}

/// A `multipart/form-data` body, the file last.
private struct Form {
    private var head = ""
    private var tail = ""
    private let file: CloudinaryCall.File?

    /// Smaller files are joined with the rest of the form: a body in one piece can be sent again when a connection that
    /// was kept alive turns out to be dead.
    private static let joinedLimit = 1 << 20

    init(_ fields: [(name: String, value: String)], _ file: CloudinaryCall.File?, boundary: String) {
        self.file = file
        for field in fields {
            head += "--\(boundary)\r\ncontent-disposition: form-data; name=\"\(field.name)\"\r\n\r\n\(field.value)\r\n"
        }
        if file != nil {
            head += "--\(boundary)\r\ncontent-disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
            head += "content-type: application/octet-stream\r\n\r\n"
            tail += "\r\n"
        }
        tail += "--\(boundary)--\r\n"
    }

    var body: Body {
        let (first, last) = (Array(head.utf8), Array(tail.utf8))
        let count = first.count + last.count
        switch file {
        case nil:
            return .bytes(first + last)
        case .bytes(let bytes) where bytes.count <= Self.joinedLimit:
            return .bytes(first + bytes + last)
        case .bytes(let bytes):
            let pieces = Pieces([first, bytes, last])
            return .stream(count: count + bytes.count) { await pieces.next() }
        case .stream(let fileCount, let next):
            let sequence = Enclosed(first, fileCount, next, last)
            return .stream(count: count + fileCount) { try await sequence.next() }
        }
    }
}

private actor Pieces {
    private var rest: ArraySlice<[UInt8]>

    init(_ pieces: [[UInt8]]) { rest = pieces[...] }

    func next() -> [UInt8] { rest.popFirst() ?? [] }
}

/// A stream with something before and behind it. It is asked for one piece at a time.
private actor Enclosed {
    private var first: [UInt8]?
    private var left: Int
    private let file: @Sendable () async throws -> [UInt8]
    private let last: [UInt8]

    init(_ first: [UInt8], _ count: Int, _ file: @escaping @Sendable () async throws -> [UInt8], _ last: [UInt8]) {
        self.first = first
        left = count
        self.file = file
        self.last = last
    }

    func next() async throws -> [UInt8] {
        if let first {
            self.first = nil
            return first
        }
        guard left > 0 else { return last }
        let bytes = try await file()
        left -= bytes.count
        return bytes
    }
}
