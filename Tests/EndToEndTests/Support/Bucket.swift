import Foundation
import HTTPTransfer
import ObjectStore
import Signing
import TestGround
import Testing

/// A bucket whose objects open without credentials, or a folder of it that no other test knows.
struct Bucket: Sendable {
    static let credentials = Credentials(accessKey: TestServers.accessKey, secretKey: TestServers.secretKey)
    private static let client = HTTPClient()

    let endpoint: String
    let name: String
    let prefix: String

    /// A folder of the bucket that the tests share.
    static func folder() async throws -> Bucket {
        let bucket = Bucket(
            endpoint: try TestServers.s3, name: "offload-e2e", prefix: "t-\(UUID().uuidString.lowercased())/")
        try await Shared.bucket.make(bucket)
        return bucket
    }

    private actor Shared {
        static let bucket = Shared()
        private var made: Task<Void, any Error>?

        func make(_ bucket: Bucket) async throws {
            let task = made ?? Task { try await bucket.make() }
            made = task
            try await task.value
        }
    }

    /// Makes the bucket and lets everybody read its objects.
    func make() async throws {
        let made = try await send("PUT")
        try #require([200, 409].contains(made.status), "\(made.status) \(String(decoding: made.body, as: UTF8.self))")
        let policy = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",\
            "Resource":"arn:aws:s3:::\(name)/*"}]}
            """
        let ruled = try await send("PUT", query: [("policy", "")], body: Array(policy.utf8))
        try #require([200, 204].contains(ruled.status), "\(String(decoding: ruled.body, as: UTF8.self))")
    }

    func remove() async throws { try #require(try await isRemoved()) }

    /// Tries to remove it; false: something lies in it.
    func isRemoved() async throws -> Bool { try await send("DELETE").status == 204 }

    /// How many uploads in parts below the folder were begun and neither completed nor aborted.
    func unfinishedUploads() async throws -> Int {
        let response = try await send("GET", query: [("prefix", prefix), ("uploads", "")])
        let list = String(decoding: response.body, as: UTF8.self)
        try #require(response.status == 200 && list.contains("<ListMultipartUploadsResult"), "\(list)")
        return list.components(separatedBy: "<UploadId>").count - 1
    }

    /// Begins an upload in parts, and leaves it.
    func beginUpload(_ key: String) async throws {
        let begun = try await send("POST", key: "/\(prefix)\(key)", query: [("uploads", "")])
        try #require(begun.status == 200, "\(begun.status)")
    }

    private func send(
        _ method: String, key: String = "", query: [(name: String, value: String)] = [], body: [UInt8] = []
    ) async throws -> Response {
        let target = RequestTarget(path: "/\(name)\(key)", query: query)
        let signer = SigV4(credentials: Self.credentials, region: "us-east-1")
        let headers = signer.headers(
            for: method, target, host: String(endpoint.drop { $0 != "/" }.dropFirst(2)),
            payload: .bytes(SHA256.digest(body)), at: Int64(Date().timeIntervalSince1970))
        return try await Self.client.perform(
            Request(method: method, url: endpoint + target.text, headers: headers), body: .bytes(body))
    }

    /// What the server itself says is there: keys below the folder, and sizes. A worker's probe of the store is left
    /// out: where its worker was killed under it, a later one removes it.
    func objects() async throws -> [String: Int] {
        var configuration = S3Configuration(bucket: name)
        configuration.endpoint = endpoint
        configuration.addressing = .path
        let store = try S3Store(configuration, credentials: Self.credentials)
        var found: [String: Int] = [:]
        for try await object in store.objects(under: prefix) {
            let key = String(object.key.path.dropFirst(prefix.count))
            if !key.hasPrefix("offload-probe-") { found[key] = object.byteCount }
        }
        return found
    }
}

/// What anybody gets who opens the URL.
func open(_ url: String) async throws -> Response {
    try await HTTPClient().perform(Request(method: "GET", url: url), into: .memory(limit: 256 << 20))
}
