import Foundation
import Signing
import TestGround
import Testing

@testable import ObjectStore

/// What every kind of store does alike.
@Suite("a store, whatever its kind")
struct ContractTests {
    enum Kind: CaseIterable {
        case directory
        case s3
    }

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func store(_ kind: Kind) throws -> any ObjectStore {
        switch kind {
        case .directory: try DirectoryStore(root: scratch.path)
        case .s3: try TestS3.store()
        }
    }

    private func keys(_ store: any ObjectStore, under prefix: String = "") async throws -> [String] {
        var keys: [String] = []
        for try await object in store.objects(under: prefix) { keys.append(object.key.path) }
        return keys
    }

    @Test("gives back what it was given, lists it and forgets it", arguments: Kind.allCases)
    func roundTrip(kind: Kind) async throws {
        let store = try store(kind)
        let content = bytes(100_000)
        let digest = SHA256.digest(content)
        let key = ObjectKey(digest, fileExtension: "webp")
        let info = try await store.put(key, Upload(content, mediaType: "image/webp", sha256: digest))
        #expect(info.key == key && info.byteCount == content.count)
        #expect(try await store.get(key, limit: 100_000) == content)
        #expect(try await store.exists(key))
        #expect(try await store.head(key)?.byteCount == content.count)
        let listed = try await store.list("", after: nil)
        #expect(listed.objects.map(\.key) == [key] && listed.objects.first?.byteCount == content.count)
        let age = Int64(Date().timeIntervalSince1970) - (try #require(listed.objects.first?.modified))
        #expect((-5...60).contains(age))
        #expect(try await store.delete([key]).isEmpty)
        #expect(try await !store.exists(key))
        #expect(try await keys(store) == [])
    }

    @Test("takes an empty object, a streamed one and a new one in an old one's place", arguments: Kind.allCases)
    func contents(kind: Kind) async throws {
        let store = try store(kind)
        let key = ObjectKey("a/b.bin")
        for content in [[], bytes(5), bytes(3_000_000)] {
            let digest = SHA256.digest(content)
            _ = try await store.put(key, Upload(stream(content), mediaType: "video/mp4", sha256: digest))
            #expect(try await store.get(key, limit: content.count) == content)
        }
    }

    @Test("stores nothing whose hash is not the one announced", arguments: Kind.allCases)
    func wrongHash(kind: Kind) async throws {
        let store = try store(kind)
        let key = ObjectKey("a")
        for content in [Upload.Content.bytes([1, 2, 3]), stream([1, 2, 3])] {
            let upload = Upload(content, mediaType: "image/webp", sha256: SHA256.digest([9]))
            #expect(await failure { _ = try await store.put(key, upload) }?.kind == .source)
        }
        #expect(try await !store.exists(key))
    }

    @Test("stores nothing of a source that fails or ends early", arguments: Kind.allCases)
    func brokenSource(kind: Kind) async throws {
        struct Dry: Error {}
        let store = try store(kind)
        let broken: [Upload.Content] = [
            .stream(count: 10) { throw Dry() }, .stream(count: 10) { [] }, .stream(count: 3) { [1, 2, 3, 4] },
        ]
        for content in broken {
            let error = await failure {
                _ = try await store.put(ObjectKey("a"), Upload(content, mediaType: "video/mp4"))
            }
            #expect(error?.kind == .source)
        }
        #expect(try await keys(store) == [])
    }

    @Test("says that an object is not there, and deletes it without a word", arguments: Kind.allCases)
    func missing(kind: Kind) async throws {
        let store = try store(kind)
        let key = ObjectKey("no/such/thing")
        #expect(await failure { _ = try await store.get(key, limit: 10) }?.kind == .notFound)
        #expect(await failure { _ = try await store.download(key, to: scratch.path + "/file") }?.kind == .notFound)
        #expect(try await store.head(key) == nil)
        #expect(try await store.delete([key, ObjectKey("nor this")]).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test("refuses to read more than it may", arguments: Kind.allCases)
    func limit(kind: Kind) async throws {
        let store = try store(kind)
        _ = try await store.put(ObjectKey("a"), Upload(bytes(100), mediaType: "image/webp"))
        #expect(await failure { _ = try await store.get(ObjectKey("a"), limit: 99) }?.kind == .corrupt)
    }

    @Test("a download appears whole, and leaves nothing else behind", arguments: Kind.allCases)
    func download(kind: Kind) async throws {
        let store = try store(kind)
        let content = bytes(2_000_000)
        _ = try await store.put(ObjectKey("a"), Upload(content, mediaType: "image/webp"))
        let target = try Scratch()
        let info = try await store.download(ObjectKey("a"), to: target.path + "/file")
        #expect(info.byteCount == content.count)
        #expect(try Data(contentsOf: URL(filePath: target.path + "/file")) == Data(content))
        #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["file"])
        let nowhere = await failure { _ = try await store.download(ObjectKey("a"), to: target.path + "/no/file") }
        #expect(nowhere?.kind == .source)
    }

    @Test("keys with odd characters come back as they went", arguments: Kind.allCases)
    func oddKeys(kind: Kind) async throws {
        let store = try store(kind)
        let names = [
            "plain.webp", "with space", "two  spaces", "unicode-üß", "世界/🪑.webp", "a+b", "percent%20literal", "100%",
            "hash#mark", "question?mark", "~tilde", "quote'and\"double", "(parens)[brackets]{braces}", "a&b=c<d>",
            "colon:at@semi;comma,", "dollar$bang!star*", "back\\slash", "pipe|caret^tick`", "line\nbreak", "tab\tstop",
            "e\u{301}-decomposed", "é-composed", "\u{e9}", "e\u{301}", "x/\u{301}combining", "trailing.",
            ".hidden/..double", "\u{7f}", "%2e%2e/x",
        ]
        for name in names {
            _ = try await store.put(ObjectKey("odd/" + name), Upload(Array(name.utf8), mediaType: "text/plain"))
        }
        for name in names {
            #expect(try await store.get(ObjectKey("odd/" + name), limit: 1000) == Array(name.utf8), "\(name)")
            #expect(try await store.head(ObjectKey("odd/" + name))?.byteCount == name.utf8.count, "\(name)")
        }
        let sorted = names.map { "odd/" + $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let listed = try await keys(store, under: "odd/")
        #expect(listed.map { Array($0.utf8) } == sorted.map { Array($0.utf8) })
        #expect(try await store.delete(names.map { ObjectKey("odd/" + $0) }).isEmpty)
        #expect(try await keys(store) == [])
    }

    @Test("a listing of several pages is complete and in the order of its bytes", arguments: Kind.allCases)
    func paging(kind: Kind) async throws {
        let store = try store(kind)
        let names = (0..<1030).map { "images/\($0 % 7)-\($0)/x\($0)" } + ["images2/a", "images-a", "images/0"]
        try await withThrowingTaskGroup { group in
            for chunk in stride(from: 0, to: names.count, by: 32) {
                group.addTask {
                    for name in names[chunk..<min(chunk + 32, names.count)] {
                        _ = try await store.put(ObjectKey(name), Upload([1], mediaType: "image/webp"))
                    }
                }
            }
            try await group.waitForAll()
        }
        let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(try await keys(store) == expected)
        #expect(try await keys(store, under: "images/") == expected.filter { $0.hasPrefix("images/") })
        #expect(try await keys(store, under: "images/3-") == expected.filter { $0.hasPrefix("images/3-") })
        #expect(try await store.delete(names.map { ObjectKey($0) }).isEmpty)
        #expect(try await keys(store) == [])
    }

    @Test("an object that must be new is not put in another's place", arguments: Kind.allCases)
    func absent(kind: Kind) async throws {
        let store = try store(kind)
        var upload = Upload([1], mediaType: "text/plain")
        upload.condition = .absent
        _ = try await store.put(ObjectKey("epoch"), upload)
        upload.content = .bytes([2])
        let second = upload
        #expect(await failure { _ = try await store.put(ObjectKey("epoch"), second) }?.kind == .conflict)
        #expect(try await store.get(ObjectKey("epoch"), limit: 1) == [1])
    }

    @Test("of many writers of one key one wins whole", arguments: Kind.allCases)
    func writers(kind: Kind) async throws {
        let store = try store(kind)
        let contents = (1...16).map { bytes(50_000, seed: $0) }
        try await withThrowingTaskGroup { group in
            for content in contents {
                group.addTask { _ = try await store.put(ObjectKey("a/b/c"), Upload(content, mediaType: "image/webp")) }
            }
            try await group.waitForAll()
        }
        #expect(contents.contains(try await store.get(ObjectKey("a/b/c"), limit: 50_000)))
        #expect(try await keys(store) == ["a/b/c"])
    }

    @Test("a probe tells that all is well, and leaves nothing behind", arguments: Kind.allCases)
    func probe(kind: Kind) async throws {
        let store = try store(kind)
        let probe = try await store.probe()
        #expect(probe.hasConditionalWrites)
        #expect(probe.put > .zero && probe.get > .zero && probe.list > .zero && probe.delete > .zero)
        if kind == .s3 {
            #expect(probe.opensURLs == false)
            let difference = try #require(probe.clockDifference)
            #expect((.seconds(-60) ... .seconds(60)).contains(difference))
        }
        #expect(try await keys(store) == [])
    }
}
