import Foundation
import TestGround
import Testing

/// The built program, run as a person or a script runs it.
enum Program {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Beside the tests' own binary.
    static var path: String {
        get throws {
            let tests = try #require(ProcessInfo.processInfo.arguments.first { $0.hasSuffix(".xctest") })
            let path = URL(filePath: tests).deletingLastPathComponent().appending(path: "offload").path()
            try #require(FileManager.default.isExecutableFile(atPath: path), "swift build --product offload first")
            return path
        }
    }

    /// Runs it with these variables and no others, in a directory of its own unless one is given.
    static func run(
        _ arguments: String..., variables: [String: String] = [:], directory: String? = nil
    ) async throws -> Outcome {
        try await apart { try runToEnd(arguments, variables, directory) }
    }

    /// On a thread of its own: the pool has few, and on them others wait for their deadlines.
    private static func apart(_ body: @escaping @Sendable () throws -> Outcome) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }

    private static func runToEnd(
        _ arguments: [String], _ variables: [String: String], _ directory: String?
    ) throws -> Outcome {
        let process = Foundation.Process()
        process.executableURL = URL(filePath: try path)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(variables) { $1 }
        let own = directory == nil ? try Scratch() : nil
        process.currentDirectoryURL = URL(filePath: directory ?? own?.path ?? "/")
        let output = Pipe()
        let errors = try Scratch()
        let errorFile = errors.path + "/errors"
        try Data().write(to: URL(filePath: errorFile))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errorFile))
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: text, as: UTF8.self),
            errors: try String(contentsOfFile: errorFile, encoding: .utf8))
    }

    /// What another program makes of its input.
    static func pipe(_ input: String, through command: String...) async throws -> Outcome {
        try await apart { try pipeToEnd(input, command) }
    }

    private static func pipeToEnd(_ input: String, _ command: [String]) throws -> Outcome {
        let scratch = try Scratch()
        try input.write(toFile: scratch.path + "/input", atomically: false, encoding: .utf8)
        let process = Foundation.Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command.map { $0.replacing("INPUT", with: scratch.path + "/input") }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: text, as: UTF8.self), errors: "")
    }
}
