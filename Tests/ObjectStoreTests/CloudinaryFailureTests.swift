import Foundation
import Signing
import TestGround
import Testing

@testable import ObjectStore

@Suite("what fails at Cloudinary")
struct CloudinaryFailureTests {
    private let server: CloudinaryServer
    private let upload = Upload(Array("GIF89a and more".utf8), mediaType: "image/gif")
    private let key = ObjectKey("x.gif")

    init() throws {
        server = try CloudinaryServer()
    }

    private func put(_ store: CloudinaryStore) async -> StoreError? {
        await failure { _ = try await store.put(key, upload) }
    }

    @Test("each status is an error of its kind, tried again only where that may help")
    func statuses() async throws {
        let expected: [(status: Int, kind: StoreError.Kind, attempts: Int)] = [
            (500, .unreachable, 2), (502, .unreachable, 2), (503, .unreachable, 2), (420, .unreachable, 1),
            (429, .unreachable, 1), (401, .refused, 1), (403, .refused, 1), (400, .rejected, 1), (413, .rejected, 1),
            (404, .notFound, 1), (409, .conflict, 1), (302, .misconfigured, 1),
        ]
        for (status, kind, attempts) in expected {
            try await server.set("status:\(status)")
            let before = try await server.uploads().count
            let error = try #require(await put(try server.store()))
            #expect(error.kind == kind && error.status == status)
            #expect(error.description.contains("it was told to fail"))
            #expect(try await server.uploads().count == before + attempts, "\(status)")
            #expect(error.isLasting == [420, 429, 401, 403].contains(status))
        }
        #expect(try await server.assets.isEmpty)
    }

    @Test("one failure of the service is not the caller's affair")
    func oneFailure() async throws {
        try await server.set("status:500*1")
        _ = try await server.store().put(key, upload)
        #expect(try await server.uploads().count == 2)
    }

    @Test("a quota that is used up says when to come back, within an hour")
    func quota() async throws {
        // The Admin API checks no timestamp: it is 22:13:20 of that day.
        let expected: [(headers: String, pause: Int64?)] = [
            ("", nil), (";Retry-After=7", 7),
            (";X-FeatureRateLimit-Reset=Tue, 14 Nov 2023 22:23:20 GMT", 600),
            (";Retry-After=7;X-FeatureRateLimit-Reset=Tue, 14 Nov 2023 22:23:20 GMT", 7),
            (";Retry-After=Tue, 14 Nov 2023 22:13:50 GMT", 30),
            (";X-FeatureRateLimit-Reset=Sun, 14 Nov 2083 22:23:20 GMT", 3600),
            (";X-FeatureRateLimit-Reset=Sun, 14 Nov 1993 22:23:20 GMT", 0), (";Retry-After=soon", nil),
        ]
        for (headers, pause) in expected {
            try await server.setAdmin("status:420" + headers)
            let error = try #require(await failure { _ = try await server.store(at: 1_700_000_000).head(key) })
            #expect(error.retryAfter?.components.seconds == pause, "\(headers)")
            #expect(error.code == StoreError.rateLimited)
        }
    }

    @Test("a server that says nothing is given up after the time allowed, and not asked twice")
    func stalls() async throws {
        try await server.set("stall")
        let start = ContinuousClock.now
        let error = await put(try server.store { $0.stallTimeout = .seconds(2) })
        #expect(error?.kind == .unreachable && error?.code == "Timeout")
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(try await server.uploads().count == 1)
    }

    @Test("a server that is not there is unreachable")
    func notThere() async throws {
        let store = try server.store { $0.endpoint = "http://127.0.0.1:9" }
        #expect(await put(store)?.kind == .unreachable)
    }

    @Test("a wrong secret is refused, by uploads, deletions and lists, and is in no message")
    func wrongSecret() async throws {
        let wrong = "another-made-up-secret"
        let store = try server.store(secret: wrong)
        let errors = [
            await put(store), await failure { _ = try await store.list("", after: nil) },
            await failure { _ = try await store.probe() },
        ]
        let left = try await store.delete([key])
        for error in errors + [left[key]] {
            #expect(error?.kind == .refused && error?.isLasting == true)
            let text = "\(error.map { "\($0)" } ?? "") \(String(reflecting: error))"
            #expect(!text.contains(wrong))
            let basic = Data("\(CloudinaryServer.key):\(wrong)".utf8).base64EncodedString()
            #expect(!text.contains(basic), "the server sends back what it got")
        }
        #expect(try await server.uploads().count == 2, "each upload was refused once")
    }

    @Test("an answer that is not signed by who knows the secret is not believed", arguments: ["sha1", "sha256"])
    func responseSignature(algorithm: String) async throws {
        let server = try CloudinaryServer(algorithm: algorithm)
        _ = try await server.store().put(key, upload)
        try await server.set("signature")
        let error = await failure { _ = try await server.store().put(ObjectKey("y.gif"), upload) }
        #expect(error?.kind == .corrupt && error?.code == "ResponseSignatureDoesNotMatch")
    }

    @Test("requests are signed with SHA-256 where the store says so")
    func sha256() async throws {
        _ = try await server.store { $0.algorithm = .sha256 }.put(key, upload)
        #expect(try await server.uploads().first?.parameters["signature"]?.count == 64)
    }

    @Test("an answer for other bytes is no proof", arguments: ["etag", "bytes", "alter"])
    func otherBytes(mode: String) async throws {
        try await server.set(mode)
        #expect(await put(try server.store())?.kind == .corrupt)
        let streamed = Upload(stream(Array("GIF89a and more".utf8)), mediaType: "image/gif")
        #expect(await failure { _ = try await server.store().put(ObjectKey("z.gif"), streamed) }?.kind == .corrupt)
    }

    @Test("an answer that cannot be read is an error")
    func broken() async throws {
        try await server.set("broken")
        #expect(await put(try server.store())?.kind == .corrupt)
    }

    @Test("URLs that lie elsewhere would be foreign in the row: the store says which setting is missing")
    func elsewhere() async throws {
        try await server.set("elsewhere")
        let error = try #require(await put(try server.store()))
        #expect(error.kind == .misconfigured)
        #expect(error.message.contains("https://elsewhere.example/") && error.message.contains("public_url"))
    }

    @Test("a clock that is wrong is named")
    func clock() async throws {
        let error = await put(try server.store(ahead: -7200))
        #expect(error?.kind == .misconfigured && error?.code == "RequestTimeTooSkewed")
        let difference = try #require(error?.clockDifference)
        #expect((.seconds(7140)...(.seconds(7260))).contains(difference))
    }

    @Test("a cancelled upload ends at once")
    func cancelled() async throws {
        try await server.set("stall")
        let store = try server.store()
        let (key, upload) = (key, upload)
        let task = Task { await failure { _ = try await store.put(key, upload) } }
        while try await server.uploads().isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
    }

    @Test("bytes that are no image are rejected, and tell nothing of the store")
    func noImage() async throws {
        let error = await failure { _ = try await server.store().put(key, Upload([1, 2], mediaType: "image/gif")) }
        #expect(error?.kind == .rejected && error?.isLasting == false)
        #expect(error?.message.contains("Invalid image file") == true)
    }
}

@Suite("what is deleted at Cloudinary")
struct CloudinaryDeletionTests {
    private let server: CloudinaryServer

    init() throws {
        server = try CloudinaryServer()
    }

    @Test("the recorded resource type is asked for first, whatever the key looks like")
    func recordedType() async throws {
        try await server.seed("video", "media/a/b.webp", [0, 0, 0, 24] + Array("ftypisom".utf8))
        let recorded = RecordedObject(ObjectKey("a/b.webp"), provider: ["resource_type": "video", "type": "upload"])
        #expect(try await server.store().delete(recorded: [recorded]).isEmpty)
        #expect(try await server.assets.isEmpty)
        let calls = try await server.deletions()
        #expect(calls.map(\.path) == ["/v1_1/shop/video/destroy"])
        #expect(calls.first?.parameters["public_id"] == "media/a/b.webp")
        #expect(calls.first?.parameters["invalidate"] == "true")
    }

    @Test("not found under one kind is believed only when it is under no other")
    func notFound() async throws {
        try await server.seed("raw", "media/a/b.webp", [1])
        let wrong = RecordedObject(ObjectKey("a/b.webp"), provider: ["resource_type": "image"])
        #expect(try await server.store().delete(recorded: [wrong]).isEmpty)
        #expect(try await server.assets.isEmpty)
        #expect(try await server.store().delete([ObjectKey("never/was.webp")]).isEmpty)
        #expect(try await server.deletions().count == 6)
    }

    @Test("many go a few at a time")
    func many() async throws {
        for number in 0..<30 { try await server.seed("raw", "media/\(number)", [1]) }
        try await server.seed("raw", "other/1", [1])
        #expect(try await server.store().delete((0..<30).map { ObjectKey("\($0)") }).isEmpty)
        #expect(try await server.assets.keys.sorted() == ["raw/other/1"])
    }
}

@Suite("Cloudinary's settings")
struct CloudinarySettingTests {
    private func credentials(_ environment: [String: String]) async -> Result<Credentials, StoreError> {
        let source = CloudinaryCredentials(cloud: "shop", in: environment)
        do throws(StoreError) {
            return .success(try await source.credentials())
        } catch {
            return .failure(error)
        }
    }

    @Test("credentials come from the variables that are named, or from the address of the cloud")
    func credentials() async throws {
        let pair = Credentials(accessKey: "1", secretKey: "s")
        let good: [[String: String]] = [
            ["CLOUDINARY_API_KEY": "1", "CLOUDINARY_API_SECRET": "s"], ["CLOUDINARY_URL": "cloudinary://1:s@shop"],
            ["CLOUDINARY_URL": "cloudinary://1:s@shop?secure=true"],
            ["CLOUDINARY_API_KEY": "1", "CLOUDINARY_API_SECRET": "s", "CLOUDINARY_URL": "cloudinary://2:t@other"],
        ]
        for environment in good { #expect(await credentials(environment) == .success(pair)) }
        let named = CloudinaryCredentials(cloud: "shop", key: "K", secret: "S", in: ["K": "1", "S": "s"])
        #expect(try await named.credentials() == pair)
        let bad: [([String: String], String)] = [
            ([:], "CLOUDINARY_API_KEY"), (["CLOUDINARY_API_KEY": "1"], "CLOUDINARY_API_SECRET"),
            (["CLOUDINARY_URL": "https://1:hidden@shop"], "CLOUDINARY_URL"),
            (["CLOUDINARY_URL": "cloudinary://hidden@shop"], "form"),
            (["CLOUDINARY_URL": "cloudinary://1:hidden@other"], "the cloud other"),
        ]
        for (environment, word) in bad {
            guard case .failure(let error) = await credentials(environment) else {
                Issue.record("\(environment)")
                continue
            }
            #expect(error.kind == .misconfigured && error.message.contains(word) && !error.message.contains("hidden"))
        }
    }

    @Test("all that must not be printed is named")
    func secrets() {
        let source = CloudinaryCredentials(cloud: "shop", in: ["CLOUDINARY_URL": "cloudinary://111:sss@shop"])
        #expect(Set(source.secrets) == ["cloudinary://111:sss@shop", "111", "sss"])
    }

    @Test("URLs follow the service's own, or stand at an address of one's own")
    func urls() throws {
        let credentials = Credentials(accessKey: "1", secretKey: "s")
        var configuration = CloudinaryConfiguration(cloud: "shop")
        configuration.prefix = "m"
        let key = ObjectKey("ab/c d.webp")
        #expect(
            try CloudinaryStore(configuration, credentials: credentials).url(for: key)
                == "https://res.cloudinary.com/shop/image/upload/v1/m/ab/c%20d.webp.webp")
        #expect(configuration.delivered("https://res.cloudinary.com/shop/image/upload/v7/x.gif") != nil)
        #expect(configuration.delivered("https://res.cloudinary.com/shop2/image/upload/v7/x.gif") == nil)
        configuration.publicURL = "https://media.example/"
        #expect(
            try CloudinaryStore(configuration, credentials: credentials).url(for: ObjectKey("a.pdf"))
                == "https://media.example/raw/upload/v1/m/a.pdf")
        #expect(
            configuration.delivered("https://res.cloudinary.com/shop/image/upload/v7/x.gif")
                == "https://media.example/image/upload/v7/x.gif")
        for cloud in ["", "a/b", "a b"] {
            #expect(throws: StoreError.self) {
                try CloudinaryStore(CloudinaryConfiguration(cloud: cloud), credentials: credentials)
            }
        }
        configuration.endpoint = "ftp://x"
        let wrong = configuration
        #expect(throws: StoreError.self) { try CloudinaryStore(wrong, credentials: credentials) }
    }
}
