package import ImageCodec
private import Platform

/// Does to a file what the worker does to a row's value.
package struct FileOptimizer: Sendable {
    package struct Optimization: Sendable {
        package var path: String
        package var sourceBytes: Int
        package var image: Optimized
        package var duration: Duration
        /// Where it was written.
        package var output: String?
    }

    package struct Failure: Error, Sendable, Equatable {
        package var path: String
        package var sourceBytes: Int?
        /// A refusal's code, or `unreadable`, `exists`, `unwritable`.
        package var reason: String
        package var detail: String
        package var remedy: String
    }

    package var policy: Policy
    /// Nil: nothing is written.
    package var outputDirectory: String?

    package init(policy: Policy = Policy(), outputDirectory: String? = nil) {
        self.policy = policy
        self.outputDirectory = outputDirectory
    }

    package func optimize(_ path: String) throws(Failure) -> Optimization {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(path)
        } catch {
            throw Failure(
                path: path, reason: "unreadable", detail: error.reason,
                remedy: error.reason.contains("directory") && !error.isMissing
                    ? "Name the files: \(path)/*" : "Check the name, and whether you may read it.")
        }
        let start = ContinuousClock.now
        let image: Optimized
        do throws(Refusal) {
            image = try ImageCodec.optimize(bytes, policy: policy)
        } catch {
            throw Failure(
                path: path, sourceBytes: bytes.count, reason: error.code.rawValue, detail: error.detail,
                remedy: error.code.remedyForFile)
        }
        var result = Optimization(
            path: path, sourceBytes: bytes.count, image: image, duration: ContinuousClock.now - start, output: nil)
        if let outputDirectory { result.output = try write(result, into: outputDirectory) }
        return result
    }

    /// Never in the place of something else: two sources may have one name, and the source itself may lie there.
    private func write(_ result: Optimization, into directory: String) throws(Failure) -> String {
        let name = fileName(result.path, result.image.mediaType)
        let output = directory == "/" ? "/" + name : "\(directory)/\(name)"
        do throws(FileError) {
            try Files.makeDirectory(directory)
            if !Files.exists(output) {
                try Files.write(result.image.bytes, to: output)
                return output
            }
            if try Files.read(output) == result.image.bytes { return output }
        } catch {
            throw Failure(
                path: result.path, sourceBytes: result.sourceBytes, reason: "unwritable", detail: "\(error)",
                remedy: "Choose a directory with --output in which you may write.")
        }
        throw Failure(
            path: result.path, sourceBytes: result.sourceBytes, reason: "exists",
            detail: "\(output) is there already, with other content",
            remedy: "Remove it, or choose another directory with --output.")
    }

    private func fileName(_ path: String, _ mediaType: MediaType) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let dot = name.lastIndex(of: ".")
        let stem = dot.map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
        let ending: String? =
            switch mediaType {
            case .jpeg: dot.map { name[$0...].lowercased() } == ".jpeg" ? "jpeg" : "jpg"
            case .png: "png"
            case .gif: "gif"
            case .webp: "webp"
            default: nil
            }
        return ending.map { "\(stem).\($0)" } ?? name
    }
}

extension Refusal.Code {
    /// What to do with a file that was refused.
    package var remedyForFile: String {
        switch self {
        case .empty: "The file has no content: get it again."
        case .notAnImage: "Only images are compressed; attach a column of other files with kind => 'file'."
        case .unsupportedFormat: "Convert it to JPEG, PNG, WebP or GIF."
        case .corrupt: "The file is damaged: get it again."
        case .truncated: "The file ends too early: get it again, whole."
        case .tooManyPixels: "Scale it down first."
        case .limitExceeded: "No picture is like this: get it from somewhere you trust."
        case .tooLarge: "Raise --max-bytes, lower --max-edge, or add a lower quality with --qualities."
        case .timeLimit: "Scale it down first."
        case .cancelled: "Run it again."
        case .outOfMemory: "Scale it down first, or give the program more memory."
        case .encodingFailed: "Please report it, with the file if you may."
        }
    }
}
