import Foundation
import Signing
import TestGround
import Testing

@testable import ObjectStore

extension CloudinaryServer {
    nonisolated func store(
        secret: String = CloudinaryServer.secret, ahead: Int64 = 0, at time: Int64? = nil,
        _ change: (inout CloudinaryConfiguration) -> Void = { _ in }
    ) throws -> CloudinaryStore {
        var configuration = CloudinaryConfiguration(cloud: Self.cloud)
        configuration.endpoint = endpoint
        configuration.publicURL = publicURL
        configuration.prefix = "media"
        configuration.firstRetryDelay = .milliseconds(1)
        change(&configuration)
        return try CloudinaryStore(
            configuration, credentials: Credentials(accessKey: Self.key, secretKey: secret),
            clock: { time ?? Int64(Date().timeIntervalSince1970) + ahead })
    }
}

/// Bytes that pass for what the key says, as far as anybody looks.
private func content(_ count: Int, as start: [UInt8] = Array("GIF89a".utf8), seed: Int = 1) -> [UInt8] {
    start + bytes(count - start.count, seed: seed)
}

private let mp4 = [0, 0, 0, 24] + Array("ftypisom".utf8)

private func md5(_ bytes: [UInt8]) -> String { Hexadecimal.encode(MD5.digest(bytes)) }

@Suite("a Cloudinary store")
struct CloudinaryStoreTests {
    private let server: CloudinaryServer

    init() throws {
        server = try CloudinaryServer()
    }

    @Test(
        "puts, reads, asks for and deletes an object of each kind",
        arguments: [
            ("a/1.gif", "image", Array("GIF89a".utf8), "image/gif"), ("a/2.mp4", "video", mp4, "video/mp4"),
            ("a/3.pdf", "raw", Array("%PDF".utf8), "application/pdf"), ("a/plain", "raw", [0], "text/plain"),
        ])
    func roundTrip(key: String, type: String, start: [UInt8], mediaType: String) async throws {
        let store = try server.store()
        let bytes = content(50_000, as: start)
        let key = ObjectKey(key)
        let info = try await store.put(key, Upload(bytes, mediaType: mediaType, sha256: SHA256.digest(bytes)))
        #expect(info.etag == md5(bytes) && info.byteCount == bytes.count)
        let asset = try #require(try await server.assets["\(type)/media/\(key.path)"])
        let format = type == "raw" ? "" : "." + (key.path.split(separator: ".").last ?? "")
        #expect(info.url == "\(server.publicURL)/\(type)/upload/v\(asset[1])/media/\(key.path)\(format)")
        #expect(
            info.provider == ["resource_type": type, "type": "upload", "version": "\(asset[1])", "bytes": "50000"])
        #expect(try await store.get(key, limit: 50_000) == bytes)
        let head = try #require(try await store.head(key))
        #expect(head.byteCount == 50_000 && head.etag == md5(bytes))
        #expect(abs(Int64(Date().timeIntervalSince1970) - (head.modified ?? 0)) < 60)
        #expect(try await store.delete([key]).isEmpty)
        #expect(try await server.assets.isEmpty)
        #expect(try await store.head(key) == nil)
        #expect(try await !store.exists(key))
        #expect(await failure { _ = try await store.get(key, limit: 10) }?.kind == .notFound)
    }

    @Test("equal bytes are one asset, which keeps its version; other bytes take its place")
    func overwriting() async throws {
        let store = try server.store()
        let key = ObjectKey("x.gif")
        let first = try await store.put(key, Upload(content(100), mediaType: "image/gif"))
        let again = try await store.put(key, Upload(content(100), mediaType: "image/gif"))
        #expect(again.url == first.url && again.provider == first.provider)
        #expect(try await server.assets["image/media/x.gif"]?.last == 1)
        let other = try await store.put(key, Upload(content(100, seed: 2), mediaType: "image/gif"))
        #expect(other.url != first.url && other.etag == md5(content(100, seed: 2)))
        #expect(try await store.get(key, limit: 100) == content(100, seed: 2))
        #expect(try await server.uploads().last?.parameters["invalidate"] == "true")
    }

    @Test("an object that must be new is not put in another's place")
    func absent() async throws {
        let store = try server.store()
        for content in [Upload.Content.bytes([7]), stream([7])] {
            var upload = Upload(content, mediaType: "text/plain")
            upload.condition = .absent
            let mine = upload
            let key = ObjectKey("epoch-\(randomName())")
            _ = try await store.put(key, Upload([1], mediaType: "text/plain"))
            #expect(await failure { _ = try await store.put(key, mine) }?.kind == .conflict)
            #expect(try await store.get(key, limit: 1) == [1])
        }
        var matching = Upload([1], mediaType: "text/plain")
        matching.condition = .matches("x")
        let upload = matching
        #expect(await failure { _ = try await store.put(ObjectKey("a"), upload) }?.kind == .misconfigured)
    }

    @Test("a stream goes up as it comes, and not at all when its hash is not the one announced")
    func streams() async throws {
        let store = try server.store()
        let bytes = content(3_000_000, as: mp4)
        let upload = Upload(stream(bytes), mediaType: "video/mp4", sha256: SHA256.digest(bytes))
        #expect(try await store.put(ObjectKey("v.mp4"), upload).etag == md5(bytes))
        #expect(try await store.get(ObjectKey("v.mp4"), limit: 3_000_000) == bytes)

        struct Dry: Error {}
        let wrong: [Upload.Content] = [
            .bytes([1, 2, 3]), stream([1, 2, 3]), .stream(count: 10) { throw Dry() }, .stream(count: 10) { [] },
            .stream(count: 3) { [1, 2, 3, 4] },
        ]
        for content in wrong {
            let upload = Upload(content, mediaType: "text/plain", sha256: SHA256.digest([9]))
            #expect(await failure { _ = try await store.put(ObjectKey("w"), upload) }?.kind == .source)
        }
        #expect(try await server.assets.keys.sorted() == ["video/media/v.mp4"])
    }

    @Test("of many writers of one key one wins whole")
    func writers() async throws {
        let store = try server.store()
        let contents = (1...8).map { content(50_000, seed: $0) }
        try await withThrowingTaskGroup { group in
            for content in contents {
                group.addTask { _ = try? await store.put(ObjectKey("w.gif"), Upload(content, mediaType: "image/gif")) }
            }
            try await group.waitForAll()
        }
        #expect(contents.contains(try await store.get(ObjectKey("w.gif"), limit: 50_000)))
    }

    @Test("a listing is complete, kind after kind and page after page, and knows no neighbour")
    func listing() async throws {
        let store = try server.store()
        var expected: [String] = []
        for number in 0..<1003 {
            try await server.seed("raw", "media/r/\(number)", [1, 2])
            expected.append("r/\(number)")
        }
        try await server.seed("image", "media/i/a.gif", content(7))
        try await server.seed("video", "media/i/b.mp4", content(20, as: mp4))
        try await server.seed("image", "media2/i/a.gif", content(7))
        expected += ["i/a.gif", "i/b.mp4"]
        var found: [String] = []
        for try await object in store.objects(under: "") { found.append(object.key.path) }
        #expect(found.sorted() == expected.sorted())
        var images: [String: Int] = [:]
        for try await object in store.objects(under: "i/") { images[object.key.path] = object.byteCount }
        #expect(images == ["i/a.gif": 7, "i/b.mp4": 20])
        #expect(await failure { _ = try await store.list("", after: "nothing") }?.kind == .misconfigured)
    }

    @Test("a download appears whole, and leaves nothing else behind")
    func download() async throws {
        let store = try server.store()
        let scratch = try Scratch()
        let bytes = content(2_000_000)
        _ = try await store.put(ObjectKey("d.gif"), Upload(bytes, mediaType: "image/gif"))
        #expect(try await store.download(ObjectKey("d.gif"), to: scratch.path + "/file").byteCount == bytes.count)
        #expect(try Data(contentsOf: URL(filePath: scratch.path + "/file")) == Data(bytes))
        let missing = await failure { _ = try await store.download(ObjectKey("no.gif"), to: scratch.path + "/no") }
        #expect(missing?.kind == .notFound)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["file"])
    }

    @Test("a probe tells that all is well, and leaves nothing behind")
    func probe() async throws {
        let old = "media/offload-probe-old.gif"
        try await server.seed("image", old, content(9))
        let probe = try await server.store(ahead: 1800).probe()
        #expect(probe.opensURLs == true && probe.hasConditionalWrites)
        #expect(probe.put > .zero && probe.get > .zero && probe.list > .zero && probe.delete > .zero)
        let difference = try #require(probe.clockDifference)
        #expect((.seconds(-1860) ... .seconds(-1740)).contains(difference))
        #expect(try await server.assets.keys.sorted() == ["image/" + old], "one of half an hour may still be in use")
    }

    @Test("keys that Cloudinary does not take are refused before anything is sent")
    func keys() async throws {
        let store = try server.store()
        let wrong = [
            "", "a?b", "a&b", "a#b", "a\\b", "a%b", "a<b", "a>b", "a+b", "a\nb", "a ", "a/",
            String(repeating: "x", count: 250),
        ]
        for key in wrong {
            let error = await failure { _ = try await store.put(ObjectKey(key), Upload([1], mediaType: "text/plain")) }
            #expect(error?.kind == .misconfigured, "\(key)")
        }
        #expect(
            await failure { _ = try await store.put(ObjectKey("a"), Upload([], mediaType: "x/y")) }?.kind == .rejected)
        #expect(try await server.calls.isEmpty)
        for key in ["with space.gif", "unicode-üß/世界.gif", "e\u{301}.gif", "é.gif", "(a)[b]{c},;:@=$!*'.gif"] {
            _ = try await store.put(ObjectKey(key), Upload(content(50), mediaType: "image/gif"))
            #expect(try await store.get(ObjectKey(key), limit: 50) == content(50), "\(key)")
            #expect(try await store.head(ObjectKey(key))?.byteCount == 50, "\(key)")
        }
        var count = 0
        for try await _ in store.objects(under: "") { count += 1 }
        #expect(count == 5)
    }
}

@Suite("a Cloudinary store's large objects")
struct CloudinaryChunkTests {
    private let server: CloudinaryServer

    init() throws {
        server = try CloudinaryServer()
    }

    private func store() throws -> CloudinaryStore {
        try server.store {
            $0.chunkThreshold = 10_000_000
            $0.chunkSize = 5_500_000
        }
    }

    @Test(
        "go up in chunks of one upload, and are one asset",
        arguments: [(10_000_001, "ok"), (11_000_000, "ok"), (11_000_001, "composite")])
    func chunks(count: Int, mode: String) async throws {
        try await server.set(mode)
        let bytes = content(count, as: mp4)
        let upload = Upload(stream(bytes), mediaType: "video/mp4", sha256: SHA256.digest(bytes))
        let info = try await store().put(ObjectKey("v.mp4"), upload)
        #expect(info.byteCount == count && (info.etag == md5(bytes)) == (mode == "ok"))
        #expect(try await store().get(ObjectKey("v.mp4"), limit: count) == bytes)
        let uploads = try await server.uploads()
        #expect(Set(uploads.map { $0.headers["x-unique-upload-id"] }).count == 1)
        let starts = Array(stride(from: 0, to: count, by: 5_500_000))
        #expect(
            uploads.map { $0.headers["content-range"] }
                == starts.map { "bytes \($0)-\(min($0 + 5_500_000, count) - 1)/\(count)" })
        // Read back where the ETag proves nothing.
        let readBack = try await server.calls.filter { $0.headers["range"] != nil }.count
        #expect(readBack == (mode == "ok" ? 0 : starts.count))
    }

    @Test("a chunk that failed is sent again")
    func retriedChunk() async throws {
        try await server.set("status:500*1")
        let bytes = content(12_000_000, as: mp4)
        let info = try await store().put(ObjectKey("v.mp4"), Upload(bytes, mediaType: "video/mp4"))
        #expect(info.etag == md5(bytes))
    }

    @Test("are not stored when their hash is not the one announced, nor kept when other bytes come back")
    func wrongHash() async throws {
        let bytes = content(12_000_000, as: mp4)
        let wrong = Upload(stream(bytes), mediaType: "video/mp4", sha256: SHA256.digest([9]))
        #expect(await failure { _ = try await store().put(ObjectKey("v.mp4"), wrong) }?.kind == .source)
        #expect(try await server.assets.isEmpty)
        try await server.set("alter")
        let altered = Upload(stream(bytes), mediaType: "video/mp4", sha256: SHA256.digest(bytes))
        #expect(await failure { _ = try await store().put(ObjectKey("v.mp4"), altered) }?.kind == .corrupt)
    }

    @Test("are cut at 100 MB without a setting")
    func beyondOneHundredMegabytes() async throws {
        let count = 100_000_001
        let source = Generated(count)
        let upload = Upload(
            .stream(count: count) { await source.next() }, mediaType: "video/mp4", sha256: await source.sha256)
        let info = try await server.store().put(ObjectKey("large.mp4"), upload)
        #expect(info.byteCount == count)
        #expect(try await server.uploads().count == 6)
    }
}

/// A video that never is whole in memory.
private actor Generated {
    private let count: Int
    private var given = 0
    private let block = bytes(1_000_000)

    init(_ count: Int) { self.count = count }

    private func piece(at position: Int) -> [UInt8] {
        position == 0 ? mp4 + block.dropFirst(mp4.count) : Array(block.prefix(count - position))
    }

    var sha256: SHA256Digest {
        var hash = SHA256()
        for position in stride(from: 0, to: count, by: 1_000_000) {
            let piece = piece(at: position)
            hash.update(piece.span)
        }
        return hash.finish()
    }

    func next() -> [UInt8] {
        let piece = piece(at: given)
        given += piece.count
        return piece
    }
}
