import Foundation
import TestGround
import Testing

/// A program that runs, its output in files.
final class Program: @unchecked Sendable {
    // The only mutable thing is Foundation's Process, which is used for its thread-safe calls alone.
    private let process = Foundation.Process()
    private let scratch: Scratch

    struct Ended: Sendable, CustomStringConvertible {
        var status: Int32
        var wasKilled: Bool
        var output: String
        var error: String

        var description: String { "status \(status)\n\(output)\n\(error)" }
    }

    init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        scratch = try Scratch()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"]) {
            old, _ in old
        }
        for name in ["out", "err"] {
            try Data().write(to: URL(filePath: "\(scratch.path)/\(name)"))
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: "\(scratch.path)/out"))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: "\(scratch.path)/err"))
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var output: String { text("out") }
    var log: String { text("err") }

    var logLines: [String] { log.split(separator: "\n").map(String.init) }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(scratch.path)/\(name)") ?? Data(), as: UTF8.self)
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    func end(within limit: Duration = .seconds(60)) async throws -> Ended {
        do {
            try await eventually(within: limit, "the end of \(process.arguments ?? [])") { !process.isRunning }
        } catch {
            throw TimedOut(description: "\(error)\n\(output)\n\(log)")
        }
        return Ended(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: output, error: log)
    }

    /// Asks it to end, as a supervisor does.
    func stop(within limit: Duration = .seconds(10)) async throws -> Ended {
        send(SIGTERM)
        return try await end(within: limit)
    }

    /// Resident memory in kilobytes: now, or the most so far.
    func memory(peak: Bool = false) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(peak ? "VmHWM" : "VmRSS") })
        return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1]))
    }
}

/// Runs a program to its end; it must succeed.
@discardableResult
func succeed(
    _ path: String, _ arguments: String..., environment: [String: String] = [:], within limit: Duration = .seconds(120)
) async throws -> String {
    let ended = try await Program(path, arguments, environment: environment).end(within: limit)
    guard ended.status == 0 else { throw TimedOut(description: "\(path) \(arguments): \(ended)") }
    return ended.output
}

/// Runs a script that leaves servers behind it. They must not keep what a child of Foundation's inherits: it would
/// count as running for as long as they do.
@discardableResult
func runScript(
    _ path: String, _ arguments: String..., environment: [String: String] = [:]
) async throws -> String {
    let program = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
    let ended = try await Program(
        "/usr/bin/python3", ["-c", program, path] + arguments, environment: environment
    ).end(within: .seconds(120))
    guard ended.status == 0 else { throw TimedOut(description: "\(path) \(arguments): \(ended)") }
    return ended.output
}

/// The program that was built together with these tests.
let offload: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(filePath: tests).deletingLastPathComponent().appending(path: "offload").path
    return FileManager.default.isExecutableFile(atPath: beside)
        ? beside : TestServers.project + "/.build/debug/offload"
}()
