// Ours, in the protocol of the peers: UploadBench ENDPOINT BUCKET PREFIX BYTES COUNT AT-ONCE puts that many objects, all
// different, through the store that a worker uses, and prints the seconds that it took: by the clock, and of CPU.
// UploadBench ENDPOINT BUCKET KEY FILE puts one file as it streams off the disk, and prints the most memory it took.
// Keys come from S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.
import Foundation
import ObjectStore
import Signing
import Synchronization

@main
enum Driver {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 5 {
            let store = try store(arguments, prefix: "", concurrency: 4)
            let file = open(arguments[4], O_RDONLY)
            let count = Int(lseek(file, 0, SEEK_END))
            lseek(file, 0, SEEK_SET)
            let upload = Upload(
                .stream(count: count) {
                    [UInt8](unsafeUninitializedCapacity: 1 << 20) { $1 = max(0, read(file, $0.baseAddress, $0.count)) }
                }, mediaType: "video/mp4")
            let info = try await store.put(ObjectKey(arguments[3]), upload)
            print(#"{"bytes":\#(info.byteCount),"rss":\#(try peakMemory())}"#)
            return
        }
        guard arguments.count == 7, let bytes = Int(arguments[4]), let count = Int(arguments[5]),
            let atOnce = Int(arguments[6])
        else {
            print("usage: UploadBench ENDPOINT BUCKET PREFIX BYTES COUNT AT-ONCE")
            exit(64)
        }
        let store = try store(arguments, prefix: arguments[3], concurrency: atOnce)
        let objects = objects(of: bytes, count)
        let clock = ContinuousClock()
        let (start, before) = (clock.now, cpuSeconds())
        // As the peers' threads do, each of the tasks puts one object after another.
        let next = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<atOnce {
                group.addTask {
                    while let content = objects.element(at: next.take()) {
                        let digest = SHA256.digest(content)
                        let upload = Upload(content, mediaType: "image/webp", sha256: digest)
                        _ = try await store.put(ObjectKey(digest, fileExtension: "webp"), upload)
                    }
                }
            }
            try await group.waitForAll()
        }
        let took = clock.now - start
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        let retries = store.statistics.retries
        print(#"{"seconds":\#(seconds),"cpu":\#(cpuSeconds() - before),"retries":\#(retries)}"#)
    }

    private static func store(_ arguments: [String], prefix: String, concurrency: Int) throws -> S3Store {
        var configuration = S3Configuration(bucket: arguments[2])
        configuration.endpoint = arguments[1]
        configuration.prefix = prefix
        configuration.addressing = .path
        configuration.concurrency = concurrency
        let credentials = Credentials(
            accessKey: variable("S3_ACCESS_KEY_ID"), secretKey: variable("S3_SECRET_ACCESS_KEY"))
        return try S3Store(configuration, credentials: credentials)
    }

    private static func variable(_ name: String) -> String {
        guard let value = getenv(name) else { return "" }
        return String(cString: value)
    }

    private static func cpuSeconds() -> Double {
        let usage = usage()
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    /// In kB. What getrusage calls so begins with the memory of the process that started this one.
    private static func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) } ?? .max
    }

    private static func usage() -> rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }

    /// Bytes like those of pictures, no two alike.
    private static func objects(of bytes: Int, _ count: Int) -> [[UInt8]] {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        let block = (0..<bytes).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 32)
        }
        return (0..<count).map { number in
            var object = block
            for place in 0..<min(8, bytes) { object[place] = UInt8(truncatingIfNeeded: number >> (place * 8)) }
            return object
        }
    }
}

private final class Counter: Sendable {
    private let value = Atomic(0)

    func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}

extension Array {
    fileprivate func element(at index: Int) -> Element? { index < count ? self[index] : nil }
}
