import Foundation
import Postgres
import Testing

/// The Postgres server that `scripts/test` starts.
enum TestServer {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static var address: String {
        get throws {
            guard let address = ProcessInfo.processInfo.environment["OFFLOAD_TEST_DATABASE_URL"] else {
                throw Missing(
                    description: "OFFLOAD_TEST_DATABASE_URL is not set: run scripts/test, or "
                        + "scripts/testbed/postgres start DIR and export what it prints")
            }
            return address
        }
    }

    static func connect(_ settings: Connection.Settings = Connection.Settings()) async throws -> Connection {
        try await Connection.open(address, settings: settings)
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

/// A port of this machine that accepts connections and never says a word.
final class SilentPort {
    let number: UInt16
    private let socket: Int32

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) + listen(descriptor, 8) + getsockname(descriptor, $0, &length)
            }
        }
        try #require(status == 0)
        number = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(socket)
    }
}
