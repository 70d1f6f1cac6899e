import Foundation
import Signing
import Testing

@testable import ObjectStore

/// The S3 server that `scripts/test` starts, with the made-up keys of `scripts/testbed/s3-rgw`.
enum TestS3 {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static let credentials = Credentials(accessKey: "testaccesskey", secretKey: "testsecretkey0123456789")

    static var endpoint: String {
        get throws {
            guard let endpoint = ProcessInfo.processInfo.environment["OFFLOAD_TEST_S3_ENDPOINT"] else {
                throw Missing(
                    description: "OFFLOAD_TEST_S3_ENDPOINT is not set: run scripts/test, or "
                        + "scripts/testbed/s3-rgw start DIR PORT and export http://127.0.0.1:PORT")
            }
            return endpoint
        }
    }

    static var port: Int {
        get throws { try #require(try endpoint.split(separator: ":").last.flatMap { Int($0) }) }
    }

    /// A part of the bucket that no other test knows.
    static func configuration() throws -> S3Configuration {
        var configuration = S3Configuration(bucket: "test")
        configuration.endpoint = try endpoint
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

/// `Fixtures/relay.py`. It ends with this object, because it reads its standard input to the end.
final class Relay {
    struct DidNotStart: Error {}

    let plain: String
    let secure: String
    let securePort: Int
    let certificate: String
    private let input = Pipe()
    private let process = Process()

    convenience init(_ faults: String...) throws {
        try self.init(faults)
    }

    init(_ faults: [String]) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/relay.py")
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path, "127.0.0.1:\(try TestS3.port)"] + faults
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let words = readLine(from: output.fileHandleForReading).split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let port = Int(words[1]) else { throw DidNotStart() }
        plain = "http://127.0.0.1:\(words[0])"
        secure = "https://127.0.0.1:\(words[1])"
        securePort = port
        certificate = String(words[2])
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// A line, in however many pieces it comes; what there is of it where the other side ends first.
private func readLine(from handle: FileHandle) -> String {
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
        let piece = handle.availableData
        if piece.isEmpty { break }
        line.append(piece)
    }
    return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

/// A program of `Fixtures` that prints its port. It ends with this object, because it reads its standard input to the end.
final class LocalServer: Sendable {
    let port: Int
    private let input = Pipe()
    private let process: Process

    init(_ script: String) throws {
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        process.arguments = ["python3", folder.appending(path: script).path]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = readLine(from: output.fileHandleForReading)
        guard let port = Int(line) else { throw Relay.DidNotStart() }
        self.port = port
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    var endpoint: String { "http://127.0.0.1:\(port)" }
}

/// A directory that ends with this object.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "store-\(UUID())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
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
