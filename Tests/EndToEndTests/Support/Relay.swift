import TestGround

/// `relay.py`, before an S3 server.
actor Relay {
    struct Count: Sendable {
        var uploads: Int
        var answered: Int
        var held: Int
    }

    nonisolated let endpoint: String
    private let server: ScriptServer

    /// - Parameter server: such as `http://127.0.0.1:7480`.
    init(to server: String) throws {
        self.server = try ScriptServer("relay.py", [String(server.drop { $0 != "/" }.dropFirst(2))])
        endpoint = self.server.endpoint
    }

    /// As `relay.py` explains.
    func set(_ mode: String) throws { try server.order("do \(mode)") }

    var count: Count {
        get throws {
            let words = try server.ask("count").split(separator: " ").compactMap { Int($0) }
            guard words.count == 3 else { throw ScriptServer.NoAnswer(description: "relay.py counted \(words)") }
            return Count(uploads: words[0], answered: words[1], held: words[2])
        }
    }

    func waitUntilHeld(_ number: Int = 1) async throws {
        try await eventually("\(number) uploads held back") { try count.held >= number }
    }
}
