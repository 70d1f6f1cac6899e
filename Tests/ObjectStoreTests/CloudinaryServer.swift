import Foundation
import Testing

/// `Fixtures/cloudinary.py`. It ends with this object, because it reads its standard input to the end.
actor CloudinaryServer {
    struct DidNotStart: Error {}

    struct Call: Decodable, Sendable {
        var method: String
        var path: String
        var parameters: [String: String]
        var headers: [String: String]

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            method = try fields.decode(String.self)
            path = try fields.decode(String.self)
            parameters = try fields.decode([String: String].self)
            headers = try fields.decode([String: String].self)
        }
    }

    static let cloud = "shop"
    static let key = "123456789012345"
    static let secret = "made-up-cloudinary-secret"

    nonisolated let endpoint: String
    private let input: FileHandle
    private let output: FileHandle
    private let process = Foundation.Process()

    /// - Parameter algorithm: what the answers are signed with.
    init(algorithm: String = "sha1") throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", try Self.script(), Self.cloud, Self.key, Self.secret, algorithm]
        let (read, write) = (Pipe(), Pipe())
        process.standardInput = write
        process.standardOutput = read
        input = write.fileHandleForWriting
        output = read.fileHandleForReading
        try process.run()
        guard let port = Int(Self.line(from: output)) else { throw DidNotStart() }
        endpoint = "http://127.0.0.1:\(port)"
    }

    deinit {
        try? input.close()
        process.waitUntilExit()
    }

    /// What the URLs of its assets begin with.
    nonisolated var publicURL: String { "\(endpoint)/\(Self.cloud)" }

    /// This file is a part of two targets.
    private static func script() throws -> String {
        var directory = URL(filePath: #filePath)
        while directory.path != "/" {
            directory.deleteLastPathComponent()
            let script = directory.appending(path: "EndToEndTests/Fixtures/cloudinary.py").path
            if FileManager.default.fileExists(atPath: script) { return script }
        }
        throw DidNotStart()
    }

    /// Each answer comes at once.
    private static func line(from handle: FileHandle) -> String {
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let piece = handle.availableData
            if piece.isEmpty { break }
            line.append(piece)
        }
        return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func ask(_ command: String) throws -> String {
        try input.write(contentsOf: Data("\(command)\n".utf8))
        return Self.line(from: output)
    }

    /// What happens to uploads from now on, as `cloudinary.py` explains.
    func set(_ mode: String) throws { try #require(ask("do \(mode)") == "ok") }
    func setAdmin(_ mode: String) throws { try #require(ask("admin \(mode)") == "ok") }
    func setSecret(_ secret: String) throws { try #require(ask("secret \(secret)") == "ok") }

    func seed(_ type: String, _ publicID: String, _ content: [UInt8]) throws {
        try #require(ask("seed \(type) \(publicID) \(Data(content).base64EncodedString())") == "ok")
    }

    /// What was asked so far; the parameters of a form that was not read to its end are missing.
    var calls: [Call] {
        get throws { try JSONDecoder().decode([Call].self, from: Data(try ask("calls").utf8)) }
    }

    func uploads() throws -> [Call] { try calls.filter { $0.method == "POST" && $0.path.hasSuffix("/upload") } }
    func deletions() throws -> [Call] { try calls.filter { $0.path.hasSuffix("/destroy") } }

    /// Of each asset, `image/public_id`: its bytes, its version, and how often it was uploaded.
    var assets: [String: [Int]] {
        get throws { try JSONDecoder().decode([String: [Int]].self, from: Data(try ask("assets").utf8)) }
    }
}
