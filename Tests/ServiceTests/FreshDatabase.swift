import Foundation
import Offload
import Postgres
import Service
import Testing

/// A database of its own for each test, on the server that `scripts/test` starts.
struct FreshDatabase {
    struct Missing: Error, CustomStringConvertible {
        let description =
            "OFFLOAD_TEST_DATABASE_URL is not set: run scripts/test, or scripts/testbed/postgres start DIR and export "
            + "what it prints"
    }

    let url: String
    let name: String

    /// Runs the body with a new, empty database, which is gone afterwards.
    static func with(_ body: (FreshDatabase) async throws -> Void) async throws {
        guard let server = ProcessInfo.processInfo.environment["OFFLOAD_TEST_DATABASE_URL"] else { throw Missing() }
        let name = "service_test_\(UInt64.random(in: 0...UInt64.max))"
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
    func url(as role: String) -> String { url.replacing("postgres@", with: "\(role)@") }

    func open(as role: String? = nil) async throws -> Database {
        try await Database.open(DatabaseAddress(role.map(url(as:)) ?? url, origin: "the test"))
    }

    /// Runs the statements in a session of their own.
    func run(_ statements: String..., as role: String? = nil) async throws {
        let connection = try await Connection.open(role.map(url(as:)) ?? url)
        for statement in statements { try await connection.execute(script: statement) }
        await connection.close()
    }

    func ask<Value: ColumnValue>(_ query: String, as _: Value.Type = Value.self) async throws -> Value {
        let connection = try await Connection.open(url)
        let value: Value = try await connection.query(query).only()
        await connection.close()
        return value
    }

    func install() async throws {
        let database = try await open()
        _ = try await Installer(database).install()
        await database.close()
    }
}

/// Roles are the whole server's, so that tests that make them take turns, and leave none behind.
func withRoles(_ names: [String], in fresh: FreshDatabase, _ body: () async throws -> Void) async throws {
    for name in names { try await fresh.run("create role \(name) login") }
    func dropAll() async {
        for name in names {
            try? await fresh.run("drop owned by \(name) cascade")
            try? await fresh.run("drop role \(name)")
        }
    }
    do {
        try await body()
    } catch {
        await dropAll()
        throw error
    }
    await dropAll()
}
