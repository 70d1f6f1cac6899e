// Ours, in the protocol of the peers: UploadBench ENDPOINT BUCKET PREFIX BYTES COUNT AT-ONCE puts that many objects, all
// different, through the store that a worker uses, and prints the seconds that it took: by the clock, and of CPU.
// Keys come from S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.
import Glibc
import ObjectStore
import Signing

@main
enum Driver {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let bytes = Int(arguments[4]), let count = Int(arguments[5]),
            let atOnce = Int(arguments[6])
        else {
            print("usage: UploadBench ENDPOINT BUCKET PREFIX BYTES COUNT AT-ONCE")
            exit(64)
        }
        var configuration = S3Configuration(bucket: arguments[2])
        configuration.endpoint = arguments[1]
        configuration.prefix = arguments[3]
        configuration.addressing = .path
        configuration.concurrency = atOnce
        let credentials = Credentials(
            accessKey: variable("S3_ACCESS_KEY_ID"), secretKey: variable("S3_SECRET_ACCESS_KEY"))
        let store = try S3Store(configuration, credentials: credentials)
        let objects = objects(of: bytes, count)
        let clock = ContinuousClock()
        let (start, before) = (clock.now, cpuSeconds())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, content) in objects.enumerated() {
                if number >= atOnce { try await group.next() }
                group.addTask {
                    let digest = SHA256.digest(content)
                    let upload = Upload(content, mediaType: "image/webp", sha256: digest)
                    _ = try await store.put(ObjectKey(digest, fileExtension: "webp"), upload)
                }
            }
            try await group.waitForAll()
        }
        let took = clock.now - start
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        let retries = store.statistics.retries
        print(#"{"seconds":\#(seconds),"cpu":\#(cpuSeconds() - before),"retries":\#(retries)}"#)
    }

    private static func variable(_ name: String) -> String {
        guard let value = getenv(name) else { return "" }
        return String(cString: value)
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
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
