import HTTPTransfer
import Signing

/// One request to a bucket, whatever address and signature it goes out with.
struct S3Call: Sendable {
    /// What is being done, for messages: `putting ab/cd.webp`.
    var name: String
    var method: String
    var key: String?
    var query: [(name: String, value: String)]
    var headers: [(name: String, value: String)]
    var body: [UInt8]?
    var sha256: SHA256Digest?
    var destination: Destination
    var stallTimeout: Duration?
    /// How often it is sent at most, whatever the configuration says.
    var attempts = Int.max
    /// Whether a success may carry an error in its body.
    var mayAnswerWithError = false

    init(
        _ name: String, _ method: String, key: String? = nil, query: [(String, String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, sha256: SHA256Digest? = nil,
        into destination: Destination = .memory(limit: 16 << 20)
    ) {
        self.name = name
        self.method = method
        self.key = key
        self.query = query.map { (name: $0.0, value: $0.1) }
        self.headers = headers
        self.body = body
        self.sha256 = sha256
        self.destination = destination
    }

    init(_ name: String, _ method: String, key: String? = nil, query: [(String, String)], document: String) {
        let bytes = Array(document.utf8)
        self.init(
            name, method, key: key, query: query,
            headers: [("content-type", "application/xml"), ("content-md5", Base64.encode(MD5.digest(bytes)))],
            body: bytes, sha256: SHA256.digest(bytes))
    }

    func answersWithError(_ response: Response) -> Bool {
        mayAnswerWithError && XMLElement(response.body)?.name == "Error"
    }
}
