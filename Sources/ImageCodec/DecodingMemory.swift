/// The bytes that decoding takes beyond the few megabytes that any picture needs, as far as its header tells: a small
/// file can stand for a large picture. None for what is no image, or would be refused.
package func decodingMemory(of bytes: Span<UInt8>, policy: Policy = Policy()) -> Int {
    guard let mediaType = sniff(bytes), let header = try? Header.read(bytes, mediaType: mediaType),
        (try? header.check(policy)) != nil
    else { return 0 }
    let pixels = header.width * header.height
    switch header.layout {
    case .jpeg(let layout): return layout.hasManyScans ? layout.coefficientBytes(pixels) : 0
    case .png(let layout): return layout.isInterlaced ? pixels * 4 : 0
    case .gif: return pixels
    case .webp(let layout):
        let target = Target(width: header.width, height: header.height, maxEdge: policy.maxEdge)
        let scaled = min(pixels, 16 * target.width * target.height)
        if layout.isLossless { return pixels * 4 + scaled * 4 }
        return layout.hasAlpha ? pixels + scaled * 4 : scaled * 3 / 2
    }
}

extension JPEGLayout {
    /// Two bytes for each sample of each plane, and eight for each 64 of them.
    fileprivate func coefficientBytes(_ pixels: Int) -> Int {
        let widest = components.map(\.horizontal).max() ?? 1
        let highest = components.map(\.vertical).max() ?? 1
        return components.reduce(0) { $0 + pixels * 17 / 8 * $1.horizontal * $1.vertical / (widest * highest) }
    }
}
