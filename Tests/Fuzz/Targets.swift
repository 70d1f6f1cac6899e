// What libFuzzer calls, compiled by scripts/fuzz into one module with what it tests. FUZZ_TARGET names the kind of
// content that is let through: jpeg, png, webp, gif, or text for base64 and data URIs.
import CImageShims
import CISAL
import Glibc

private let target: String = {
    guard let name = unsafe getenv("FUZZ_TARGET") else { return "" }
    return unsafe String(cString: name)
}()

private let policies: [Policy] = [false, true].flatMap { accepts in
    [false, true].map { flattens in
        var policy = Policy()
        policy.maxPixels = 250_000
        policy.maxEdge = 48
        policy.qualities = [40]
        policy.acceptTruncated = accepts
        policy.flatten = flattens
        policy.fast = true
        policy.timeLimit = .seconds(5)
        return policy
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if target == "text" {
        if case .bytes(let decoded) = readSourceText(input.span) {
            let again = readSourceText(encodeBase64(decoded.span).span)
            precondition(again == .bytes(decoded), "base64 that was read is written as it was")
        }
        _ = dataURIPrefix(of: input.span)
        return 0
    }
    if target == "png" { repairSums(&input) }
    guard sniff(input)?.rawValue == "image/\(target)" else { return -1 }
    if target == "jpeg" { compareScanReaders(input) }
    // The last byte chooses the policy: it means nothing to a decoder.
    let policy = policies[Int(input.last ?? 0) % policies.count]
    if let result = try? optimize(input, policy: policy) {
        precondition(result.width <= 48 && result.height <= 48)
        precondition(result.isSource || sniff(result.bytes) == .webp)
    }
    return 0
}

/// However the scans are read, libjpeg's word on the picture is the same.
private func compareScanReaders(_ bytes: [UInt8]) {
    guard let header = try? Header.read(bytes.span, mediaType: .jpeg), header.width * header.height <= 250_000 else {
        return
    }
    let expected = JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG)
    for way in [JPEG_SCANS_FASTEST, JPEG_SCANS_PORTABLE] {
        precondition(JPEGReading(bytes, by: way).looks(like: expected))
    }
}

/// With wrong sums nothing behind them would ever be tried.
private func repairSums(_ png: inout [UInt8]) {
    var at = 8
    while at + 12 <= png.count {
        let length = png.span.big32(at: at)
        guard at + 12 + length <= png.count else { return }
        let sum = unsafe png.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { unsafe crc32_gzip_refl(0, $0 + at + 4, UInt64(length + 4)) } ?? 0
        }
        for index in 0..<4 { png[at + 8 + length + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * index)) }
        at += 12 + length
    }
}
