// Ours, in the protocol of the peers: a line of "path TAB variant TAB output" in, a line of JSON out with the CPU
// seconds that one image took. Variants: "ladder", "fast", or "q85" for one quality without a ladder.
import Foundation
import ImageCodec

@main
enum Driver {
    static func main() {
        while let line = readLine() {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3 else { continue }
            print(answer(path: fields[0], variant: fields[1], output: fields[2]))
            fflush(nil)
        }
    }

    private static func answer(path: String, variant: String, output: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return #"{"err":"cannot read"}"# }
        let bytes = [UInt8](data)
        var policy = Policy()
        for option in variant.split(separator: ",") {
            switch option {
            case "fast": policy.fast = true
            case "webp": policy.format = .webp
            case "keep": policy.flatten = false
            case "damaged": policy.acceptTruncated = true
            case _ where option.hasPrefix("q"): policy.qualities = [Int(option.dropFirst()) ?? 85]
            case _ where option.hasPrefix("max"): policy.maxBytes = Int(option.dropFirst(3)) ?? 500_000
            default: break
            }
        }
        let start = clock()
        do {
            let result = try optimize(bytes, policy: policy)
            let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
            if output != "-" { _ = FileManager.default.createFile(atPath: output, contents: Data(result.bytes)) }
            return """
                {"cpu":\(seconds),"bytes":\(result.bytes.count),"w":\(result.width),"h":\(result.height),\
                "q":\(result.quality ?? 0),"encodes":\(result.encodes),"source":\(result.isSource),\
                "rss":\(peakMemory()),"note":"\(result.note ?? "")"}
                """
        } catch {
            return #"{"err":"\#(error)"}"#
        }
    }

    /// In kilobytes, of the whole process so far.
    private static func peakMemory() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }
}
