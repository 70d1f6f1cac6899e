import Foundation
import HTTPTransfer
import Signing
import TestGround
import Testing

@testable import ObjectStore

@Suite("where credentials come from")
struct CredentialTests {
    private let server: ScriptServer

    init() throws {
        server = try ScriptServer("metadata.py")
    }

    /// Seconds since 1970, as the test says.
    private final class Clock: Sendable {
        private let seconds: Locked

        final class Locked: @unchecked Sendable {
            // Guarded by the lock.
            private var value: Int64
            private let lock = NSLock()
            init(_ value: Int64) { self.value = value }
            func get() -> Int64 { lock.withLock { value } }
            func set(_ new: Int64) { lock.withLock { value = new } }
        }

        init(_ now: Int64) { seconds = Locked(now) }
        var now: Int64 {
            get { seconds.get() }
            set { seconds.set(newValue) }
        }
    }

    private func ask(_ path: String) async throws -> String {
        let response = try await HTTPClient().perform(Request(method: "GET", url: server.endpoint + path))
        return String(decoding: response.body, as: UTF8.self)
    }

    private var places: [MetadataCredentials.Place] {
        [
            .instance(endpoint: server.endpoint),
            .container(url: server.endpoint + "/container", token: "container-token", tokenFile: nil),
        ]
    }

    @Test("an instance and a container lend credentials, which are asked for again before they expire")
    func renewal() async throws {
        var lent = 0
        for place in places {
            let clock = Clock(1_000_000)
            _ = try await ask("/set?expires=1001000&status=200")
            let source = MetadataCredentials(place, patience: .seconds(60), clock: { clock.now })
            let first = try await source.credentials()
            #expect(first.accessKey == "key-\(lent + 1)" && first.sessionToken == "made-up-token")
            clock.now = 1_000_699
            #expect(try await source.credentials() == first)
            #expect(try await ask("/count") == "\(lent + 1)")
            // 300 seconds before their end; many ask at once, and one question is sent.
            clock.now = 1_000_700
            _ = try await ask("/set?expires=1002000")
            let keys = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...8 { group.addTask { try await source.credentials().accessKey } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(keys == ["key-\(lent + 2)"])
            #expect(try await ask("/count") == "\(lent + 2)")
            // A service that is away is no trouble as long as they are good.
            _ = try await ask("/set?status=500")
            clock.now = 1_001_800
            #expect(try await source.credentials().accessKey == "key-\(lent + 2)")
            clock.now = 1_001_995
            let error = await failure { _ = try await source.credentials() }
            #expect(error?.kind == .unreachable && error?.status == 500)
            #expect(!String(reflecting: error).contains("secret"))
            lent = try #require(Int(try await ask("/count")))
        }
    }

    @Test("a service that refuses, is silent or absent, is told as such, and soon")
    func failures() async throws {
        let wrong = MetadataCredentials(
            .container(url: server.endpoint + "/container", token: "another", tokenFile: nil), patience: .seconds(60))
        #expect(await failure { _ = try await wrong.credentials() }?.kind == .refused)
        let start = ContinuousClock.now
        let silent = MetadataCredentials(.container(url: server.endpoint + "/silent", token: nil, tokenFile: nil))
        #expect(await failure { _ = try await silent.credentials() }?.kind == .unreachable)
        let absent = MetadataCredentials(.instance(endpoint: "http://127.0.0.1:1"))
        #expect(await failure { _ = try await absent.credentials() }?.kind == .unreachable)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("a container's token may stand in a file, which is read each time")
    func tokenFile() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/token"
        let source = MetadataCredentials(
            .container(url: server.endpoint + "/container", token: nil, tokenFile: path), patience: .seconds(60))
        #expect(await failure { _ = try await source.credentials() }?.kind == .misconfigured)
        try Data("container-token\n".utf8).write(to: URL(filePath: path))
        #expect(try await source.credentials().secretKey == "made-up-secret")
    }

    @Test("an upload is signed with what an instance lends")
    func upload() async throws {
        let keys = TestS3.credentials
        _ = try await ask("/set?key=\(keys.accessKey)&secret=\(keys.secretKey)")
        let chain = CredentialChain(
            names: [:], options: [:], environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.endpoint + "/"])
        let store = try S3Store(TestS3.configuration(), credentials: chain.source())
        _ = try await store.put(ObjectKey("a"), Upload([1, 2, 3], mediaType: "image/webp"))
        #expect(try await store.get(ObjectKey("a"), limit: 10) == [1, 2, 3])
        #expect(try await ask("/count") == "1")
    }

    @Test("nothing is asked that neither the store nor the environment names")
    func chain() async throws {
        func source(
            _ environment: [String: String], _ options: [String: String] = [:]
        ) throws(StoreError) -> any CredentialSource {
            try CredentialChain(names: [:], options: options, environment: environment).source()
        }
        let keys = ["S3_ACCESS_KEY_ID": "A", "S3_SECRET_ACCESS_KEY": "B"]
        let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"]
        let instance = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.endpoint]
        #expect(try source([:]) is EnvironmentCredentials)
        #expect(try source(keys.merging(container) { a, _ in a }) is EnvironmentCredentials)
        #expect(try source(["AWS_PROFILE": "shop", "HOME": "/nonexistent"]) is ProfileCredentials)
        #expect(try source(["HOME": "/nonexistent"], ["profile": "shop"]) is ProfileCredentials)
        #expect(try source(container) is MetadataCredentials)
        #expect(try source(instance) is MetadataCredentials)
        #expect(try source([:], ["credentials": "instance"]) is MetadataCredentials)
        #expect(try source(keys, ["credentials": "instance"]) is MetadataCredentials)
        #expect(try source(instance, ["credentials": "environment"]) is EnvironmentCredentials)
        #expect(throws: StoreError.self) { try source([:], ["credentials": "container"]) }
        #expect(throws: StoreError.self) { try source([:], ["credentials": "guess"]) }
        #expect(throws: StoreError.self) {
            try source(["AWS_EC2_METADATA_DISABLED": "true"], ["credentials": "instance"])
        }
        // Nothing was asked so far, and what is asked without anything set names the variables.
        #expect(try await ask("/count") == "0")
        let unset = try source([:])
        let error = await failure { _ = try await unset.credentials() }
        #expect(error?.message == "the environment variable S3_ACCESS_KEY_ID is not set")
    }

    @Test("a container's token goes in the clear to this machine only")
    func near() throws {
        for url in [
            "http://evil.example.com/x", "http://127.0.0.1.evil.example.com/", "http://127.0.0.1@evil.example.com/",
            "ftp://127.0.0.1/", "",
        ] {
            let chain = CredentialChain(
                names: [:], options: ["credentials": "container"],
                environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
            #expect(throws: StoreError.self, "\(url)") { try chain.source() }
        }
        for url in [
            "http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]:8080/x", "http://169.254.170.23/v1",
            "https://agent.example.com/x",
        ] {
            let chain = CredentialChain(
                names: [:], options: [:], environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
            #expect(try chain.source() is MetadataCredentials, "\(url)")
        }
    }

    @Test("a profile is found in the file, and read anew")
    func profile() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/credentials"
        func write(_ secret: String) throws {
            let text = """
                # made up
                [default]
                aws_access_key_id=D
                aws_secret_access_key = d
                [shop]
                aws_access_key_id = S
                aws_secret_access_key = \(secret)
                aws_session_token = t
                """
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        try write("s1")
        let environment = ["AWS_SHARED_CREDENTIALS_FILE": path]
        let plain = try CredentialChain(names: [:], options: [:], environment: environment).source()
        #expect(try await plain.credentials() == Credentials(accessKey: "D", secretKey: "d"))
        let shop = try CredentialChain(names: [:], options: ["profile": "shop"], environment: environment).source()
        #expect(try await shop.credentials() == Credentials(accessKey: "S", secretKey: "s1", sessionToken: "t"))
        try write("s2")
        #expect(try await shop.credentials().secretKey == "s2")
        let other = try CredentialChain(names: [:], options: ["profile": "none"], environment: environment).source()
        #expect(await failure { _ = try await other.credentials() }?.kind == .misconfigured)
    }

    @Test("the session token goes with the keys that it came with, and with no other store's")
    func tokenOfOthers() async throws {
        // made up
        let environment = [
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "a", "AWS_SESSION_TOKEN": "t", "S3_ACCESS_KEY_ID": "A",
            "S3_SECRET_ACCESS_KEY": "a", "SHOP_KEY": "S", "SHOP_SECRET": "s", "SHOP_TOKEN": "st",
        ]
        func token(_ names: [String: String]) async throws -> String? {
            try await CredentialChain(names: names, options: [:], environment: environment).source().credentials()
                .sessionToken
        }
        #expect(try await token([:]) == "t")
        #expect(
            try await token(["access_key": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY"]) == "t")
        #expect(try await token(["access_key": "SHOP_KEY", "secret_key": "SHOP_SECRET"]) == nil)
        let named = ["access_key": "SHOP_KEY", "secret_key": "SHOP_SECRET", "session_token": "SHOP_TOKEN"]
        #expect(try await token(named) == "st")
    }
}
