import Foundation
import Testing

/// The server of `Fixtures/faults.py`. It ends with this process, because it reads its standard input to the end.
final class FaultServer: Sendable {
    struct DidNotStart: Error {}

    let plainPort: Int
    let securePort: Int
    let certificate: String
    private let input: Pipe

    private static let shared = Result { try FaultServer() }

    static func running() throws -> FaultServer { try shared.get() }

    private init() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/faults.py")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path]
        let output = Pipe()
        input = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let piece = output.fileHandleForReading.availableData
            if piece.isEmpty { throw DidNotStart() }
            line.append(piece)
        }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let plain = Int(words[0]), let secure = Int(words[1]) else { throw DidNotStart() }
        plainPort = plain
        securePort = secure
        certificate = String(words[2])
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
