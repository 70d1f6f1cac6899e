import Offload
import Service
import TestGround

extension FreshDatabase {
    func open(as role: String? = nil) async throws -> Database {
        try await Database.open(DatabaseAddress(role.map(url(as:)) ?? url, origin: "the test"))
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
