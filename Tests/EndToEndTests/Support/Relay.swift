import Foundation
import Testing

/// `Fixtures/relay.py`. It ends with this object, because it reads its standard input to the end.
actor Relay {
    struct DidNotStart: Error {}

    struct Count: Sendable {
        var uploads: Int
        var answered: Int
        var held: Int
    }

    nonisolated let endpoint: String
    private let input: FileHandle
    private let output: FileHandle
    private let process = Foundation.Process()

    /// - Parameter server: such as `http://127.0.0.1:7480`.
    init(to server: String) throws {
        let script = URL(filePath: #filePath).appending(path: "../../Fixtures/relay.py").standardizedFileURL
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path, String(server.drop { $0 != "/" }.dropFirst(2))]
        let (read, write) = (Pipe(), Pipe())
        process.standardInput = write
        process.standardOutput = read
        input = write.fileHandleForWriting
        output = read.fileHandleForReading
        try process.run()
        guard let port = Int(Self.line(from: output)) else { throw DidNotStart() }
        endpoint = "http://127.0.0.1:\(port)"
    }

    deinit {
        try? input.close()
        process.waitUntilExit()
    }

    /// Each answer comes at once.
    private static func line(from handle: FileHandle) -> String {
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let piece = handle.availableData
            if piece.isEmpty { break }
            line.append(piece)
        }
        return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func ask(_ command: String) throws -> String {
        try input.write(contentsOf: Data("\(command)\n".utf8))
        return Self.line(from: output)
    }

    /// As `relay.py` explains.
    func set(_ mode: String) throws { try #require(ask("do \(mode)") == "ok") }

    var count: Count {
        get throws {
            let words = try ask("count").split(separator: " ").compactMap { Int($0) }
            guard words.count == 3 else { throw DidNotStart() }
            return Count(uploads: words[0], answered: words[1], held: words[2])
        }
    }

    func waitUntilHeld(_ number: Int = 1) async throws {
        try await eventually("\(number) uploads held back") { try count.held >= number }
    }
}
