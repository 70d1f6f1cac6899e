// Ours, in the protocol of the peers: a line of "path TAB variant TAB output" in, a line of JSON out with the CPU
// seconds that one image took. A variant is options with commas between them: webp, fast, keep, damaged, q<quality>
// for one rung, max<bytes>, edge<pixels>.
import Glibc
import ImageCodec

@main
enum Driver {
    static func main() {
        while let line = readLine() {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3 else { continue }
            print(answer(path: fields[0], policy: policy(fields[1]), output: fields[2]))
            fflush(nil)
        }
    }

    private static func policy(_ variant: String) -> Policy {
        var policy = Policy()
        func number(_ option: Substring, after prefix: String) -> Int { Int(option.dropFirst(prefix.count)) ?? 0 }
        for option in variant.split(separator: ",") {
            switch option {
            case "fast": policy.fast = true
            case "webp": policy.format = .webp
            case "keep": policy.flatten = false
            case "damaged": policy.acceptTruncated = true
            case _ where option.hasPrefix("max"): policy.maxBytes = number(option, after: "max")
            case _ where option.hasPrefix("edge"): policy.maxEdge = number(option, after: "edge")
            case _ where option.hasPrefix("q"): policy.qualities = [number(option, after: "q")]
            default: break
            }
        }
        return policy
    }

    private static func answer(path: String, policy: Policy, output: String) -> String {
        guard let file = open(path), !file.isEmpty else { return #"{"err":"cannot read"}"# }
        defer { munmap(UnsafeMutableRawPointer(mutating: file.baseAddress), file.count) }
        let start = clock()
        do {
            let content: UnsafeBufferPointer<UInt8> = file.bindMemory(to: UInt8.self)
            let result = try optimize(content.span, policy: policy)
            let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
            if output != "-" { write(result.bytes, to: output) }
            return """
                {"cpu":\(seconds),"bytes":\(result.bytes.count),"w":\(result.width),"h":\(result.height),\
                "q":\(result.quality ?? 0),"encodes":\(result.encodes),"source":\(result.isSource),\
                "rss":\(peakMemory()),"note":"\(result.note ?? "")"}
                """
        } catch {
            return #"{"err":"\#(error)"}"#
        }
    }

    /// The file mapped, not copied, and there before the clock starts, as the peers' is.
    private static func open(_ path: String) -> UnsafeRawBufferPointer? {
        let descriptor = Glibc.open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
        guard let base = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0), base != MAP_FAILED
        else { return nil }
        return UnsafeRawBufferPointer(start: base, count: Int(status.st_size))
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "wb") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    /// In kilobytes, since this program began: what getrusage tells is of the process that started it, too.
    private static func peakMemory() -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
            if text.hasPrefix("VmHWM:") { return Int(text.filter(\.isNumber)) ?? 0 }
        }
        return 0
    }
}
