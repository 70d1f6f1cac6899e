private import Glibc

/// Why a file could not be read or written, in the system's words.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    package var path: String
    package var reason: String
    /// There is nothing of this name.
    package var isMissing: Bool

    package init(_ path: String, _ reason: String, isMissing: Bool = false) {
        self.path = path
        self.reason = reason
        self.isMissing = isMissing
    }

    /// The last call's failure.
    static func last(_ path: String) -> FileError {
        let code = errno
        return FileError(path, unsafe String(cString: strerror(code)).lowercased(), isMissing: code == ENOENT)
    }

    package var description: String { "\(path): \(reason)" }
}

/// Whole files, and the directories they lie in.
package enum Files {
    package static func read(_ path: String, limit: Int = 1 << 30) throws(FileError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .last(path) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw .last(path) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError(path, "is a directory") }
        guard Int(status.st_size) <= limit else { throw FileError(path, "has more than \(limit) bytes") }
        var bytes: [UInt8] = []
        var capacity = max(Int(status.st_size) + 1, 4096)
        while true {
            let rest = capacity
            var isFailed = false
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: rest) { buffer, count in
                let got = unsafe Glibc.read(file, buffer.baseAddress, rest)
                isFailed = got < 0
                count = max(0, got)
            }
            if isFailed { throw .last(path) }
            if piece.isEmpty { return bytes }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
            guard bytes.count <= limit else { throw FileError(path, "has more than \(limit) bytes") }
            capacity = 1 << 16
        }
    }

    /// Writes a file that appears only when it is whole.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let temporary = "\(path).\(getpid()).part"
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .last(path) }
        var written = 0
        while written < bytes.count {
            let done = written
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(file, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            guard count > 0 || errno == EINTR else {
                let error = FileError.last(path)
                close(file)
                unsafe unlink(temporary)
                throw error
            }
            written += max(0, count)
        }
        guard close(file) == 0, unsafe rename(temporary, path) == 0 else {
            let error = FileError.last(path)
            unsafe unlink(temporary)
            throw error
        }
    }

    /// Where files go that nobody is to keep.
    package static var temporaryDirectory: String {
        let named = Process.environment["TMPDIR"] ?? ""
        return named.isEmpty ? "/tmp" : named
    }

    /// A name there that nobody has.
    package static func temporaryPath() -> String {
        temporaryDirectory + "/offload-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    package static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the directory and those above it; harmless when it is there.
    package static func makeDirectory(_ path: String) throws(FileError) {
        guard !isDirectory(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeDirectory(String(path[..<slash]))
        }
        guard unsafe mkdir(path, 0o755) == 0 || isDirectory(path) else { throw .last(path) }
    }

    package static var workingDirectory: String {
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// The bytes that the file system of this path has for us, and has in all.
    package static func space(at path: String) -> (free: Int, total: Int)? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return (Int(status.f_bavail) * Int(status.f_frsize), Int(status.f_blocks) * Int(status.f_frsize))
    }
}

extension Process {
    /// Ends the process. What was written to standard output has gone out: nothing is buffered here.
    package static func end(_ status: Int32) -> Never { _exit(status) }

    /// The line a person types, without its end; nil when there is none.
    package static func ask(_ question: String) -> String? {
        writeToStandardOutput(question)
        return readLine(strippingNewline: true)
    }

    /// Hides an argument from the list of processes, where a password would stand for all to see.
    package static func hide(argument: Int) {
        guard argument > 0, argument < CommandLine.argc, let text = unsafe CommandLine.unsafeArgv[argument] else {
            return
        }
        unsafe memset(text, Int32(UInt8(ascii: "x")), strlen(text))
    }
}
