private import CLinux
private import Glibc

/// A file that gets its name only when it is whole. Until then it has none: whatever ends the process, nothing is left
/// of it, where the file system knows such files.
@safe package final class NewFile: Sendable {
    private let target: String
    private let number: Int32
    /// Its name where it must have one; nil where it has none.
    private let temporary: String?

    /// By which others in this process can write it.
    package var path: String { temporary ?? "/proc/self/fd/\(number)" }

    package init(for target: String) throws(FileError) {
        self.target = target
        let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        // `O_TMPFILE`, which is too much of a macro to be imported.
        let nameless = unsafe open(directory, 0o20000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o640)
        if nameless >= 0 {
            number = nameless
            temporary = nil
            return
        }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL else { throw .last(target) }
        let name = Self.temporaryName(target)
        number = unsafe open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard number >= 0 else { throw .last(target) }
        temporary = name
    }

    deinit {
        close(number)
        // Gone already when it was published.
        if let temporary { _ = unsafe unlink(temporary) }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(number, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last(target) }
            offset += count
        }
    }

    /// Gives it its name, in the place of what was there.
    package func publish() throws(FileError) {
        guard fsync(number) == 0 else { throw .last(target) }
        if temporary == nil {
            // A name that is taken is replaced by renaming only. The same name each time: what a crash between the two
            // calls leaves, the next download takes away.
            if link(as: target) { return syncDirectory() }
            guard errno == EEXIST else { throw .last(target) }
            let name = Self.temporaryName(target)
            unsafe unlink(name)
            guard link(as: name) else { throw .last(target) }
            guard unsafe rename(name, target) == 0 else {
                let error = FileError.last(target)
                unsafe unlink(name)
                throw error
            }
        } else if let temporary, unsafe rename(temporary, target) != 0 {
            throw .last(target)
        }
        syncDirectory()
    }

    private func link(as name: String) -> Bool {
        unsafe linkat(AT_FDCWD, "/proc/self/fd/\(number)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0
    }

    private func syncDirectory() {
        let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = unsafe open(slash.map { String(target[...$0]) } ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func temporaryName(_ target: String) -> String { target + ".offload-part" }
}

/// A file that is read piece by piece.
@safe package final class OpenFile: Sendable {
    package let path: String
    package let byteCount: Int
    private let number: Int32

    package init(_ path: String) throws(FileError) {
        self.path = path
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .last(path) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else {
            let error = FileError.last(path)
            close(file)
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw FileError(path, "is no ordinary file")
        }
        number = file
        byteCount = Int(status.st_size)
    }

    deinit {
        close(number)
    }

    /// What `fill` writes under the path that it is given. The file has no name any more when it is handed over, and
    /// nothing is left of one that `fill` would not stand by: it then answers false.
    package static func temporary(
        _ fill: (_ path: String) async throws -> Bool
    ) async throws -> OpenFile? {
        let path = Files.temporaryPath()
        defer { _ = unsafe Glibc.unlink(path) }
        return try await fill(path) ? OpenFile(path) : nil
    }

    /// The next bytes, at most so many; empty at the end.
    package func read(_ count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let got = unsafe Glibc.read(number, base + filled, count - filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = .last(path) }
                if got <= 0 { break }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// From its beginning again.
    package func rewind() { lseek(number, 0, SEEK_SET) }

    /// Takes its name away; it stays readable here.
    package func unlink() { _ = unsafe Glibc.unlink(path) }
}
