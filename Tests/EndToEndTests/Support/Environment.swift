import Foundation

/// The servers that `scripts/test` starts.
enum TestServers {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static let accessKey = "testaccesskey"
    static let secretKey = "testsecretkey0123456789"

    static var database: String {
        get throws {
            try variable(
                "OFFLOAD_TEST_DATABASE_URL", "scripts/testbed/postgres start DIR and export what it prints")
        }
    }

    static var s3: String {
        get throws {
            try variable(
                "OFFLOAD_TEST_S3_ENDPOINT", "scripts/testbed/s3-rgw start DIR PORT and export http://127.0.0.1:PORT")
        }
    }

    /// The Python that `scripts/setup --tests` put Amazon's library beside.
    static var pythonWithBoto3: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return (environment["OFFLOAD_CACHE"] ?? cache + "/pg_offload") + "/boto3/bin/python3"
    }

    static let project = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL.path

    private static func variable(_ name: String, _ remedy: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            throw Missing(description: "\(name) is not set: run scripts/test, or \(remedy)")
        }
        return value
    }
}

/// A directory that ends with this object.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = "/tmp/offload-e2e-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Looks until the condition holds; it must within the limit.
nonisolated(nonsending) func eventually(
    within limit: Duration = .seconds(60), _ what: String, every pause: Duration = .milliseconds(25),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw TimedOut(description: "not within \(limit): \(what)") }
        try await Task.sleep(for: pause)
    }
}
