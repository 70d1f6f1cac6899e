/// Reads the first frame of a GIF. Written here, in safe Swift, because a GIF is small work and giflib's history is not.
enum GIFDecoder {
    struct Frame {
        var left = 0
        var top = 0
        var width = 0
        var height = 0
        var isInterlaced = false
        var transparent: Int?
        var palette: Range<Int>?
        /// Where the compressed indices begin.
        var data = 0
        var frames = 0
        var isEnded = false
        var hasMetadata = false
    }

    /// The first frame's place and colours, and what follows it.
    static func scan(_ bytes: Span<UInt8>) throws(Refusal) -> Frame {
        guard bytes.count >= 13 else { throw Refusal(.truncated, "the GIF ends before its picture begins") }
        var first = Frame()
        var transparent: Int?
        var at = 13
        let flags = bytes.byte(at: 10)
        if flags & 0x80 != 0 {
            let size = 3 << (flags & 7 + 1)
            first.palette = at..<at + size
            at += size
        }
        while at < bytes.count, !first.isEnded {
            switch bytes.byte(at: at) {
            case 0x21:
                let label = bytes.byte(at: at + 1)
                if label == 0xF9 {
                    if first.frames == 0 {
                        transparent = bytes.byte(at: at + 3) & 1 != 0 ? bytes.byte(at: at + 6) : nil
                    }
                } else if label != 0xFF || !bytes.holds("NETSCAPE2.0", at: at + 3) {
                    first.hasMetadata = true
                }
                at = skipBlocks(bytes, from: at + 2)
            case 0x2C:
                let local = bytes.byte(at: at + 9)
                let size = local & 0x80 != 0 ? 3 << (local & 7 + 1) : 0
                if first.frames == 0 {
                    first.left = bytes.little16(at: at + 1)
                    first.top = bytes.little16(at: at + 3)
                    first.width = bytes.little16(at: at + 5)
                    first.height = bytes.little16(at: at + 7)
                    first.isInterlaced = local & 0x40 != 0
                    first.transparent = transparent
                    if size > 0 { first.palette = at + 10..<at + 10 + size }
                    first.data = at + 10 + size
                }
                first.frames += 1
                guard first.frames <= Limit.frames else {
                    throw Refusal(.limitExceeded, "more than \(Limit.frames) frames")
                }
                at = skipBlocks(bytes, from: at + 11 + size)
            case 0x3B:
                first.isEnded = true
                if at + 1 != bytes.count { first.hasMetadata = true }
            default:
                throw Refusal(.corrupt, "a GIF with an unknown block")
            }
        }
        guard first.frames > 0, first.data < bytes.count else {
            throw first.isEnded
                ? Refusal(.corrupt, "the GIF holds no picture")
                : Refusal(.truncated, "the GIF ends before its picture begins")
        }
        return first
    }

    private static func skipBlocks(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] != 0 { at += 1 + Int(bytes[at]) }
        return at + 1
    }

    static func decode(
        _ bytes: Span<UInt8>, header: Header, policy: Policy, watch: Watch, makeComposer: (Int) -> Composer
    ) throws(Refusal) -> (composer: Composer, damage: String?) {
        let frame = try scan(bytes)
        guard let palette = frame.palette, palette.upperBound <= bytes.count else {
            throw Refusal(.corrupt, "a GIF without colours")
        }
        // A frame may be larger than the canvas that was checked.
        guard frame.width * frame.height <= policy.maxPixels else {
            throw Refusal(
                .tooManyPixels,
                "a frame of \(frame.width)×\(frame.height) are \(frame.width * frame.height) pixels, more than "
                    + "\(policy.maxPixels)")
        }
        let coversCanvas =
            frame.left == 0 && frame.top == 0 && frame.width >= header.width
            && frame.height >= header.height
        let hasAlpha = frame.transparent != nil || !coversCanvas
        let channels = hasAlpha ? 4 : 3
        let (indices, filled) = try indices(bytes, frame, watch: watch)
        var damage: String?
        if filled < indices.count {
            guard policy.acceptTruncated else {
                throw frame.isEnded
                    ? Refusal(.corrupt, "the GIF has fewer pixels than it says")
                    : Refusal(.truncated, "the GIF ends early")
            }
            damage = "the GIF ends early"
        } else if !frame.isEnded, !policy.acceptTruncated {
            throw Refusal(.truncated, "the GIF ends without its last byte")
        }
        let composer = makeComposer(channels)
        var colors = [UInt8](repeating: 0, count: 256 * channels)
        for color in 0..<256 {
            for channel in 0..<3 where color * 3 + channel < palette.count {
                colors[color * channels + channel] = bytes[palette.lowerBound + color * 3 + channel]
            }
            if hasAlpha { colors[color * 4 + 3] = color == frame.transparent ? 0 : 255 }
        }
        let rowOf = rowOrder(frame)
        var row = [UInt8](repeating: 0, count: header.width * channels)
        for y in 0..<header.height {
            for index in row.indices { row[index] = 0 }
            let inner = y - frame.top
            if inner >= 0, inner < frame.height {
                let from = rowOf[inner] * frame.width
                for x in 0..<min(frame.width, header.width - frame.left) where from + x < filled {
                    let color = Int(indices[from + x]) * channels
                    let target = (frame.left + x) * channels
                    for channel in 0..<channels { row[target + channel] = colors[color + channel] }
                }
            }
            unsafe row.withUnsafeBufferPointer { buffer in
                if let base = buffer.baseAddress { unsafe composer.push(base) }
            }
            if y % 64 == 0 { try watch.check() }
        }
        return (composer, damage)
    }

    /// At which stored row each row of the picture lies.
    private static func rowOrder(_ frame: Frame) -> [Int] {
        guard frame.isInterlaced else { return Array(0..<frame.height) }
        var order = [Int](repeating: 0, count: frame.height)
        var stored = 0
        for (start, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
            for y in stride(from: start, to: frame.height, by: step) {
                order[y] = stored
                stored += 1
            }
        }
        return order
    }

    /// The frame's colour indices, and how many of them the data held.
    private static func indices(
        _ bytes: Span<UInt8>, _ frame: Frame, watch: Watch
    ) throws(Refusal) -> (indices: [UInt8], filled: Int) {
        let total = frame.width * frame.height
        let rootBits = bytes.byte(at: frame.data)
        guard (1...11).contains(rootBits) else { throw Refusal(.corrupt, "a GIF with an impossible code size") }
        var out = [UInt8](repeating: 0, count: total)
        var written = 0
        let clear = 1 << rootBits
        let end = clear + 1
        // What each code stands for: the code before it, its last index and its length.
        var prefix = [UInt16](repeating: 0, count: 4096)
        var suffix = [UInt8](repeating: 0, count: 4096)
        var length = [UInt16](repeating: 0, count: 4096)
        for code in 0..<min(clear, 4096) {
            suffix[code] = UInt8(truncatingIfNeeded: code)
            length[code] = 1
        }
        var next = end + 1
        var bits = rootBits + 1
        var previous: Int?
        var buffer: UInt32 = 0
        var held = 0
        var at = frame.data + 1
        var blockEnd = at
        var steps = 0
        decoding: while written < total {
            while held < bits {
                if at == blockEnd {
                    let size = bytes.byte(at: at)
                    guard size > 0 else { break decoding }
                    at += 1
                    blockEnd = at + size
                }
                guard at < bytes.count else { break decoding }
                buffer |= UInt32(bytes[at]) << UInt32(held)
                held += 8
                at += 1
            }
            let code = Int(buffer) & (1 << bits - 1)
            buffer >>= UInt32(bits)
            held -= bits
            steps += 1
            if steps % 65_536 == 0 { try watch.check() }
            if code == clear {
                next = end + 1
                bits = rootBits + 1
                previous = nil
                continue
            }
            if code == end { break }
            guard let before = previous else {
                guard code < clear else { throw Refusal(.corrupt, "a GIF with a wrong code") }
                out[written] = suffix[code]
                written += 1
                previous = code
                continue
            }
            guard code <= next, code < 4096 else { throw Refusal(.corrupt, "a GIF with a wrong code") }
            let isNew = code == next
            let source = isNew ? before : code
            let count = Int(length[source])
            var walk = source
            var position = written + count - 1
            while position >= written {
                if position < total { out[position] = suffix[walk] }
                walk = Int(prefix[walk])
                position -= 1
            }
            let first = written < total ? out[written] : 0
            written += count
            if isNew {
                if written < total { out[written] = first }
                written += 1
            }
            if next < 4096 {
                prefix[next] = UInt16(before)
                suffix[next] = first
                length[next] = length[before] + 1
                next += 1
                if next == 1 << bits, bits < 12 { bits += 1 }
            }
            previous = code
        }
        return (out, min(written, total))
    }
}

extension Header {
    static func gif(_ bytes: Span<UInt8>) throws(Refusal) -> Header {
        let frame = try GIFDecoder.scan(bytes)
        var header = Header(mediaType: .gif, layout: .gif)
        header.width = bytes.little16(at: 6)
        header.height = bytes.little16(at: 8)
        // Some old files name no canvas.
        if header.width == 0 { header.width = frame.left + frame.width }
        if header.height == 0 { header.height = frame.top + frame.height }
        guard frame.width > 0, frame.height > 0 else { throw Refusal(.corrupt, "a GIF of no size") }
        guard frame.top < header.height, frame.left < header.width else {
            throw Refusal(.corrupt, "the picture of the GIF lies outside its canvas")
        }
        header.isAnimated = frame.frames > 1
        header.hasMetadata = frame.hasMetadata
        return header
    }
}
