import Foundation
import Signing
import TestGround
import Testing

@testable import ObjectStore

@Suite("a directory store")
struct DirectoryStoreTests {
    private let scratch: Scratch
    private let store: DirectoryStore

    init() throws {
        scratch = try Scratch()
        store = try DirectoryStore(root: scratch.path)
    }

    private func put(_ key: String, _ content: [UInt8] = [1, 2, 3]) async throws {
        _ = try await store.put(ObjectKey(key), Upload(content, mediaType: "image/webp"))
    }

    @Test(
        "a key that would leave the directory, or cannot be a file, is refused",
        arguments: [
            "", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "a//b", "a/", "./a", "a/./b", "nul\0byte",
            ".offload-tmp/x", "../\u{301}x", "..\u{2f}\u{20dd}x", "a/..\u{2f}\u{301}",
            String(repeating: "n", count: 256), String(repeating: "d/", count: 600) + "x",
        ])
    func hostileKeys(key: String) async throws {
        #expect(await failure { try await put(key) }?.kind == .misconfigured)
        #expect(await failure { _ = try await store.get(ObjectKey(key), limit: 10) }?.kind == .misconfigured)
        #expect(await failure { _ = try await store.head(ObjectKey(key)) }?.kind == .misconfigured)
        #expect(try await store.delete([ObjectKey(key)])[ObjectKey(key)]?.kind == .misconfigured)
    }

    @Test("what a killed probe left behind is removed by a later one, and nothing else is")
    func leftoverProbes() async throws {
        try await put("offload-probe-0123")
        try await put("ab/cd/abcd.webp")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: scratch.path + "/offload-probe-0123")
        try await put("offload-probe-4567")
        _ = try await store.probe()
        let left = try await store.list("", after: nil).objects.map(\.key.path)
        #expect(left.sorted() == ["ab/cd/abcd.webp", "offload-probe-4567"], "a probe that may still run is left alone")
    }

    @Test("a symbolic link is never followed")
    func links() async throws {
        let outside = try Scratch()
        try Data("secret".utf8).write(to: URL(filePath: outside.path + "/file"))
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: scratch.path + "/dir", withDestinationPath: outside.path)
        try manager.createSymbolicLink(atPath: scratch.path + "/link", withDestinationPath: outside.path + "/file")
        #expect(await failure { _ = try await store.get(ObjectKey("dir/file"), limit: 10) } != nil)
        #expect(await failure { _ = try await store.get(ObjectKey("link"), limit: 10) }?.kind == .notFound)
        #expect(await failure { try await put("dir/new") }?.kind == .conflict)
        try await put("link")
        #expect(try Data(contentsOf: URL(filePath: outside.path + "/file")) == Data("secret".utf8))
        #expect(try manager.contentsOfDirectory(atPath: outside.path) == ["file"])
        _ = try await store.delete([ObjectKey("dir/file")])
        #expect(manager.fileExists(atPath: outside.path + "/file"))
        #expect(try await store.list("", after: nil).objects.map(\.key.path) == ["link"])
    }

    @Test("files are for the owner and the group, whatever the umask")
    func permissions() async throws {
        try await put("a/b")
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/a/b")[.posixPermissions] as? Int
        #expect(mode == 0o640)
        let directory = try FileManager.default.attributesOfItem(atPath: scratch.path + "/a")[.posixPermissions] as? Int
        #expect(try #require(directory) & 0o007 == 0)
    }

    @Test("a disk that would get too full is told before anything is written")
    func full() async throws {
        let store = try DirectoryStore(root: scratch.path, reserve: .max / 2)
        let error = await failure { _ = try await store.put(ObjectKey("a"), Upload([1], mediaType: "image/webp")) }
        #expect(error?.kind == .full)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/.offload-tmp").isEmpty)
    }

    @Test("a failed upload leaves no file, not even a hidden one")
    func leftovers() async throws {
        let upload = Upload([1], mediaType: "image/webp", sha256: SHA256.digest([2]))
        #expect(await failure { _ = try await store.put(ObjectKey("a"), upload) } != nil)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: scratch.path) == [".offload-tmp"])
    }

    @Test("what a crash left of an upload is swept when it is old enough")
    func sweep() async throws {
        try await put("a")
        let leftover = scratch.path + "/.offload-tmp/upload-of-a-dead-process"
        try Data([1]).write(to: URL(filePath: leftover))
        #expect(try await store.sweepUploads(begunBefore: 0) == 0)
        #expect(try await store.sweepUploads(begunBefore: .max) == 1)
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(try await store.exists(ObjectKey("a")))
    }

    @Test("a key below a file, or at a directory, is a conflict")
    func clash() async throws {
        try await put("a/b")
        #expect(await failure { try await put("a") }?.kind == .conflict)
        #expect(await failure { try await put("a/b/c") }?.kind == .conflict)
        #expect(try await store.head(ObjectKey("a")) == nil)
        #expect(try await store.head(ObjectKey("a/b/c")) == nil)
    }

    @Test("a directory that is not there, or not named in full, says so")
    func root() async throws {
        let gone = try DirectoryStore(root: scratch.path + "/gone")
        #expect(
            await failure { _ = try await gone.put(ObjectKey("a"), Upload([1], mediaType: "a/b")) }?.kind
                == .misconfigured)
        #expect(await failure { _ = try await gone.list("", after: nil) }?.kind == .misconfigured)
        #expect(throws: StoreError.self) { try DirectoryStore(root: "relative/path") }
    }

    @Test("its URLs are files', or lie below a public address")
    func urls() throws {
        #expect(store.url(for: ObjectKey("a b/ü.webp")) == "file://\(scratch.path)/a%20b/%C3%BC.webp")
        let served = try DirectoryStore(root: scratch.path, publicURL: "https://cdn.example.com/media/")
        #expect(served.url(for: ObjectKey("a/b#c")) == "https://cdn.example.com/media/a/b%23c")
    }
}
