private import Glibc
import Signing

/// A directory of files, one for each object, at the path that its key spells.
///
/// A file appears whole or not at all, and is on the disk when `put` returns. No key reaches outside the directory: each
/// step of its path is opened below the one before, and symbolic links are not followed.
package final class DirectoryStore: ObjectStore {
    package let root: String
    private let publicURL: String?
    private let reserve: Int
    private let threads = diskThreads

    /// Where uploads wait for their name, below the root.
    static let temporaries = ".offload-tmp"
    private static let pageSize = 1000
    private static let pieceSize = 4 << 20

    /// - Parameter reserve: the bytes that must stay free on the disk.
    package init(root: String, publicURL: String? = nil, reserve: Int = 64 << 20) throws(StoreError) {
        guard root.hasPrefix("/"), !root.utf8.contains(0) else {
            throw StoreError(.misconfigured, "the directory of a store must be an absolute path: \(root)")
        }
        self.root = root
        self.publicURL = publicURL
        self.reserve = reserve
    }

    package func put(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) -> ObjectInfo {
        let path = try FilePlace(key)
        if case .matches = upload.condition {
            throw StoreError(.misconfigured, "a directory has no ETags to compare")
        }
        let (root, reserve, count) = (root, reserve, upload.content.count)
        let file = try await threads.run { () throws(StoreError) in
            try TemporaryFile(in: root, for: count, reserve: reserve)
        }
        do throws(StoreError) {
            try await fill(file, with: upload)
            // The new file is known to hold what the key names, the old one is not.
            let mayReplace = upload.condition != .absent
            return try await threads.run { () throws(StoreError) in
                try file.publish(as: path, count: count, mayReplace: mayReplace)
            }
        } catch {
            // Now, and not when the last of the threads lets go of it.
            await threads.run { file.discard() }
            throw error
        }
    }

    private func fill(_ file: TemporaryFile, with upload: Upload) async throws(StoreError) {
        var source = PieceSource(upload.content)
        var hash = SHA256()
        while let bytes = try await source.next(Self.pieceSize) {
            hash.update(bytes.span)
            try await threads.run { () throws(StoreError) in try file.append(bytes) }
        }
        let digest = hash.finish()
        if let expected = upload.sha256, expected != digest {
            throw StoreError(.source, "the bytes to be stored do not have the SHA-256 that was announced")
        }
    }

    package func get(_ key: ObjectKey, limit: Int) async throws(StoreError) -> [UInt8] {
        let path = try FilePlace(key)
        let root = root
        return try await threads.run { () throws(StoreError) in
            let file = try path.open(below: root)
            guard file.status.byteCount <= limit else {
                throw StoreError(.corrupt, "\(key) is longer than \(limit) bytes")
            }
            return try file.readAll(file.status.byteCount)
        }
    }

    package func download(_ key: ObjectKey, to destination: String) async throws(StoreError) -> ObjectInfo {
        let path = try FilePlace(key)
        let root = root
        return try await threads.run { () throws(StoreError) in
            let file = try path.open(below: root)
            let target = try newFile(for: destination)
            try file.copy(to: target.path)
            try publish(target)
            return ObjectInfo(key: key, byteCount: file.status.byteCount, modified: file.status.modified)
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let path = try FilePlace(key)
        let root = root
        return try await threads.run { () throws(StoreError) in
            do throws(StoreError) {
                let status = try path.open(below: root).status
                return ObjectInfo(key: key, byteCount: status.byteCount, modified: status.modified)
            } catch {
                if error.kind == .notFound { return nil }
                throw error
            }
        }
    }

    package func list(_ prefix: String, after continuation: String?) async throws(StoreError) -> ListPage {
        let root = root
        return try await threads.run { () throws(StoreError) in
            var walk = Walk(prefix: prefix, after: continuation, limit: Self.pageSize + 1)
            try walk.visit(try Descriptor.directory(root), "")
            let hasMore = walk.found.count > Self.pageSize
            let objects = Array(walk.found.prefix(Self.pageSize))
            return ListPage(objects: objects, next: hasMore ? objects.last?.key.path : nil)
        }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        let root = root
        return try await threads.run { () throws(StoreError) in
            var failures: [ObjectKey: StoreError] = [:]
            for key in keys {
                do throws(StoreError) {
                    try FilePlace(key).remove(below: root)
                } catch {
                    if error.kind != .notFound { failures[key] = error }
                }
            }
            return failures
        }
    }

    package func url(for key: ObjectKey) -> String {
        let path = RequestTarget.encode(key.path, keepingSlash: true)
        var address = publicURL ?? "file://" + RequestTarget.encode(root, keepingSlash: true)
        while address.hasSuffix("/") { address.removeLast() }
        return address + "/" + path
    }

    package func probe() async throws(StoreError) -> Probe {
        let key = ObjectKey(probePrefix + randomName())
        let bytes = Array("pg_offload was here".utf8)
        let watch = ContinuousClock()
        do throws(StoreError) {
            var start = watch.now
            _ = try await put(key, Upload(bytes, mediaType: "text/plain"))
            let putTime = watch.now - start
            start = watch.now
            guard try await get(key, limit: 1 << 16) == bytes else {
                throw StoreError(.corrupt, "the directory gave back other bytes than it was given")
            }
            let getTime = watch.now - start
            start = watch.now
            guard try await list(key.path, after: nil).objects.map(\.key) == [key] else {
                throw StoreError(.corrupt, "the directory does not list a file that it holds")
            }
            let listTime = watch.now - start
            start = watch.now
            if let failure = try await delete([key])[key] { throw failure }
            let deleteTime = watch.now - start
            // A process that was killed in its probe left something behind.
            try await sweepProbes(begunBefore: Int64(time(nil)) - 3600)
            return Probe(
                put: putTime, get: getTime, list: listTime, delete: deleteTime, clockDifference: nil,
                hasConditionalWrites: true, opensURLs: nil)
        } catch {
            _ = try? await delete([key])
            throw error
        }
    }

    /// Removes what uploads left behind that were begun before then and cut short. Returns how many.
    package func sweepUploads(begunBefore time: Int64) async throws(StoreError) -> Int {
        let root = root
        return try await threads.run { () throws(StoreError) in
            guard let directory = try Descriptor.directory(root).child(directory: Self.temporaries) else { return 0 }
            var count = 0
            for entry in try directory.entries() where entry.modified < time {
                if directory.unlink(entry.name) { count += 1 }
            }
            return count
        }
    }
}

/// A key as the names of directories and a file.
struct FilePlace: Sendable {
    let key: ObjectKey
    let directories: [String]
    let name: String

    init(_ key: ObjectKey) throws(StoreError) {
        // Byte by byte: to Swift a slash and the accent that follows it are one character, to the system they are two.
        var names = key.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let isValid = names.allSatisfy { name in
            !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255 && !name.utf8.contains(0)
        }
        guard isValid, key.path.utf8.count <= 1024, names.first != DirectoryStore.temporaries else {
            throw StoreError(.misconfigured, "a directory cannot hold the key \(key.path.prefix(80).debugDescription)")
        }
        self.key = key
        name = names.removeLast()
        directories = names
    }

    /// The directory that holds the file; nil when there is none.
    func directory(below root: Descriptor, creating: Bool) throws(StoreError) -> Descriptor? {
        var directory = root
        for name in directories {
            guard let next = try directory.child(directory: name, creating: creating) else { return nil }
            directory = next
        }
        return directory
    }

    func open(below root: String) throws(StoreError) -> Descriptor {
        guard let directory = try directory(below: try Descriptor.directory(root), creating: false),
            let file = try directory.child(file: name)
        else {
            throw StoreError(.notFound, "there is no object \(key)")
        }
        return file
    }

    func remove(below root: String) throws(StoreError) {
        guard let directory = try directory(below: try Descriptor.directory(root), creating: false) else { return }
        if directory.unlink(name) { return }
        let code = errno
        guard code == ENOENT else { throw storeError(code, "deleting \(key)") }
    }
}

/// Goes through a directory in the order of whole keys, a page at a time.
private struct Walk {
    let prefix: String
    let after: String?
    let limit: Int
    var found: [ObjectInfo] = []

    init(prefix: String, after: String?, limit: Int) {
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }

    mutating func visit(_ directory: Descriptor, _ path: String) throws(StoreError) {
        // A directory sorts as its keys do: with the slash.
        let entries = try directory.entries().map { ($0, path + $0.name + ($0.isDirectory ? "/" : "")) }
            .sorted { $0.1.utf8.lexicographicallyPrecedes($1.1.utf8) }
        for (entry, full) in entries {
            if found.count >= limit { return }
            if entry.isDirectory {
                if path.isEmpty, entry.name == DirectoryStore.temporaries { continue }
                guard full.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: full.utf8) else { continue }
                if let after, !after.utf8.starts(with: full.utf8), full.utf8.lexicographicallyPrecedes(after.utf8) {
                    continue
                }
                guard let child = try directory.child(directory: entry.name) else { continue }
                try visit(child, full)
            } else if full.utf8.starts(with: prefix.utf8),
                after.map({ $0.utf8.lexicographicallyPrecedes(full.utf8) }) ?? true
            {
                found.append(
                    ObjectInfo(key: ObjectKey(full), byteCount: entry.byteCount, modified: entry.modified))
            }
        }
    }
}
