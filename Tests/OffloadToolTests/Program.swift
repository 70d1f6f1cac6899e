import Foundation
import Postgres
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
    static func pipe(_ input: String, through command: String...) throws -> Outcome {
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

/// A directory that is gone with its last user.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "offload-tool-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs the body with the URL of a new, empty database, which is gone afterwards.
func withDatabase(_ body: (_ url: String) async throws -> Void) async throws {
    struct Missing: Error, CustomStringConvertible {
        let description =
            "OFFLOAD_TEST_DATABASE_URL is not set: run scripts/test, or scripts/testbed/postgres start DIR and export "
            + "what it prints"
    }
    guard let server = ProcessInfo.processInfo.environment["OFFLOAD_TEST_DATABASE_URL"] else { throw Missing() }
    let name = "tool_test_\(UInt64.random(in: 0...UInt64.max))"
    let keeper = try await Connection.open(server)
    try await keeper.query("create database \(name)")
    do {
        try await body(String(server[...(server.lastIndex(of: "/") ?? server.startIndex)]) + name)
    } catch {
        _ = try? await keeper.query("drop database \(name) with (force)")
        throw error
    }
    try await keeper.query("drop database \(name) with (force)")
    await keeper.close()
}

func execute(_ script: String, in url: String) async throws {
    let connection = try await Connection.open(url)
    try await connection.execute(script: script)
    await connection.close()
}

/// The project's directory.
let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path()
