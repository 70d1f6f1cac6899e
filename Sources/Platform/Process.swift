private import CLinux
private import Glibc

/// Facts about this process and the machine it runs on.
package enum Process {
    package static var identifier: Int { Int(getpid()) }

    package static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        let capacity = name.count - 1
        guard unsafe gethostname(&name, capacity) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    package static var secondsSince1970: Int { time(nil) }

    /// Runs the body and ends the process with the status that it answers.
    ///
    /// In place of an asynchronous `main`: there the runtime's threads exist before the first line runs, and a signal
    /// that this line blocks would be delivered to one of them.
    package static func run(_ body: @escaping @Sendable () async -> Int32) -> Never {
        Task { exit(await body()) }
        while true { pause() }
    }

    /// Ends this process at once, as kill -9 does: nothing is tidied up.
    package static func kill() {
        _ = Glibc.kill(getpid(), SIGKILL)
    }

    /// Gives memory that is free back to the system; worth it when the process falls idle.
    package static func trimMemory() {
        malloc_trim(0)
    }

    /// Unmaps the pages of program text: most were needed once, to start or for a value long done. What is run again
    /// comes back from the page cache, a fraction of a millisecond for all of it.
    package static func trimText() {
        for range in textRanges {
            unsafe madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
    }

    /// Where files are mapped to be run. Only these are never written to, so that nothing is lost with their pages.
    private static let textRanges: [Range<UInt>] = {
        guard let maps = try? Files.read("/proc/self/maps") else { return [] }
        return maps.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard fields.count == 6, fields[1] == "r-xp", fields[5].contains("/") else { return nil }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
        }
    }()

    /// The environment, as it was when the process began.
    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            unsafe next += 1
        }
        return variables
    }
}
