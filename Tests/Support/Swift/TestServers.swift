import Foundation

/// The servers that `scripts/test` starts, with the made-up keys of `scripts/testbed/s3-rgw`.
package enum TestServers {
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    package static let accessKey = "testaccesskey"
    package static let secretKey = "testsecretkey0123456789"

    package static var database: String {
        get throws {
            try variable("OFFLOAD_TEST_DATABASE_URL", "scripts/testbed/postgres start DIR and export what it prints")
        }
    }

    package static var s3: String {
        get throws {
            try variable(
                "OFFLOAD_TEST_S3_ENDPOINT", "scripts/testbed/s3-rgw start DIR PORT and export http://127.0.0.1:PORT")
        }
    }

    /// The same server with TLS, and the file of the authority that vouches for it.
    package static var secureS3: (port: String, authority: String) {
        get throws {
            let remedy = "scripts/testbed/s3-rgw start DIR PORT with S3_TLS_PORT"
            return (
                try variable("OFFLOAD_TEST_S3_SECURE_PORT", remedy), try variable("OFFLOAD_TEST_S3_AUTHORITY", remedy)
            )
        }
    }

    /// The Python that `scripts/setup --tests` put Amazon's library beside.
    package static var pythonWithBoto3: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return (environment["OFFLOAD_CACHE"] ?? cache + "/pg_offload") + "/boto3/bin/python3"
    }

    /// The project's directory.
    package static let project = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL.path

    private static func variable(_ name: String, _ remedy: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            throw Missing(description: "\(name) is not set: run scripts/test, or \(remedy)")
        }
        return value
    }
}
