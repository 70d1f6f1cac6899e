/// Makes of an image's bytes what is stored: upright, small, sRGB, without metadata, as WebP, or the source itself
/// where that is better. Runs on the calling thread; any number of threads may call it at once.
package func optimize(
    _ bytes: Span<UInt8>, policy: Policy = Policy(), cancellation: Cancellation? = nil
) throws(Refusal) -> Optimized {
    guard !bytes.isEmpty else { throw Refusal(.empty, "there are no bytes") }
    _ = FreedMemory.isKept
    let watch = Watch(timeLimit: policy.timeLimit, cancellation: cancellation)
    guard let mediaType = sniff(bytes) else { throw Refusal(.notAnImage, "the content is no known kind of file") }
    let header = try Header.read(bytes, mediaType: mediaType)
    try header.check(policy)
    try watch.check()
    let target = Target(width: header.width, height: header.height, maxEdge: policy.maxEdge)

    var notes: [String] = []
    var decoded = try decode(bytes, header, target, policy, keepsAlpha: !policy.flatten, watch)
    if let damage = decoded.damage { notes.append("the file is damaged: \(damage)") }
    if policy.flatten, decoded.hasTransparency, decoded.picture.isNearlyBlank(policy.background) {
        let kept = try decode(bytes, header, target, policy, keepsAlpha: true, watch)
        if kept.picture.hasVisibleShapes(besides: decoded.picture, policy.background) {
            decoded = kept
            notes.append("transparency is kept: on its background the picture would be nearly blank")
        }
    }
    let picture = decoded.picture.turned(header.orientation)

    var ladder = Ladder(qualities: policy.qualities, maxBytes: policy.maxBytes, pixels: picture.width * picture.height)
    let encoder = try Encoder(picture, fast: policy.fast, watch: watch)
    let rung = try ladder.climb { quality throws(Refusal) in try encoder.encode(quality: quality) }
    let note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    let isTransparent = decoded.hasTransparency && policy.flatten
    if policy.format == .smallest, !isTransparent, decoded.damage == nil, bytes.count < rung?.bytes.count ?? .max,
        isFitAsItIs(bytes, header, policy)
    {
        return Optimized(
            bytes: bytes.copy(0..<bytes.count), mediaType: mediaType, width: header.width, height: header.height,
            quality: nil, isSource: true, encodes: ladder.encodes, note: note)
    }
    guard let rung else {
        let last = policy.qualities.last.map { "at quality \($0) it still has" } ?? "without qualities it has"
        throw Refusal(.tooLarge, "\(last) \(ladder.smallest ?? bytes.count) bytes, more than \(policy.maxBytes)")
    }
    return Optimized(
        bytes: rung.bytes, mediaType: .webp, width: picture.width, height: picture.height, quality: rung.quality,
        isSource: false, encodes: ladder.encodes, note: note)
}

package func optimize(
    _ bytes: [UInt8], policy: Policy = Policy(), cancellation: Cancellation? = nil
) throws(Refusal) -> Optimized {
    try optimize(bytes.span, policy: policy, cancellation: cancellation)
}

/// Whether a source can be shown as it is: upright, within the limits, without metadata, and a still picture whose
/// colours need no profile.
private func isFitAsItIs(_ bytes: Span<UInt8>, _ header: Header, _ policy: Policy) -> Bool {
    guard header.orientation == 1, !header.hasMetadata, header.profile == nil, !header.isAnimated else { return false }
    guard max(header.width, header.height) <= policy.maxEdge, bytes.count <= policy.maxBytes else { return false }
    if case .jpeg(let layout) = header.layout {
        return layout.color != .cmyk && Header.isBareJPEG(bytes)
    }
    return true
}

private struct Decoded {
    var picture: Picture
    var hasTransparency = false
    var damage: String?
}

private func decode(
    _ bytes: Span<UInt8>, _ header: Header, _ target: Target, _ policy: Policy, keepsAlpha: Bool, _ watch: Watch
) throws(Refusal) -> Decoded {
    switch header.layout {
    case .jpeg(let layout):
        let result = try JPEGDecoder.decode(
            bytes, header: header, layout: layout, target: target, policy: policy, watch: watch)
        return Decoded(picture: result.picture, damage: result.damage)
    case .png(let layout):
        let isGrey = layout.colorType == 0 || layout.colorType == 4
        let conversion = header.profile.flatMap { Conversion($0, from: isGrey ? .grey : .rgb) }
        let (composer, damage) = try PNGDecoder.decode(
            bytes, header: header, layout: layout, policy: policy, watch: watch
        ) { channels in
            Composer(
                width: header.width, height: header.height, channels: channels, target: target, policy: policy,
                keepsAlpha: keepsAlpha, conversion: conversion)
        }
        return Decoded(picture: composer.finish(), hasTransparency: composer.hasTransparency, damage: damage)
    case .webp(let layout):
        let result = try WebPDecoder.decode(
            bytes, header: header, layout: layout, target: target, policy: policy, keepsAlpha: keepsAlpha,
            watch: watch)
        return Decoded(picture: result.picture, hasTransparency: result.hasTransparency, damage: result.damage)
    case .gif:
        let (composer, damage) = try GIFDecoder.decode(bytes, header: header, policy: policy, watch: watch) {
            channels in
            Composer(
                width: header.width, height: header.height, channels: channels, target: target, policy: policy,
                keepsAlpha: keepsAlpha, conversion: nil)
        }
        return Decoded(picture: composer.finish(), hasTransparency: composer.hasTransparency, damage: damage)
    }
}
