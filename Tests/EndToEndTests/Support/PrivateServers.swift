import Foundation
import TestGround

/// A Postgres server of a test's own, which ends with the test.
final class PrivatePostgres: Sendable {
    let address: String
    private let scratch: Scratch
    private static let script = "\(TestServers.project)/scripts/testbed/postgres"

    private init(address: String, scratch: Scratch) {
        self.address = address
        self.scratch = scratch
    }

    static func run(options: String = "", _ body: (PrivatePostgres) async throws -> Void) async throws {
        let scratch = try Scratch()
        let directory = scratch.path + "/pg"
        let output = try await runScript(script, "start", directory, environment: ["PG_OPTIONS": options])
        let server = PrivatePostgres(
            address: output.trimmingCharacters(in: .whitespacesAndNewlines), scratch: scratch)
        do {
            try await body(server)
        } catch {
            _ = try? await runScript(script, "wipe", directory)
            throw error
        }
        try await runScript(script, "wipe", directory)
    }

    func restart(_ mode: String) async throws {
        try await runScript(Self.script, "restart", scratch.path + "/pg", mode)
    }

    func stop(_ mode: String) async throws { try await runScript(Self.script, "stop", scratch.path + "/pg", mode) }
    func start() async throws { try await runScript(Self.script, "start", scratch.path + "/pg") }

    /// What workers asked, where the server logs every statement. What goes with the heartbeat is counted with it.
    private var questions: [Substring] {
        let log = FileManager.default.contents(atPath: scratch.path + "/pg/log") ?? Data()
        return String(decoding: log, as: UTF8.self).split(separator: "\n").filter { line in
            (line.contains(" offload work ") || line.contains(" offload listen "))
                && ![
                    "DETAIL", "heartbeat", "reap()", "note_unreferenced", "fold_counts", "note_store", "note_dropped",
                    "begin_sweeps", "is_counting", "mend_ids", "BEGIN", "COMMIT",
                ].contains { line.contains($0) }
        }
    }

    /// Those between two moments, as `Shop.logTime` gives them.
    func questions(from start: String, to end: String) -> [Substring] {
        questions.filter { start <= $0.prefix(start.utf8.count) && $0.prefix(end.utf8.count) < end }
    }

    /// Nobody has asked anything for a while: whoever works here has fallen idle.
    func waitUntilQuiet() async throws {
        var last = -1
        try await eventually("two seconds without a question", every: .seconds(2)) {
            let asked = questions.count
            defer { last = asked }
            return asked == last
        }
    }
}

/// An S3 server of a test's own, which ends with the test.
final class PrivateS3: Sendable {
    let endpoint: String
    private let port: String
    private let scratch: Scratch
    private static let script = "\(TestServers.project)/scripts/testbed/s3-rgw"
    private static let settings = ["S3_STORE": "bluestore", "S3_BUCKET": ""]

    private init(port: String, scratch: Scratch) {
        self.port = port
        self.scratch = scratch
        endpoint = "http://127.0.0.1:\(port)"
    }

    static func run(_ body: (PrivateS3) async throws -> Void) async throws {
        let port = try await succeed("\(TestServers.project)/scripts/testbed/free-port")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let server = PrivateS3(port: port, scratch: try Scratch())
        do {
            try await server.start()
            try await body(server)
        } catch {
            _ = try? await runScript(script, "wipe", server.directory)
            throw error
        }
        try await runScript(script, "wipe", server.directory)
    }

    private var directory: String { scratch.path + "/s3" }

    func start() async throws { try await runScript(Self.script, "start", directory, port, environment: Self.settings) }
    func stop() async throws { try await runScript(Self.script, "stop", directory) }
}
