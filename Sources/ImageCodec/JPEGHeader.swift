/// What the decoder of a JPEG has to know beforehand.
struct JPEGLayout {
    enum Color { case grey, ycbcr, rgb, cmyk }
    var color: Color
    var components: [(horizontal: Int, vertical: Int)]
    /// Its planes come in more than one scan: the decoder keeps all coefficients until the last.
    var hasManyScans: Bool
}

extension Header {
    static func jpeg(_ bytes: Span<UInt8>) throws(Refusal) -> Header {
        var header = Header(
            mediaType: .jpeg, layout: .jpeg(JPEGLayout(color: .ycbcr, components: [], hasManyScans: false)))
        var profileParts: [Int: Range<Int>] = [:]
        var adobeTransform: Int?
        var hasJFIF = false
        var frame: (ids: [Int], layout: JPEGLayout)?
        var at = 2
        var segments = 0
        walk: while true {
            guard let marker = nextMarker(bytes, from: &at) else {
                throw Refusal(.truncated, "the JPEG ends before its picture begins")
            }
            if marker == 0xDA { break }
            if marker == 0xD9 { throw Refusal(.corrupt, "the JPEG holds no picture") }
            if marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
            let length = bytes.big16(at: at)
            guard length >= 2 else { throw Refusal(.corrupt, "a JPEG segment of \(length) bytes") }
            guard at + length <= bytes.count else {
                throw Refusal(.truncated, "the JPEG ends before its picture begins")
            }
            let body = at + 2..<at + length
            segments += 1
            guard segments <= Limit.chunks else { throw Refusal(.limitExceeded, "more than \(Limit.chunks) segments") }
            switch marker {
            case 0xC0...0xCF where marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
                guard frame == nil else { throw Refusal(.corrupt, "a JPEG of two frames") }
                frame = try readFrame(bytes, body, marker: marker, into: &header)
            case 0xE0 where bytes.holds("JFIF\0", at: body.lowerBound):
                hasJFIF = true
            case 0xE1:
                header.hasMetadata = true
                if bytes.holds("Exif\0", at: body.lowerBound), body.count > 6 {
                    let found = exifOrientation(bytes.extracting(body.lowerBound + 6..<body.upperBound))
                    if header.orientation == 1 { header.orientation = found }
                }
            case 0xE2 where bytes.holds("ICC_PROFILE\0", at: body.lowerBound) && body.count > 14:
                profileParts[bytes.byte(at: body.lowerBound + 12)] = body.lowerBound + 14..<body.upperBound
            case 0xEE where bytes.holds("Adobe", at: body.lowerBound) && body.count >= 12:
                adobeTransform = bytes.byte(at: body.lowerBound + 11)
            case 0xE0...0xEF, 0xFE:
                header.hasMetadata = true
            default:
                break
            }
            at += length
        }
        guard let frame else { throw Refusal(.corrupt, "the JPEG holds no picture") }
        let ids = frame.ids
        var layout = frame.layout
        switch ids.count {
        case 1: layout.color = .grey
        case 3:
            let isRGB = adobeTransform.map { $0 == 0 } ?? (!hasJFIF && ids == [0x52, 0x47, 0x42])
            layout.color = isRGB && !(hasJFIF) ? .rgb : .ycbcr
        case 4: layout.color = .cmyk
        default: throw Refusal(.unsupportedFormat, "a JPEG of \(ids.count) components is not supported")
        }
        // Behind the last marker: the components of the first scan.
        if bytes.byte(at: at + 2) < ids.count { layout.hasManyScans = true }
        header.layout = .jpeg(layout)
        header.profile = try assemble(profileParts, of: bytes)
        return header
    }

    /// Leaves `at` behind the marker.
    private static func nextMarker(_ bytes: Span<UInt8>, from at: inout Int) -> Int? {
        while at < bytes.count, bytes[at] != 0xFF { at += 1 }
        while at < bytes.count, bytes[at] == 0xFF { at += 1 }
        guard at < bytes.count else { return nil }
        at += 1
        return Int(bytes[at - 1])
    }

    private static func readFrame(
        _ bytes: Span<UInt8>, _ body: Range<Int>, marker: Int, into header: inout Header
    ) throws(Refusal) -> (ids: [Int], layout: JPEGLayout) {
        let start = body.lowerBound
        let depth = bytes.byte(at: start)
        guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker) else {
            throw Refusal(.unsupportedFormat, "lossless and hierarchical JPEG are not supported")
        }
        guard depth == 8 else { throw Refusal(.unsupportedFormat, "a JPEG of \(depth) bits a sample is not supported") }
        header.height = bytes.big16(at: start + 1)
        header.width = bytes.big16(at: start + 3)
        let count = bytes.byte(at: start + 5)
        guard body.count >= 6 + 3 * count else { throw Refusal(.corrupt, "a JPEG frame of too few bytes") }
        var ids: [Int] = []
        var components: [(horizontal: Int, vertical: Int)] = []
        for index in 0..<count {
            ids.append(bytes.byte(at: start + 6 + 3 * index))
            let factors = bytes.byte(at: start + 7 + 3 * index)
            components.append((factors >> 4, factors & 15))
        }
        guard components.allSatisfy({ (1...4).contains($0.horizontal) && (1...4).contains($0.vertical) }) else {
            throw Refusal(.corrupt, "a JPEG with impossible sampling factors")
        }
        let isProgressive = marker == 0xC2 || marker == 0xCA
        return (ids, JPEGLayout(color: .ycbcr, components: components, hasManyScans: isProgressive))
    }

    /// A profile is cut into numbered segments; one that is not whole is none.
    private static func assemble(_ parts: [Int: Range<Int>], of bytes: Span<UInt8>) throws(Refusal) -> [UInt8]? {
        guard !parts.isEmpty else { return nil }
        var profile: [UInt8] = []
        for number in 1...parts.count {
            guard let part = parts[number] else { return nil }
            profile += bytes.copy(part)
        }
        return profile
    }

    /// Whether a JPEG holds its picture and nothing else: no segment between its scans that could tell more, and
    /// nothing after its end.
    static func isBareJPEG(_ bytes: Span<UInt8>) -> Bool {
        var at = 2
        while let marker = nextMarker(bytes, from: &at) {
            switch marker {
            case 0xD9: return at == bytes.count
            case 0x00, 0x01, 0xD0...0xD8: continue
            case 0xE0, 0xEE, 0xE2, 0xC0...0xCF, 0xDA...0xDF: at += bytes.big16(at: at)
            default: return false
            }
        }
        return false
    }
}
