import Foundation

/// A server of `Tests/Support/servers`, which prints a line when it is ready, and may obey lines on its standard input
/// with a line each. It reads that to its end, so it ends with this object.
package final class ScriptServer: Sendable {
    package struct NoAnswer: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// The words of its first line, which begins with its port.
    package let greeting: [String]
    package let port: Int
    private let input: FileHandle
    private let output: FileHandle
    private let process: Process
    private let script: String

    package init(_ script: String, _ arguments: [String] = []) throws {
        self.script = script
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", TestServers.project + "/Tests/Support/servers/" + script] + arguments
        let (read, write) = (Pipe(), Pipe())
        process.standardInput = write
        process.standardOutput = read
        input = write.fileHandleForWriting
        output = read.fileHandleForReading
        try process.run()
        greeting = try Self.line(from: output, of: script).split(whereSeparator: \.isWhitespace).map(String.init)
        guard let port = greeting.first.flatMap({ Int($0) }) else {
            throw NoAnswer(description: "\(script) begins with \(greeting), and no port")
        }
        self.port = port
    }

    deinit {
        try? input.close()
        process.waitUntilExit()
    }

    package var endpoint: String { "http://127.0.0.1:\(port)" }

    /// From one task at a time. The answer comes at once.
    package func ask(_ command: String) throws -> String {
        try input.write(contentsOf: Data("\(command)\n".utf8))
        return try Self.line(from: output, of: script)
    }

    /// What is answered with ok.
    package func order(_ command: String) throws {
        let answer = try ask(command)
        guard answer == "ok" else { throw NoAnswer(description: "\(script) answered \(answer) to \(command)") }
    }

    /// A line may come in pieces.
    private static func line(from output: FileHandle, of script: String) throws -> String {
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let piece = output.availableData
            if piece.isEmpty { throw NoAnswer(description: "\(script) ended") }
            line += piece
        }
        return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
