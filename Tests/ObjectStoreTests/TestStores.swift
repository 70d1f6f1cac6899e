import Foundation
import Signing
import TestGround
import Testing

@testable import ObjectStore

/// The S3 server that `scripts/test` starts, with the made-up keys of `scripts/testbed/s3-rgw`.
enum TestS3 {
    static let credentials = Credentials(accessKey: TestServers.accessKey, secretKey: TestServers.secretKey)

    static var port: Int {
        get throws { try #require(try TestServers.s3.split(separator: ":").last.flatMap { Int($0) }) }
    }

    /// A part of the bucket that no other test knows.
    static func configuration() throws -> S3Configuration {
        var configuration = S3Configuration(bucket: "test")
        configuration.endpoint = try TestServers.s3
        configuration.prefix = "t-\(UUID())"
        configuration.firstRetryDelay = .milliseconds(5)
        return configuration
    }

    static func store(_ change: (inout S3Configuration) -> Void = { _ in }) throws -> S3Store {
        var configuration = try configuration()
        change(&configuration)
        return try S3Store(configuration, credentials: credentials)
    }
}

/// `faulty_relay.py` before that server.
struct Relay {
    let plain: String
    let secure: String
    let securePort: Int
    let certificate: String
    private let server: ScriptServer

    init(_ faults: String...) throws { try self.init(faults) }

    init(_ faults: [String]) throws {
        server = try ScriptServer("faulty_relay.py", ["127.0.0.1:\(try TestS3.port)"] + faults)
        let words = server.greeting
        try #require(words.count == 3)
        plain = server.endpoint
        secure = "https://127.0.0.1:\(words[1])"
        securePort = try #require(Int(words[1]))
        certificate = words[2]
    }
}

func failure(_ body: () async throws -> Void) async -> StoreError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StoreError
    }
}

/// Bytes that look random. They repeat after a prime length, so that no two parts of an upload are alike.
func bytes(_ count: Int, seed: Int = 1) -> [UInt8] {
    var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    let block = (0..<min(count, 65_537)).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += block.prefix(count - bytes.count) }
    return bytes
}

/// A content that comes in pieces of awkward sizes.
func stream(_ bytes: [UInt8]) -> Upload.Content {
    let source = Source(bytes)
    return .stream(count: bytes.count) { await source.next() }
}

private actor Source {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func next() -> [UInt8] {
        let piece = Array(rest.prefix(777_777))
        rest = rest.dropFirst(piece.count)
        return piece
    }
}
