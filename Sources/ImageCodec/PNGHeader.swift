internal import CISAL
internal import CImageShims

/// What the decoder of a PNG has to know beforehand.
struct PNGLayout {
    var depth = 8
    var colorType = 0
    var isInterlaced = false
    var palette: Range<Int>?
    var transparency: Range<Int>?
    /// Where the compressed rows lie: what is inside each IDAT chunk.
    var imageData: [Range<Int>] = []
    /// The chunks libpng may see, whole.
    var critical: [Range<Int>] = []
    /// The file ended before its IEND chunk.
    var endsEarly = false

    var hasAlpha: Bool { colorType == 4 || colorType == 6 || transparency != nil }
    var samplesPerPixel: Int { colorType == 2 ? 3 : colorType == 4 ? 2 : colorType == 6 ? 4 : 1 }
}

extension Header {
    static func png(_ bytes: Span<UInt8>) throws(Refusal) -> Header {
        var header = Header(mediaType: .png, layout: .png(PNGLayout()))
        var layout = PNGLayout()
        layout.critical.append(0..<8)
        var at = 8
        var chunks = 0
        var isEnded = false
        while !isEnded {
            guard at + 12 <= bytes.count else { break }
            let length = bytes.big32(at: at)
            guard length < 1 << 31 else { throw Refusal(.corrupt, "a PNG chunk of \(length) bytes") }
            let body = at + 8..<at + 8 + length
            let kind = String(decoding: (at + 4..<at + 8).map { bytes[$0] }, as: UTF8.self)
            if kind != "IDAT" {
                chunks += 1
                guard chunks <= Limit.chunks else { throw Refusal(.limitExceeded, "more than \(Limit.chunks) chunks") }
            }
            guard body.upperBound + 4 <= bytes.count else {
                // Rows that are there can be read for those who want them.
                if kind == "IDAT", body.lowerBound < bytes.count {
                    layout.imageData.append(body.lowerBound..<bytes.count)
                    layout.critical.append(at..<bytes.count)
                }
                break
            }
            guard (kind == "IHDR") == (at == 8) else { throw Refusal(.corrupt, "a PNG that does not begin with IHDR") }
            let whole = at..<body.upperBound + 4
            switch kind {
            case "IHDR":
                try readSize(bytes, body, into: &header, &layout)
                layout.critical.append(whole)
            case "PLTE":
                guard layout.palette == nil, layout.imageData.isEmpty, length % 3 == 0, length <= 768 else {
                    throw Refusal(.corrupt, "a PNG with a wrong palette")
                }
                layout.palette = body
                layout.critical.append(whole)
            case "tRNS":
                guard layout.transparency == nil, layout.imageData.isEmpty else {
                    throw Refusal(.corrupt, "a PNG with a wrong tRNS chunk")
                }
                layout.transparency = body
                layout.critical.append(whole)
            case "IDAT":
                guard layout.imageData.count < Limit.imageDataChunks else {
                    throw Refusal(.limitExceeded, "more than \(Limit.imageDataChunks) IDAT chunks")
                }
                if length > 0 { layout.imageData.append(body) }
                layout.critical.append(whole)
            case "IEND":
                layout.critical.append(whole)
                isEnded = true
                if whole.upperBound != bytes.count { header.hasMetadata = true }
            case "iCCP":
                header.profile = try readProfile(bytes, body)
            case "eXIf":
                header.hasMetadata = true
                header.orientation = exifOrientation(bytes.extracting(body))
            case "acTL":
                header.isAnimated = true
            case "sRGB", "gAMA", "cHRM", "pHYs", "sBIT", "bKGD":
                break
            default:
                if bytes[at + 4] & 0x20 == 0 { throw Refusal(.corrupt, "a PNG with an unknown chunk that it needs") }
                header.hasMetadata = true
            }
            if ["IHDR", "PLTE", "tRNS", "IEND"].contains(kind) { try checkSum(bytes, body) }
            at = whole.upperBound
        }
        layout.endsEarly = !isEnded
        guard header.width > 0, !layout.imageData.isEmpty else {
            throw layout.endsEarly
                ? Refusal(.truncated, "the PNG ends before its picture begins")
                : Refusal(.corrupt, "the PNG holds no picture")
        }
        guard layout.colorType != 3 || layout.palette != nil else {
            throw Refusal(.corrupt, "a PNG of palette colours without a palette")
        }
        header.layout = .png(layout)
        return header
    }

    private static func readSize(
        _ bytes: Span<UInt8>, _ body: Range<Int>, into header: inout Header, _ layout: inout PNGLayout
    ) throws(Refusal) {
        guard body.count == 13 else { throw Refusal(.corrupt, "a PNG header of \(body.count) bytes") }
        header.width = bytes.big32(at: body.lowerBound)
        header.height = bytes.big32(at: body.lowerBound + 4)
        layout.depth = bytes.byte(at: body.lowerBound + 8)
        layout.colorType = bytes.byte(at: body.lowerBound + 9)
        let depths: [Int] =
            switch layout.colorType {
            case 0: [1, 2, 4, 8, 16]
            case 3: [1, 2, 4, 8]
            case 2, 4, 6: [8, 16]
            default: []
            }
        let interlace = bytes.byte(at: body.lowerBound + 12)
        guard depths.contains(layout.depth), bytes.big16(at: body.lowerBound + 10) == 0, interlace <= 1 else {
            throw Refusal(.corrupt, "a PNG header with impossible values")
        }
        layout.isInterlaced = interlace == 1
    }

    private static func checkSum(_ bytes: Span<UInt8>, _ body: Range<Int>) throws(Refusal) {
        let sum = unsafe bytes.extracting(body.lowerBound - 4..<body.upperBound).withUnsafeBufferPointer { part in
            unsafe crc32_gzip_refl(0, part.baseAddress, UInt64(part.count))
        }
        image_release_vector_registers()
        guard Int(sum) == bytes.big32(at: body.upperBound) else {
            throw Refusal(.corrupt, "a PNG chunk whose checksum is wrong")
        }
    }

    private static func readProfile(_ bytes: Span<UInt8>, _ body: Range<Int>) throws(Refusal) -> [UInt8]? {
        guard let end = body.first(where: { bytes[$0] == 0 }), end + 2 < body.upperBound else { return nil }
        return try inflate(bytes.extracting(end + 2..<body.upperBound), atMost: Limit.profileBytes)
    }

    /// A profile that cannot be read is none; one that is too large is an attack.
    private static func inflate(_ bytes: Span<UInt8>, atMost limit: Int) throws(Refusal) -> [UInt8]? {
        let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
        defer { unsafe state.deallocate() }
        unsafe isal_inflate_init(state)
        unsafe state.pointee.crc_flag = UInt32(ISAL_ZLIB)
        var size = 16_384
        var out: [UInt8] = []
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe state.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe state.pointee.avail_in = UInt32(source.count)
        }
        var isWhole = false
        // The input pointer stays valid: the span outlives this function.
        while !isWhole, out.count <= limit {
            let filled = out.count
            out.append(contentsOf: repeatElement(0, count: size))
            let result = unsafe out.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return Int32(-1) }
                unsafe state.pointee.next_out = base + filled
                unsafe state.pointee.avail_out = UInt32(buffer.count - filled)
                return unsafe isal_inflate(state)
            }
            image_release_vector_registers()
            let left = unsafe Int(state.pointee.avail_out)
            out.removeLast(left)
            guard result == ISAL_DECOMP_OK else { return nil }
            isWhole = unsafe state.pointee.block_state == ISAL_BLOCK_FINISH
            if !isWhole, left > 0 { return nil }
            size = min(size * 2, 1 << 20)
        }
        guard out.count <= limit else {
            throw Refusal(.limitExceeded, "the colour profile has more than \(limit) bytes")
        }
        return out
    }
}
