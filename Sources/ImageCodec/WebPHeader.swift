/// What the decoder of a WebP has to know beforehand.
struct WebPLayout {
    var hasAlpha = false
    var isLossless = false
    /// The bitstream to decode: the file, or the first frame of an animation.
    var frame: Range<Int>
    /// Where the first frame lies on the canvas.
    var left = 0
    var top = 0
}

extension Header {
    static func webp(_ bytes: Span<UInt8>) throws(Refusal) -> Header {
        let end = bytes.little32(at: 4) + 8
        var header = Header(mediaType: .webp, layout: .gif)
        var layout = WebPLayout(frame: 0..<bytes.count)
        if end != bytes.count && end + 1 != bytes.count { header.hasMetadata = end < bytes.count }
        var isFound = false
        var frames = 0
        var chunks = 0
        var at = 12
        while at + 8 <= min(end, bytes.count) {
            let length = bytes.little32(at: at + 4)
            let body = at + 8..<at + 8 + length
            chunks += 1
            guard chunks <= Limit.chunks else { throw Refusal(.limitExceeded, "more than \(Limit.chunks) chunks") }
            let kind = String(decoding: (at..<at + 4).map { bytes[$0] }, as: UTF8.self)
            if at == 12, kind == "VP8X" {
                guard length >= 10, body.upperBound <= bytes.count else {
                    throw Refusal(.truncated, "the WebP ends before its picture begins")
                }
                header.isAnimated = bytes.byte(at: body.lowerBound) & 0x02 != 0
                header.width = bytes.little24(at: body.lowerBound + 4) + 1
                header.height = bytes.little24(at: body.lowerBound + 7) + 1
            } else {
                switch kind {
                case "VP8 ", "VP8L":
                    if !isFound { try readPicture(bytes, body, kind, into: &header, &layout) }
                    isFound = true
                case "ANMF":
                    frames += 1
                    if !isFound, header.isAnimated {
                        try readFrame(bytes, body, into: &header, &layout)
                        isFound = true
                    }
                case "ICCP":
                    guard body.count <= Limit.profileBytes else {
                        throw Refusal(.limitExceeded, "the colour profile has more than \(Limit.profileBytes) bytes")
                    }
                    if body.upperBound <= bytes.count { header.profile = bytes.copy(body) }
                case "EXIF":
                    header.hasMetadata = true
                    if body.upperBound <= bytes.count {
                        let skip = bytes.holds("Exif\0\0", at: body.lowerBound) ? 6 : 0
                        header.orientation = exifOrientation(
                            bytes.extracting(min(body.lowerBound + skip, body.upperBound)..<body.upperBound))
                    }
                case "ALPH", "ANIM": break
                default: header.hasMetadata = true
                }
            }
            at = body.upperBound + length % 2
        }
        guard isFound else {
            throw bytes.count < end
                ? Refusal(.truncated, "the WebP ends before its picture begins")
                : Refusal(.corrupt, "the WebP holds no picture")
        }
        guard frames <= Limit.frames else { throw Refusal(.limitExceeded, "more than \(Limit.frames) frames") }
        header.layout = .webp(layout)
        return header
    }

    private static func readPicture(
        _ bytes: Span<UInt8>, _ body: Range<Int>, _ kind: String, into header: inout Header, _ layout: inout WebPLayout
    ) throws(Refusal) {
        let at = body.lowerBound
        layout.isLossless = kind == "VP8L"
        guard at + 10 <= bytes.count else { throw Refusal(.truncated, "the WebP ends before its picture begins") }
        if header.width == 0 {
            if layout.isLossless {
                let bits = bytes.little32(at: at + 1)
                header.width = bits & 0x3FFF + 1
                header.height = bits >> 14 & 0x3FFF + 1
            } else {
                header.width = bytes.little16(at: at + 6) & 0x3FFF
                header.height = bytes.little16(at: at + 8) & 0x3FFF
            }
        }
    }

    /// A frame of an animation holds the chunks of a still picture; libwebp takes them without a RIFF header.
    private static func readFrame(
        _ bytes: Span<UInt8>, _ body: Range<Int>, into header: inout Header, _ layout: inout WebPLayout
    ) throws(Refusal) {
        guard body.count > 16 else { throw Refusal(.corrupt, "an empty frame in a WebP") }
        layout.left = bytes.little24(at: body.lowerBound) * 2
        layout.top = bytes.little24(at: body.lowerBound + 3) * 2
        let end = min(body.upperBound, bytes.count)
        guard body.lowerBound + 16 < end else {
            throw Refusal(.truncated, "the WebP ends before its picture begins")
        }
        layout.frame = body.lowerBound + 16..<end
    }
}
