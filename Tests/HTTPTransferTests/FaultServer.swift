import TestGround
import Testing

/// `faults.py`, one for all tests.
final class FaultServer: Sendable {
    let plainPort: Int
    let securePort: Int
    let certificate: String
    private let server: ScriptServer

    private static let shared = Result { try FaultServer() }

    static func running() throws -> FaultServer { try shared.get() }

    private init() throws {
        server = try ScriptServer("faults.py")
        let words = server.greeting
        try #require(words.count == 3)
        plainPort = server.port
        securePort = try #require(Int(words[1]))
        certificate = words[2]
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(plainPort)\(path)" }
}

/// What `/echo` says it received.
struct Echo: Decodable {
    var method: String
    var path: String
    var headers: [[String]]
    var length: Int
    var sha256: String
    var connection: Int

    func values(of name: String) -> [String] { headers.filter { $0[0] == name }.map { $0[1] } }
}
