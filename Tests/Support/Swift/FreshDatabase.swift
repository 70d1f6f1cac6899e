import Postgres

/// A new, empty database on the server that `scripts/test` starts.
package struct FreshDatabase: Sendable {
    package let url: String
    package let name: String

    /// Runs the body with it; afterwards it is gone.
    package static func with(_ body: (FreshDatabase) async throws -> Void) async throws {
        let server = try TestServers.database
        let name = "test_\(UInt64.random(in: 0...UInt64.max))"
        let keeper = try await Connection.open(server)
        try await keeper.query("create database \(name)")
        let fresh = FreshDatabase(
            url: String(server[...(server.lastIndex(of: "/") ?? server.startIndex)]) + name, name: name)
        do {
            try await body(fresh)
        } catch {
            _ = try? await keeper.query("drop database \(name) with (force)")
            throw error
        }
        try await keeper.query("drop database \(name) with (force)")
        await keeper.close()
    }

    /// The same database as another role.
    package func url(as role: String) -> String { url.replacing("postgres@", with: "\(role)@") }

    /// Runs the statements in a session of their own.
    package func run(_ statements: String..., as role: String? = nil) async throws {
        let connection = try await Connection.open(role.map(url(as:)) ?? url)
        for statement in statements { try await connection.execute(script: statement) }
        await connection.close()
    }

    package func ask<Value: ColumnValue>(_ query: String, as _: Value.Type = Value.self) async throws -> Value {
        let connection = try await Connection.open(url)
        let value: Value = try await connection.query(query).only()
        await connection.close()
        return value
    }
}
