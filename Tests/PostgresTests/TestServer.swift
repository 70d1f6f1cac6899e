import Foundation
import Postgres
import TestGround
import Testing

/// The Postgres server that `scripts/test` starts.
enum TestServer {
    static func connect(_ settings: Connection.Settings = Connection.Settings()) async throws -> Connection {
        try await Connection.open(TestServers.database, settings: settings)
    }
}

/// Runs the body and gives the error it must throw.
func failure(_ body: () async throws -> Void) async -> PostgresError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

func serverError(_ body: () async throws -> Void) async -> ServerError? {
    guard case .server(let error) = await failure(body) else { return nil }
    return error
}
