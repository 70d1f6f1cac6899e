import Foundation
import HTTPTransfer
import Signing
import TestGround
import Testing

@testable import ObjectStore

@Suite("an S3 store")
struct S3StoreTests {
    private let upload = Upload([1, 2, 3], mediaType: "image/webp")

    // MARK: Addresses

    @Test("path and virtual addressing reach the same bucket")
    func addressing() async throws {
        let prefix = "t-\(UUID())"
        let path = try TestS3.store {
            $0.prefix = prefix
            $0.addressing = .path
        }
        let virtual = try TestS3.store {
            $0.prefix = prefix
            $0.addressing = .virtual
            $0.endpoint = $0.endpoint?.replacing("127.0.0.1", with: "s3.localhost")
        }
        #expect(virtual.url(for: ObjectKey("k")).hasPrefix("http://test.s3.localhost:"))
        let key = ObjectKey("ä b/+ü.webp")
        _ = try await virtual.put(key, upload)
        #expect(try await path.get(key, limit: 10) == [1, 2, 3])
        #expect(try await virtual.list("", after: nil) == path.list("", after: nil))
        #expect(try await virtual.delete([key, ObjectKey("other")]).isEmpty)
        #expect(try await !path.exists(key))
    }

    @Test("a prefix never matches its neighbour")
    func prefix() async throws {
        let base = "t-\(UUID())"
        let images = try TestS3.store { $0.prefix = base + "/images" }
        let images2 = try TestS3.store { $0.prefix = base + "/images2/" }
        _ = try await images2.put(ObjectKey("a"), upload)
        #expect(try await images.list("", after: nil).objects.isEmpty)
        #expect(images.url(for: ObjectKey("a")).hasSuffix("/images/a"))
    }

    @Test("content type, cache header and class of storage arrive")
    func headers() async throws {
        let store = try TestS3.store()
        let key = ObjectKey("a.webp")
        _ = try await store.put(key, upload)
        #expect(try await store.head(key)?.mediaType == "image/webp")
        #expect(try await store.head(key)?.etag == Hexadecimal.encode(MD5.digest([1, 2, 3])))
        let url = try await store.presignedURL(for: key, lifetime: .seconds(60))
        let response = try await HTTPClient().perform(Request(method: "GET", url: url))
        #expect(response.status == 200 && response.body == [1, 2, 3])
        #expect(response[header: "cache-control"] == "public, max-age=31536000, immutable")
        #expect(response[header: "content-encoding"] == nil)
        let plain = try await HTTPClient().perform(Request(method: "GET", url: store.url(for: key)))
        #expect(plain.status == 403)
        let open = try TestS3.store { $0.accessControl = "public-read" }
        #expect(try await open.probe().opensURLs == true)
    }

    // MARK: Refusals

    @Test("wrong credentials are refused at once, and no error holds a secret")
    func credentials() async throws {
        for (credentials, code) in [
            (Credentials(accessKey: "testaccesskey", secretKey: "wr0ng-secret"), "SignatureDoesNotMatch"),
            (Credentials(accessKey: "nobody", secretKey: "wr0ng-secret"), "InvalidAccessKeyId"),
        ] {
            let store = try S3Store(TestS3.configuration(), credentials: credentials)
            let error = await failure { _ = try await store.put(ObjectKey("a"), upload) }
            #expect(error?.kind == .refused && error?.code == code)
            #expect(store.statistics.requests == 1 && store.statistics.failures == 1)
            #expect(!"\(String(reflecting: error)) \(error.debugDescription)".contains("wr0ng"))
            #expect(await failure { _ = try await store.head(ObjectKey("a")) }?.kind == .refused)
            #expect(await failure { _ = try await store.list("", after: nil) }?.kind == .refused)
        }
    }

    @Test("a bucket that is not there is named by each call that meets it")
    func vanishedBucket() async throws {
        let store = try TestS3.store { $0.bucket = "vanished" }
        let calls: [() async throws -> Void] = [
            { _ = try await store.put(ObjectKey("a"), upload) },
            { _ = try await store.get(ObjectKey("a"), limit: 10) },
            { _ = try await store.list("", after: nil) },
            { _ = try await store.delete([ObjectKey("a"), ObjectKey("b")]) },
            { _ = try await store.probe() },
        ]
        for call in calls {
            let error = await failure(call)
            #expect(error?.kind == .misconfigured && error?.code == "NoSuchBucket")
            #expect(error?.message == "the bucket vanished does not exist")
        }
    }

    @Test("a clock that is off is told with how much", arguments: [-1200, 1200] as [Int64])
    func clock(offset: Int64) async throws {
        let store = try S3Store(
            TestS3.configuration(), credentials: TestS3.credentials,
            clock: { Int64(Date().timeIntervalSince1970) + offset })
        let error = await failure { _ = try await store.put(ObjectKey("a"), upload) }
        #expect(error?.kind == .misconfigured && error?.code == "RequestTimeTooSkewed")
        let difference = try #require(error?.clockDifference)
        #expect((.seconds(-offset - 60) ... .seconds(-offset + 60)).contains(difference))
        #expect(error?.message.contains(offset < 0 ? "behind" : "ahead") == true)
    }

    @Test("nobody at the endpoint means: try later")
    func unreachable() async throws {
        let store = try TestS3.store {
            $0.endpoint = "http://127.0.0.1:1"
            $0.attempts = 3
        }
        #expect(await failure { _ = try await store.put(ObjectKey("a"), upload) }?.kind == .unreachable)
        #expect(store.statistics == S3Store.Statistics(requests: 3, retries: 2, failures: 1, bytesSent: 9))
    }

    @Test("what cannot be an endpoint or a bucket is refused when the store is made")
    func configuration() throws {
        for endpoint in ["", "http://", "https://user@host", "ht tp://x", "https://host/a b", "http://ho\nst"] {
            #expect(throws: StoreError.self, "\(endpoint)") { try TestS3.store { $0.endpoint = endpoint } }
        }
        for bucket in ["", "a/b", "a b"] {
            #expect(throws: StoreError.self, "\(bucket)") { try TestS3.store { $0.bucket = bucket } }
        }
        #expect(throws: StoreError.self) {
            try TestS3.store {
                $0.bucket = "Upper_Case"
                $0.addressing = .virtual
            }
        }
    }

    // MARK: TLS

    @Test("TLS works with an authority of one's own, and not without it")
    func tls() async throws {
        let relay = try Relay()
        let store = try TestS3.store {
            $0.endpoint = relay.secure
            $0.certificateAuthority = relay.certificate
        }
        _ = try await store.put(ObjectKey("a"), upload)
        #expect(try await store.get(ObjectKey("a"), limit: 10) == [1, 2, 3])
        let virtual = try TestS3.store {
            $0.endpoint = "https://s3.localhost:\(relay.securePort)"
            $0.certificateAuthority = relay.certificate
            $0.addressing = .virtual
        }
        _ = try await virtual.put(ObjectKey("a"), upload)
        let blind = try TestS3.store { $0.endpoint = relay.secure }
        #expect(await failure { _ = try await blind.put(ObjectKey("a"), upload) }?.kind == .misconfigured)
        #expect(blind.statistics.requests == 1)
    }

    // MARK: Multipart

    private func large(_ store: (inout S3Configuration) -> Void = { _ in }) throws -> S3Store {
        try TestS3.store {
            $0.multipartThreshold = 6 << 20
            $0.partSize = 5 << 20
            store(&$0)
        }
    }

    @Test("a large object goes up in parts and comes back whole")
    func multipart() async throws {
        let store = try large()
        let content = bytes(17_000_000)
        let digest = SHA256.digest(content)
        for body in [Upload.Content.bytes(content), stream(content)] {
            let info = try await store.put(ObjectKey("large"), Upload(body, mediaType: "video/mp4", sha256: digest))
            #expect(info.etag?.hasSuffix("-4") == true)
            #expect(SHA256.digest(try await store.get(ObjectKey("large"), limit: 1 << 30)) == digest)
        }
        #expect(try await store.head(ObjectKey("large"))?.mediaType == "video/mp4")
        #expect(try await store.sweepUploads(begunBefore: .max) == 0)
    }

    @Test("an upload in parts that fails is aborted: nothing is left, nothing appears")
    func aborted() async throws {
        struct Dry: Error {}
        let store = try large()
        let content = bytes(17_000_000)
        let counter = Counter()
        let uploads = [
            Upload(content, mediaType: "video/mp4", sha256: SHA256.digest([])),
            Upload(
                .stream(count: content.count) {
                    if await counter.next() > 12 { throw Dry() }
                    return Array(content[..<1_000_000])
                }, mediaType: "video/mp4"),
        ]
        for upload in uploads {
            #expect(await failure { _ = try await store.put(ObjectKey("large"), upload) }?.kind == .source)
            #expect(try await !store.exists(ObjectKey("large")))
            #expect(try await store.sweepUploads(begunBefore: .max) == 0)
        }
    }

    @Test("a cancelled upload in parts is aborted")
    func cancelled() async throws {
        let store = try large()
        let task = Task {
            try await store.put(
                ObjectKey("large"),
                Upload(
                    .stream(count: 50_000_000) {
                        if store.statistics.bytesSent > 5_000_000 {
                            withUnsafeCurrentTask { $0?.cancel() }
                            try Task.checkCancellation()
                        }
                        return [UInt8](repeating: 1, count: 1_000_000)
                    }, mediaType: "video/mp4"))
        }
        #expect(await failure { _ = try await task.value }?.kind == .cancelled)
        #expect(try await store.sweepUploads(begunBefore: .max) == 0)
        #expect(try await !store.exists(ObjectKey("large")))
    }

    @Test("what a crash left half uploaded is swept when it is old enough, under the prefix only")
    func sweep() async throws {
        let store = try large()
        let call = S3Call("beginning", "POST", key: store.configuration.prefix + "ü left", query: [("uploads", "")])
        _ = try await store.send(call)
        _ = try await store.send(call)
        #expect(try await TestS3.store().sweepUploads(begunBefore: .max) == 0)
        #expect(try await store.sweepUploads(begunBefore: Int64(Date().timeIntervalSince1970) - 3600) == 0)
        #expect(try await store.sweepUploads(begunBefore: .max) == 2)
    }

    @Test("parts stay within S3's limits at every size")
    func partSizes() {
        #expect(S3Store.partSize(for: 65 << 20, preferred: 16 << 20) == 16 << 20)
        #expect(S3Store.partSize(for: 65 << 20, preferred: 1) == 5 << 20)
        for count in [1 << 30, 100 << 30, 156_250 << 20, 1 << 40, 5 << 40] {
            let size = S3Store.partSize(for: count, preferred: 16 << 20)
            #expect((count + size - 1) / size <= 10_000)
            #expect((5 << 20...5 << 30).contains(size))
        }
        #expect(S3Store.partSize(for: 48 << 40, preferred: 16 << 20) <= 5 << 30)
    }

    // MARK: Faults on the way

    private func through(_ relay: Relay, _ change: (inout S3Configuration) -> Void = { _ in }) throws -> S3Store {
        try TestS3.store {
            $0.endpoint = relay.plain
            change(&$0)
        }
    }

    @Test(
        "a put survives what breaks on the way, and ends with the right bytes",
        arguments: [
            "status:500:InternalError", "status:503:SlowDown", "status:503", "status:429", "status:502", "reset",
            "lost",
            "upload", "truncate",
        ])
    func putFaults(fault: String) async throws {
        let relay = try Relay(fault, fault)
        let store = try through(relay)
        let content = bytes(300_000)
        _ = try await store.put(
            ObjectKey("a"), Upload(content, mediaType: "image/webp", sha256: SHA256.digest(content)))
        #expect(try await store.get(ObjectKey("a"), limit: 1 << 20) == content)
        #expect(try await store.list("", after: nil).objects.count == 1)
        // The answer to a put has no body to cut: only the get that follows is.
        #expect(store.statistics.retries == (fault == "truncate" ? 1 : 2))
    }

    @Test(
        "a get survives what breaks on the way",
        arguments: ["status:500:InternalError", "status:503", "truncate", "lost"])
    func getFaults(fault: String) async throws {
        let relay = try Relay("ok", fault, "ok", fault)
        let store = try through(relay)
        let content = bytes(300_000)
        _ = try await store.put(ObjectKey("a"), Upload(content, mediaType: "image/webp"))
        #expect(try await store.get(ObjectKey("a"), limit: 1 << 20) == content)
        let scratch = try Scratch()
        _ = try await store.download(ObjectKey("a"), to: scratch.path + "/a")
        #expect(try Data(contentsOf: URL(filePath: scratch.path + "/a")) == Data(content))
        // A kept connection that dies without an answer is replaced below the store.
        #expect(store.statistics.retries == (fault == "lost" ? 0 : 2))
    }

    @Test("an ETag that does not fit is settled by reading the object back")
    func wrongETag() async throws {
        let relay = try Relay("etag")
        let store = try through(relay)
        _ = try await store.put(ObjectKey("a"), upload)
        #expect(store.statistics.requests == 2)
        let altering = try Relay("etag", "download")
        let doubtful = try through(altering)
        let error = await failure { _ = try await doubtful.put(ObjectKey("a"), upload) }
        #expect(error?.kind == .corrupt)
    }

    @Test("a store that stays broken is told as unreachable, after as many tries as allowed")
    func givingUp() async throws {
        let relay = try Relay("status:503:SlowDown", "status:503:SlowDown", "status:503:SlowDown")
        let store = try through(relay) { $0.attempts = 2 }
        let error = await failure { _ = try await store.put(ObjectKey("a"), upload) }
        #expect(error?.kind == .unreachable && error?.code == "SlowDown" && error?.status == 503)
        #expect(error?.requestID == "r1")
        #expect(store.statistics.requests == 2)
    }

    @Test("Retry-After is honoured, and told when it is too long to wait for")
    func retryAfter() async throws {
        let relay = try Relay("status:503:SlowDown:1", "status:503:SlowDown:3600")
        let store = try through(relay)
        let start = ContinuousClock.now
        let error = await failure { _ = try await store.put(ObjectKey("a"), upload) }
        #expect(ContinuousClock.now - start >= .seconds(1))
        #expect(error?.kind == .unreachable && error?.retryAfter == .seconds(3600))
    }

    @Test("a silent store is given up after the time allowed")
    func silent() async throws {
        let relay = try Relay("silent")
        let store = try through(relay) {
            $0.stallTimeout = .milliseconds(300)
            $0.attempts = 1
        }
        #expect(await failure { _ = try await store.put(ObjectKey("a"), upload) }?.kind == .unreachable)
    }

    @Test("a bucket in another region is found there, and the region is remembered")
    func region() async throws {
        let relay = try Relay("redirect:eu-west-1")
        let store = try through(relay)
        _ = try await store.put(ObjectKey("a"), upload)
        #expect(store.region == "eu-west-1")
        #expect(try await store.get(ObjectKey("a"), limit: 10) == [1, 2, 3])
        #expect(store.statistics.requests == 3)
    }

    @Test(
        "a refusal is not tried again",
        arguments: ["status:403:AccessDenied", "status:400:InvalidArgument", "status:507"])
    func noRetry(fault: String) async throws {
        let relay = try Relay(fault)
        let store = try through(relay) { $0.attempts = fault == "status:507" ? 1 : 5 }
        let error = await failure { _ = try await store.put(ObjectKey("a"), upload) }
        let expected: [StoreError.Kind] = [.refused, .misconfigured, .full]
        #expect(expected.contains(try #require(error?.kind)))
        #expect(store.statistics.requests == 1)
    }

    @Test("parts are retried alone, and a lost answer to the last call is looked into")
    func multipartFaults() async throws {
        let content = bytes(17_000_000)
        let digest = SHA256.digest(content)
        for faults in [
            ["ok", "status:500", "reset", "upload", "lost"], ["ok", "ok", "ok", "ok", "ok", "lost"],
            ["ok", "ok", "ok", "ok", "ok", "error-in-200"], ["lost"],
        ] {
            let relay = try Relay(faults)
            let store = try through(relay) {
                $0.multipartThreshold = 6 << 20
                $0.partSize = 5 << 20
            }
            _ = try await store.put(ObjectKey("large"), Upload(content, mediaType: "video/mp4", sha256: digest))
            // Each part at most once more.
            #expect(store.statistics.bytesSent < 39_000_000)
            #expect(SHA256.digest(try await store.get(ObjectKey("large"), limit: 1 << 30)) == digest)
            // An upload whose beginning was lost is the sweep's.
            #expect(try await store.sweepUploads(begunBefore: .max) == (faults == ["lost"] ? 1 : 0))
        }
    }

    @Test("a delete that partly fails names what is left")
    func deleteFaults() async throws {
        let relay = try Relay("ok", "ok", "status:501:NotImplemented")
        let store = try through(relay)
        for name in ["a", "b"] { _ = try await store.put(ObjectKey(name), upload) }
        // A server without the call for many is asked one by one, from then on.
        #expect(try await store.delete([ObjectKey("a"), ObjectKey("b")]).isEmpty)
        #expect(try await store.list("", after: nil).objects.isEmpty)
    }
}

private actor Counter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
