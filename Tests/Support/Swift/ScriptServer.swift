import Foundation

/// A server in Python that prints a line when it is ready, and may obey lines on its standard input with a line each.
/// It reads that to its end, so it ends with this object.
package final class ScriptServer: Sendable {
    package struct NoAnswer: Error, CustomStringConvertible {
        package let description: String
    }

    /// The words of its first line, such as its ports.
    package let greeting: [String]
    private let input: FileHandle
    private let output: FileHandle
    private let process: Process
    private let script: String

    package init(_ script: String, _ arguments: [String] = []) throws {
        self.script = script
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script] + arguments
        let (read, write) = (Pipe(), Pipe())
        process.standardInput = write
        process.standardOutput = read
        input = write.fileHandleForWriting
        output = read.fileHandleForReading
        try process.run()
        greeting = try Self.line(from: output, of: script).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    deinit {
        try? input.close()
        process.waitUntilExit()
    }

    /// The port that its greeting begins with.
    package var port: Int {
        get throws {
            guard let word = greeting.first, let port = Int(word) else {
                throw NoAnswer(description: "\(script) began with \(greeting) and no port")
            }
            return port
        }
    }

    /// From one task at a time. The answer comes at once.
    package func ask(_ command: String) throws -> String {
        try input.write(contentsOf: Data("\(command)\n".utf8))
        return try Self.line(from: output, of: script)
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
