import Foundation
import TestGround
import Testing

@testable import OffloadTool

@Suite("What shells, man and systemd are given")
struct ShellTests {
    @Test("the completions are scripts their shells accept")
    func syntax() async throws {
        for shell in ["bash", "zsh"] {
            let script = try await Program.run("completion", shell)
            #expect(script.status == 0)
            let check = try await Program.pipe(script.output, through: shell, "-n", "INPUT")
            #expect(check.status == 0 && check.output.isEmpty, "\(shell): \(check.output)")
            for command in Command.all {
                for option in command.allOptions { #expect(script.output.contains("--\(option.name)")) }
            }
        }
    }

    @Test(
        "bash finishes commands, options and their values",
        arguments: [
            ("offload ins", "install"), ("offload store ", "list test put get download head exists rm policy"),
            ("offload store list --j", "--json"),
            ("offload install --d", "--database --dry-run"), ("offload optimize --format ", "smallest webp"),
            ("offload completion z", "zsh"), ("offload version --json ", ""),
        ])
    func bash(line: String, expected: String) async throws {
        let script = try await Program.run("completion", "bash").output
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map { "'\($0)'" }
        let driver = """
            \(script)
            COMP_WORDS=(\(words.joined(separator: " "))) COMP_CWORD=\(words.count - 1)
            _offload 2>/dev/null
            echo "${COMPREPLY[*]}"
            """
        let outcome = try await Program.pipe(driver, through: "bash", "INPUT")
        #expect(outcome.output.split(separator: "\n").last.map(String.init) ?? "" == expected)
    }

    @Test("the manual page is one that groff has nothing against, and names every command and variable")
    func manual() async throws {
        let page = try await Program.run("manual")
        #expect(page.status == 0)
        let check = try await Program.pipe(page.output, through: "groff", "-man", "-ww", "-Tutf8", "-z", "INPUT")
        #expect(check.status == 0 && check.output.isEmpty, "\(check.output)")
        let text = try await Program.pipe(page.output, through: "groff", "-man", "-Tascii", "-P-cbou", "INPUT").output
        for command in Command.all { #expect(text.contains("offload \(command.name)")) }
        for name in ["DATABASE_URL", "S3_BUCKET_NAME", "CLOUDINARY_URL"] { #expect(text.contains(name)) }
    }

    @Test("systemd has nothing against the service")
    func service() async throws {
        let unit = try String(contentsOfFile: TestServers.project + "/examples/offload.service", encoding: .utf8)
        #expect(unit.contains("\nType=notify\n") && unit.contains("\nWatchdogSec="))
        let scratch = try Scratch()
        // The program is not installed where the unit expects it.
        let here = unit.replacing("/usr/local/bin/offload", with: try Program.path)
        try here.write(toFile: scratch.path + "/offload.service", atomically: false, encoding: .utf8)
        let check = try await Program.pipe(
            "", through: "systemd-analyze", "verify", "--man=no", scratch.path + "/offload.service")
        #expect(check.status == 0 && check.output.isEmpty, "\(check.output)")
    }
}
