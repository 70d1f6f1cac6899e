import Foundation
import TestGround
import Testing

@testable import OffloadTool

@Suite("The program's manners")
struct UsageTests {
    @Test("help and version succeed on standard output, for the program and for each command")
    func help() async throws {
        for words in [["--help"], ["-h"], ["help"]] {
            let outcome = try await Program.run(words[0])
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            for command in Command.all { #expect(outcome.output.contains("  \(command.name)")) }
        }
        for command in Command.all {
            let words = command.name.split(separator: " ").map(String.init)
            let outcome =
                words.count == 1
                ? try await Program.run(words[0], "--help") : try await Program.run(words[0], words[1], "--help")
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(command.name)")
            #expect(outcome.output.contains("Usage: offload \(command.name)"))
            #expect(outcome.output.contains("Examples:"))
            for option in command.allOptions { #expect(outcome.output.contains("--\(option.name)")) }
        }
        #expect(try await Program.run("--version").output.hasPrefix("offload "))
        #expect(try await Program.run("version", "--json").output.hasPrefix("{\"version\":\""))
    }

    @Test("wrong usage is 64, one line and a hint on standard error, and nothing else")
    func usage() async throws {
        let cases: [([String], String)] = [
            ([], "See offload --help."), (["instal"], "Did you mean offload install?"),
            (["stauts"], "Did you mean offload status?"), (["store"], "Write: offload store list"),
            (["store", "lst"], "Did you mean offload store list?"),
            (["store", "copy"], "Possible is: offload store list"),
            (["store", "put", "media", "key"], "Write: offload store put NAME KEY FILE"),
            (["store", "policy", "media", "--only=iam1"], "Did you mean iam?"),
            (["status", "--jsn"], "Did you mean --json?"),
            (["optimize"], "Write: offload optimize FILE…"),
            (["completion", "fish"], "See offload completion --help."),
            (["install", "--summary"], "Write: offload install --dry-run --summary"),
            (["optimize", "x", "--qualities", "0"], "Write up to 20 numbers"),
            (["optimize", "x", "--background", "white"], "Write a colour as in HTML"),
            (["--json"], "Write the command first"),
            (["status"], "Say --database"),
            (["install", "--database", "mysql://u:hunter2@h/d"], "Write postgresql://"),
            (["status", "--env-file", "/nowhere"], "Check --env-file"),
            (["optimize", "x", "--max-edge", "many"], "It is a whole number"),
        ]
        for (words, hint) in cases {
            let outcome = try await run(words)
            #expect(outcome.status == 64, "\(words)")
            #expect(outcome.output.isEmpty, "\(words)")
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.count == 2, "\(words): \(outcome.errors)")
            #expect(lines.first?.hasPrefix("offload: ") == true)
            #expect(lines.last?.contains("hint: \(hint)") == true, "\(words): \(outcome.errors)")
            #expect(!outcome.errors.contains("hunter2"))
        }
    }

    private func run(_ words: [String]) async throws -> Program.Outcome {
        switch words.count {
        case 0: try await Program.run()
        case 1: try await Program.run(words[0])
        case 2: try await Program.run(words[0], words[1])
        case 3: try await Program.run(words[0], words[1], words[2])
        default: try await Program.run(words[0], words[1], words[2], words[3])
        }
    }

    @Test("a database that cannot be reached is 1, and its password is never shown")
    func unreachable() async throws {
        let url = "postgresql://shop:hunter2@127.0.0.1:1/shop"
        for outcome in [
            try await Program.run("status", "--database", url),
            try await Program.run("install", variables: ["DATABASE_URL": url]),
            try await Program.run("doctor", "--json", variables: ["DATABASE_URL": url]),
            try await Program.run(
                "uninstall", "--yes",
                variables: ["DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_NAME": "shop", "DB_PASSWORD": "hunter2"]),
        ] {
            #expect(outcome.status == 1)
            #expect((outcome.errors + outcome.output).contains("Connection refused"))
            #expect(!(outcome.errors + outcome.output).contains("hunter2"))
        }
    }

    @Test("a wrong variable is named by doctor, and a .env file's wrong line by its number")
    func environment() async throws {
        let doctor = try await Program.run("doctor", variables: ["STORAGE_STRATEGY": "s3_primry"])
        #expect(doctor.status == 1)
        #expect(doctor.output.contains("STORAGE_STRATEGY is \"s3_primry\""))
        #expect(doctor.output.contains("Did you mean s3_primary?"))
        let scratch = try Scratch()
        try "A=1\nhunter2\n".write(toFile: scratch.path + "/.env", atomically: false, encoding: .utf8)
        let outcome = try await Program.run("status", directory: scratch.path)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(".env, line 2") && !outcome.errors.contains("hunter2"))
    }

    @Test("a password on the command line leaves the list of processes at once")
    func processList() async throws {
        // The server that is waited for never answers, so that there is time to look.
        let silent = try SilentPort()
        let process = Foundation.Process()
        process.executableURL = URL(filePath: try Program.path)
        process.arguments = ["status", "--database", "postgresql://shop:hunter2@127.0.0.1:\(silent.number)/shop"]
        process.environment = [:]
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        // It has read its arguments when it has connected.
        silent.accept()
        let line = try Data(contentsOf: URL(filePath: "/proc/\(process.processIdentifier)/cmdline"))
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.contains("status") && text.contains("--database"))
        #expect(!text.contains("hunter2"))
    }
}
