import Foundation
import HTTPTransfer
import Signing
import TestGround
import Testing

@testable import ObjectStore

/// What an S3 store makes of the answers that it gets, and of those that it does not.
@Suite("the word of an S3 store")
struct S3AnswerTests {
    private func upload(_ content: [UInt8], _ condition: Upload.Condition) -> Upload {
        var upload = Upload(content, mediaType: "image/webp", sha256: SHA256.digest(content))
        upload.condition = condition
        return upload
    }

    private func through(_ faults: String..., change: (inout S3Configuration) -> Void = { _ in }) throws -> (
        S3Store, Relay
    ) {
        let relay = try Relay(faults)
        let store = try TestS3.store {
            $0.endpoint = relay.plain
            change(&$0)
        }
        return (store, relay)
    }

    // MARK: Conditions

    @Test("an object that must be new and whose answer was lost is known as stored", arguments: [false, true])
    func lostAnswer(isAnnounced: Bool) async throws {
        let (store, relay) = try through("lost")
        defer { withExtendedLifetime(relay) {} }
        var upload = upload([1, 2, 3], .absent)
        // Without the hash that was announced the ETag tells.
        if !isAnnounced { upload.sha256 = nil }
        let info = try await store.put(ObjectKey("a"), upload)
        #expect(info.byteCount == 3 && info.etag == Hexadecimal.encode(MD5.digest([1, 2, 3])))
        // The put that was lost, the one that met its object, and a look at it.
        #expect(store.statistics.requests == 3 && store.statistics.failures == 1)
        #expect(try await store.list("", after: nil).objects.count == 1)
    }

    @Test("a lost answer makes no other writer's object ours")
    func otherWriter() async throws {
        let (store, relay) = try through("ok", "status:500:InternalError")
        defer { withExtendedLifetime(relay) {} }
        _ = try await store.put(ObjectKey("epoch"), upload([7], .none))
        #expect(await failure { _ = try await store.put(ObjectKey("epoch"), upload([8], .absent)) }?.kind == .conflict)
        #expect(try await store.get(ObjectKey("epoch"), limit: 1) == [7])
    }

    @Test("what lies at the name of its own content already is not sent again, unless it is something else")
    func sameContent() async throws {
        let store = try TestS3.store { $0.capabilities.conditionalWrites = true }
        let content = bytes(300_000)
        let key = ObjectKey(SHA256.digest(content), fileExtension: "webp")
        for requests in [1, 3] {
            let info = try await store.put(key, upload(content, .absentOrSame))
            #expect(info.byteCount == content.count)
            #expect(store.statistics.requests == requests)
        }
        #expect(try await store.head(key)?.sha256 == SHA256.digest(content))
        _ = try await store.put(key, Upload([9], mediaType: "image/webp"))
        _ = try await store.put(key, upload(content, .absentOrSame))
        #expect(try await store.get(key, limit: 300_000) == content)
    }

    @Test("a store that is not known to obey conditions is not asked to")
    func unknownConditions() async throws {
        let store = try TestS3.store()
        for _ in 1...2 { _ = try await store.put(ObjectKey("a"), upload([1], .absentOrSame)) }
        #expect(store.statistics.requests == 2)
    }

    @Test("parts that meet their own object, or another's of the same content, count as stored")
    func partsConflict() async throws {
        let content = bytes(17_000_000)
        let store = try TestS3.store {
            $0.multipartThreshold = 6 << 20
            $0.partSize = 5 << 20
            $0.capabilities.conditionalWrites = true
        }
        for _ in 1...2 { _ = try await store.put(ObjectKey("large"), upload(content, .absentOrSame)) }
        #expect(try await store.sweepUploads(begunBefore: .max) == 0)
        #expect(SHA256.digest(try await store.get(ObjectKey("large"), limit: 1 << 30)) == SHA256.digest(content))
    }

    // MARK: Checksums

    @Test("a probe finds out whether checksums are checked, and uploads go by it")
    func probedChecksums() async throws {
        let plain = try TestS3.store()
        #expect(try await !plain.probe().hasChecksums, "Ceph 16 knows them not")
        let (refusing, first) = try through("refusing-checksums")
        #expect(try await !refusing.probe().hasChecksums)
        _ = try await refusing.put(ObjectKey("a"), upload([1], .none))
        let (store, second) = try through("checksums")
        let probe = try await store.probe()
        #expect(probe.hasChecksums && probe.hasConditionalWrites)
        #expect(store.capabilities == S3Capabilities(conditionalWrites: true, checksums: true))
        let before = store.statistics.requests
        _ = try await store.put(ObjectKey("a"), upload([1], .none))
        #expect(store.statistics.requests == before + 1)
        #expect(try await store.list("", after: nil).objects.map(\.key) == [ObjectKey("a")])
        withExtendedLifetime((first, second)) {}
    }

    @Test("a checksum that is told wrongly is settled by reading the object back")
    func wrongChecksum() async throws {
        let (store, relay) = try through("checksums", "checksum", "ok", "checksum", "download") {
            $0.capabilities.checksums = true
        }
        _ = try await store.put(ObjectKey("a"), upload([1, 2], .none))
        #expect(store.statistics.requests == 2)
        #expect(await failure { _ = try await store.put(ObjectKey("a"), upload([1, 2], .none)) }?.kind == .corrupt)
        withExtendedLifetime(relay) {}
    }

    @Test("bytes that were altered on the way are refused and sent again, with either proof", arguments: [false, true])
    func altered(hasChecksums: Bool) async throws {
        let (store, relay) = try through(hasChecksums ? "checksums" : "ok", "upload", "ok") {
            $0.capabilities.checksums = hasChecksums
        }
        if !hasChecksums { _ = try await store.head(ObjectKey("none")) }
        _ = try await store.put(ObjectKey("a"), upload(bytes(100_000), .none))
        #expect(store.statistics.retries == 1)
        #expect(try await store.get(ObjectKey("a"), limit: 100_000) == bytes(100_000))
        withExtendedLifetime(relay) {}
    }

    // MARK: Regions

    @Test("each way of naming another region leads there", arguments: ["301", "307", "400"])
    func regions(status: String) async throws {
        let (store, relay) = try through("redirect:eu-west-1:\(status)")
        _ = try await store.put(ObjectKey("a"), upload([1, 2, 3], .none))
        #expect(store.region == "eu-west-1")
        #expect(try await store.get(ObjectKey("a"), limit: 3) == [1, 2, 3])
        #expect(store.statistics.requests == 3 && store.statistics.failures == 0)
        withExtendedLifetime(relay) {}
    }

    @Test("Amazon's address follows the region that a bucket is found in")
    func regionalAddress() throws {
        var configuration = S3Configuration(bucket: "shop-media")
        #expect(try S3Address(configuration, region: "eu-west-1").host == "shop-media.s3.eu-west-1.amazonaws.com")
        configuration.endpoint = "https://s3.us-east-1.amazonaws.com"
        #expect(try S3Address(configuration, region: "eu-west-1").host == "shop-media.s3.eu-west-1.amazonaws.com")
    }

    // MARK: TLS

    @Test("a real server is reached over TLS by an authority of one's own, in either style, and not without it")
    func realTLS() async throws {
        let (port, authority) = try TestServers.secureS3
        for (host, addressing) in [("127.0.0.1", S3Configuration.Addressing.path), ("s3.localhost", .virtual)] {
            let store = try TestS3.store {
                $0.endpoint = "https://\(host):\(port)"
                $0.certificateAuthority = authority
                $0.addressing = addressing
            }
            _ = try await store.put(ObjectKey("ä b"), upload([1, 2, 3], .none))
            #expect(try await store.get(ObjectKey("ä b"), limit: 3) == [1, 2, 3])
            let blind = try TestS3.store {
                $0.endpoint = "https://\(host):\(port)"
                $0.addressing = addressing
            }
            #expect(await failure { _ = try await blind.head(ObjectKey("a")) }?.kind == .misconfigured)
        }
    }

    // MARK: Options

    @Test("each option of a store is sent as S3 spells it, and none is sent unasked")
    func options() throws {
        func headers(_ options: [String: String]) throws -> [String: String] {
            var configuration = try TestS3.configuration()
            try configuration.apply(options)
            let store = try S3Store(configuration, credentials: TestS3.credentials)
            let sent = store.objectHeaders(Upload([1], mediaType: "image/webp"))
            return Dictionary(uniqueKeysWithValues: sent.map { ($0.name, $0.value) })
        }
        let plain = ["content-type": "image/webp", "cache-control": "public, max-age=31536000, immutable"]
        #expect(try headers([:]) == plain)
        #expect(try headers(["acl": "none", "encryption": "none"]) == plain)
        #expect(try headers(["cache_control": "none"]) == ["content-type": "image/webp"])
        #expect(try headers(["cache_control": "no-cache"])["cache-control"] == "no-cache")
        #expect(try headers(["storage_class": "STANDARD_IA"])["x-amz-storage-class"] == "STANDARD_IA")
        #expect(try headers(["acl": "public-read"])["x-amz-acl"] == "public-read")
        #expect(try headers(["encryption": "sse-s3"])["x-amz-server-side-encryption"] == "AES256")
        let kms = try headers(["encryption": "sse-kms", "kms_key_id": "arn:aws:kms:key/1"])
        #expect(kms["x-amz-server-side-encryption"] == "aws:kms")
        #expect(kms["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:aws:kms:key/1")
        for wrong in [["encryption": "rot13"], ["acl": "a\r\nx: y"]] {
            #expect(throws: StoreError.self) { try headers(wrong) }
        }
    }

    // MARK: Memory

    @Test("a file of a gigabyte goes up in less than 100 MB")
    func memory() async throws {
        let sink = try ScriptServer("sink.py")
        let scratch = try Scratch()
        let path = scratch.path + "/film"
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 1 << 30)
        try file.close()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = URL(filePath: tests).deletingLastPathComponent().appending(path: "UploadBench").path
        let driver =
            FileManager.default.isExecutableFile(atPath: beside)
            ? beside
            : URL(filePath: #filePath).appending(path: "../../../.build/debug/UploadBench").standardizedFileURL.path
        let process = Process()
        process.executableURL = URL(filePath: driver)
        process.arguments = [sink.endpoint, "bucket", "film", path]
        process.environment = ["S3_ACCESS_KEY_ID": "made-up", "S3_SECRET_ACCESS_KEY": "made-up"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = try await Task.detached { try output.fileHandleForReading.readToEnd() }.value
        process.waitUntilExit()
        struct Answer: Decodable { var bytes, rss: Int }
        let answer = try JSONDecoder().decode(Answer.self, from: text ?? Data())
        #expect(answer.bytes == 1 << 30)
        #expect(answer.rss < 100_000, "\(answer.rss) kB")
    }
}
