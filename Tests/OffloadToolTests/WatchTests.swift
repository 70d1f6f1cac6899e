import Foundation
import TestGround
import Testing

@testable import OffloadTool

@Suite("status --watch")
struct WatchTests {
    /// Runs the program at a terminal of its own, ends it by Ctrl-C once it has drawn twice, and prints what it wrote.
    private static let terminal = """
        import os, pty, re, select, sys, time
        pid, master = pty.fork()
        if pid == 0:
            os.execv(sys.argv[1], sys.argv[1:])
        seen, end, asked = b"", time.monotonic() + 60, False
        while time.monotonic() < end:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    data = os.read(master, 65536)
                except OSError:
                    break
                if not data: break
                seen += data
            if not asked and seen.count(b"\\x1b[H") >= 2:
                os.write(master, b"\\x03")
                asked = True
        if not asked: os.kill(pid, 9)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(status)
        sys.stdout.write(seen.decode())
        """

    @Test("it draws the report in place, with rates, and Ctrl-C gives the terminal back as it was")
    func draws() async throws {
        try await FreshDatabase.with { fresh in
            let url = fresh.url
            let variables = ["DATABASE_URL": url]
            #expect(try await Program.run("install", variables: variables).status == 0)
            let run = try await Program.pipe(
                "", through: "env", "DATABASE_URL=\(url)", "python3", "-c", Self.terminal, try Program.path, "status",
                "--watch", "--interval", "1")
            #expect(run.output.hasPrefix("0\n"), "\(run.output)")
            #expect(run.output.contains("\u{1B}[?1049h\u{1B}[?25l") && run.output.contains("COLUMNS"))
            #expect(run.output.contains("no worker is alive, queue"))
            let last = run.output.replacing("^C", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(last.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
        }
    }

    @Test("it refuses to draw where there is no terminal")
    func refuses() async throws {
        let run = try await Program.run("status", "--watch", variables: ["DATABASE_URL": "postgresql:///nowhere"])
        #expect(run.status == 64 && run.errors.contains("--watch draws on a terminal"), "\(run.errors)")
    }

    @Test("lines beyond the terminal's size are left out")
    func clips() {
        let drawn = screen(["one", "a long line", "three", "four"], columns: 6, rows: 4)
        #expect(drawn == "\u{1B}[Hone\u{1B}[K\r\na long\u{1B}[K\r\nthree\u{1B}[K\u{1B}[J")
    }

    @Test("sections that have no room are cut from the longest on, and say so")
    func fits() {
        let sections = [["head"], (1...9).map { "a\($0)" }, ["b1", "b2"], (1...5).map { "c\($0)" }]
        #expect(fitted(sections, rows: 20).count == 20)
        #expect(
            fitted(sections, rows: 11) == [
                "head", "a1", "a2", "a3", "  … 6 lines more", "b1", "b2", "c1", "c2", "c3", "  … 2 lines more",
            ])
        #expect(fitted(sections, rows: 4).count == 7)
    }

    @Test("a small rate keeps a decimal")
    func smallRates() {
        let shown = [0, 0.04, 0.46, 1, 9.94, 9.96, 1234.4].map(rateNumber)
        #expect(shown == ["0", "0", "0.5", "1", "9.9", "10", "1,234"])
    }
}
