private import CLinux
private import Glibc
import Platform

// Files and directories, for threads that may wait. All that is unsafe in this module is here and in its threads.

/// Owns an open file or directory.
@safe final class Descriptor: Sendable {
    struct Entry {
        let name: String
        let isDirectory: Bool
        let byteCount: Int
        let modified: Int64
    }

    let number: Int32
    let status: (byteCount: Int, modified: Int64)

    private init(_ number: Int32, _ status: stat) {
        self.number = number
        self.status = (Int(status.st_size), Int64(status.st_mtim.tv_sec))
    }

    deinit {
        close(number)
    }

    static func directory(_ path: String) throws(StoreError) -> Descriptor {
        let number = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else {
            let code = errno
            if code == ENOENT {
                throw StoreError(.misconfigured, "the directory \(path) does not exist", code: "ENOENT")
            }
            throw storeError(code, "opening \(path)")
        }
        return Descriptor(number, stat())
    }

    /// The directory of that name below this one; nil when there is none.
    func child(directory name: String, creating: Bool = false) throws(StoreError) -> Descriptor? {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var child = unsafe openat(number, name, flags)
        if child < 0, errno == ENOENT {
            guard creating else { return nil }
            if unsafe mkdirat(number, name, 0o750) == 0 {
                fsync(number)
            } else if errno != EEXIST {
                throw storeError(errno, "making the directory \(name)")
            }
            child = unsafe openat(number, name, flags)
        }
        guard child >= 0 else {
            let code = errno
            if code == ENOTDIR || code == ELOOP {
                if !creating, code == ENOTDIR { return nil }
                throw StoreError(.conflict, "\(name) is not a directory", code: "ENOTDIR")
            }
            throw storeError(code, "opening the directory \(name)")
        }
        return Descriptor(child, stat())
    }

    /// The file of that name below this one; nil when there is none.
    func child(file name: String) throws(StoreError) -> Descriptor? {
        let child = unsafe openat(number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard child >= 0 else {
            let code = errno
            if code == ENOENT || code == ELOOP { return nil }
            throw storeError(code, "opening \(name)")
        }
        var status = stat()
        guard unsafe fstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(child)
            return nil
        }
        return Descriptor(child, status)
    }

    func unlink(_ name: String) -> Bool { unsafe unlinkat(number, name, 0) == 0 }

    func readAll(_ count: Int) throws(StoreError) -> [UInt8] {
        var code: Int32 = 0
        let number = number
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                guard let base = buffer.baseAddress else { break }
                let taken = unsafe read(number, base + filled, count - filled)
                if taken < 0, errno == EINTR { continue }
                if taken <= 0 {
                    code = taken < 0 ? errno : EIO
                    break
                }
                filled += taken
            }
        }
        if code != 0 { throw storeError(code, "reading") }
        return bytes
    }

    func copy(to path: String) throws(StoreError) {
        let target = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard target >= 0 else { throw destinationError(errno, path) }
        defer { close(target) }
        var left = status.byteCount
        while left > 0 {
            let count = sendfile(target, number, nil, left)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw destinationError(count < 0 ? errno : EIO, path) }
            left -= count
        }
    }

    private func destinationError(_ code: Int32, _ path: String) -> StoreError {
        StoreError(.source, "\(path) cannot be written: \(unsafe String(cString: strerror(code)))")
    }

    func entries() throws(StoreError) -> [Entry] {
        // `fdopendir` takes over the descriptor that it is given.
        let copy = unsafe openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else { throw storeError(errno, "listing") }
        defer { unsafe closedir(stream) }
        var entries: [Entry] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name, name != ".", name != ".." else { continue }
            var status = stat()
            guard unsafe fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let type = status.st_mode & S_IFMT
            guard type == S_IFREG || type == S_IFDIR else { continue }
            entries.append(
                Entry(
                    name: name, isDirectory: type == S_IFDIR, byteCount: Int(status.st_size),
                    modified: Int64(status.st_mtim.tv_sec)))
        }
        return entries
    }
}

/// A file that has no name among the objects yet. It is removed unless it is published.
final class TemporaryFile: Sendable {
    private let root: Descriptor
    private let directory: Descriptor
    private let name = "upload-" + randomName() + randomName()
    private let number: Int32

    init(in path: String, for count: Int, reserve: Int) throws(StoreError) {
        root = try Descriptor.directory(path)
        guard let directory = try root.child(directory: DirectoryStore.temporaries, creating: true) else {
            throw StoreError(.conflict, "\(DirectoryStore.temporaries) is not a directory")
        }
        self.directory = directory
        var disk = statvfs()
        if unsafe fstatvfs(root.number, &disk) == 0 {
            let free = Int(clamping: disk.f_bavail.multipliedReportingOverflow(by: disk.f_frsize).partialValue)
            guard free - count >= reserve else {
                throw StoreError(
                    .full, "\(path) has \(free) bytes free, of which \(reserve) stay free: no room for \(count)")
            }
        }
        number = unsafe openat(directory.number, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard number >= 0 else { throw storeError(errno, "making a file in \(path)") }
        // Whatever the umask takes away.
        fchmod(number, 0o640)
    }

    deinit {
        if number >= 0 { close(number) }
        discard()
    }

    /// Gone already when it was published.
    func discard() {
        _ = directory.unlink(name)
    }

    func append(_ bytes: [UInt8]) throws(StoreError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(number, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw storeError(errno, "writing a file") }
            offset += count
        }
    }

    func publish(as path: FilePlace, count: Int, mayReplace: Bool) throws(StoreError) -> ObjectInfo {
        var status = stat()
        guard fsync(number) == 0, unsafe fstat(number, &status) == 0 else {
            throw storeError(errno, "writing \(path.key)")
        }
        guard status.st_size == count else {
            throw StoreError(.corrupt, "\(path.key) has \(status.st_size) bytes on the disk in place of \(count)")
        }
        guard let target = try path.directory(below: root, creating: true) else {
            throw StoreError(.conflict, "\(path.key) lies below something that is no directory")
        }
        let code: Int32
        if mayReplace {
            code = unsafe renameat(directory.number, name, target.number, path.name) == 0 ? 0 : errno
        } else {
            code = unsafe linkat(directory.number, name, target.number, path.name, 0) == 0 ? 0 : errno
        }
        switch code {
        case 0: break
        case EEXIST, EISDIR, ENOTEMPTY, ENOTDIR:
            throw StoreError(.conflict, "\(path.key) exists already", code: "EEXIST")
        default: throw storeError(code, "naming \(path.key)")
        }
        guard fsync(target.number) == 0 else { throw storeError(errno, "writing \(path.key)") }
        return ObjectInfo(key: path.key, byteCount: count, modified: Int64(status.st_mtim.tv_sec))
    }
}

/// A file that appears under the path when it is published.
func newFile(for path: String) throws(StoreError) -> NewFile {
    do throws(FileError) {
        return try NewFile(for: path)
    } catch {
        throw StoreError(.source, "\(error.path) cannot be written: \(error.reason)")
    }
}

func publish(_ file: NewFile) throws(StoreError) {
    do throws(FileError) {
        try file.publish()
    } catch {
        throw StoreError(.source, "\(error.path) cannot be written: \(error.reason)")
    }
}

/// The text of a file, cut to 1 MiB.
func readSmallFile(_ path: String) throws(StoreError) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
        throw StoreError(.misconfigured, "\(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let capacity = bytes.count
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, capacity) }
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
}

/// What the system's refusal means for a store.
func storeError(_ code: Int32, _ what: String) -> StoreError {
    let kind: StoreError.Kind =
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .full
        case EACCES, EPERM, EROFS: .refused
        case ENOENT: .notFound
        case EEXIST, ENOTDIR, EISDIR: .conflict
        case ENAMETOOLONG, EINVAL: .misconfigured
        default: .unreachable
        }
    return StoreError(kind, "\(what) failed: \(unsafe String(cString: strerror(code)))")
}
