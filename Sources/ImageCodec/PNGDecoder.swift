internal import CISAL
internal import CImageShims

/// Decodes a PNG row by row.
enum PNGDecoder {
    /// `makeComposer` is called with the channels of the rows to come.
    static func decode(
        _ bytes: Span<UInt8>, header: Header, layout: PNGLayout, policy: Policy, watch: Watch,
        makeComposer: (Int) -> Composer
    ) throws(Refusal) -> (composer: Composer, damage: String?) {
        if layout.endsEarly, !policy.acceptTruncated {
            throw Refusal(.truncated, "the PNG ends before its last chunk")
        }
        if !layout.isInterlaced, !layout.endsEarly {
            let composer = makeComposer(layout.channels)
            let rows = OwnRows(bytes, header: header, layout: layout)
            let isDone = try unsafe rows.decode(watch: watch) { unsafe composer.push($0) }
            if isDone {
                return (composer, nil)
            }
        }
        // What our own way stumbled over, libpng decides.
        let rows = try LibraryRows(bytes, layout: layout)
        let composer = makeComposer(rows.channels)
        do {
            try unsafe rows.decode(width: header.width, height: header.height, watch: watch) {
                unsafe composer.push($0)
            }
        } catch {
            let isDamage = error.code == .truncated || error.code == .corrupt
            guard isDamage, policy.acceptTruncated else { throw error }
            composer.fillRest()
            return (composer, error.detail)
        }
        return (composer, nil)
    }
}

extension PNGLayout {
    /// Of the rows as they come out of a decoder, whatever they are in the file.
    var channels: Int {
        switch colorType {
        case 0: transparency == nil ? 1 : 2
        case 2, 3: transparency == nil ? 3 : 4
        case 4: 2
        default: 4
        }
    }
}

/// Rows by libpng, which never sees a chunk beyond those that make the picture.
@safe final class LibraryRows {
    private let reader: OpaquePointer
    private let ranges: UnsafeMutableBufferPointer<image_range>

    init(_ bytes: Span<UInt8>, layout: PNGLayout) throws(Refusal) {
        unsafe ranges = .allocate(capacity: layout.critical.count)
        _ = unsafe ranges.initialize(
            fromContentsOf: layout.critical.map { image_range(offset: $0.lowerBound, count: $0.count) })
        let pieces = unsafe ranges
        let created = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe png_reader_create(source.baseAddress, pieces.baseAddress, pieces.count)
        }
        guard let created = unsafe created else {
            unsafe pieces.deallocate()
            throw Refusal(.outOfMemory, "no memory for a PNG decoder")
        }
        unsafe reader = created
        if unsafe !png_reader_start(reader) { throw failure() }
    }

    deinit {
        unsafe png_reader_destroy(reader)
        unsafe ranges.deallocate()
    }

    var channels: Int { unsafe Int(png_reader_channels(reader)) }

    func decode(
        width: Int, height: Int, watch: Watch, push: (UnsafePointer<UInt8>) -> Void
    ) throws(Refusal) {
        let rowBytes = unsafe Int(png_reader_row_bytes(reader))
        let passes = unsafe Int(png_reader_passes(reader))
        let count = passes == 1 ? rowBytes : rowBytes * height
        guard let memory = unsafe allocate(count + 64) else {
            throw Refusal(.outOfMemory, "no memory for an interlaced PNG of \(width)×\(height)")
        }
        defer { unsafe memory.deallocate() }
        for pass in 0..<passes {
            for y in 0..<height {
                let row = unsafe passes == 1 ? memory : memory + y * rowBytes
                if unsafe !png_reader_next(reader, row) {
                    if passes > 1, pass > 0 {
                        for y in 0..<height { unsafe push(memory + y * rowBytes) }
                    }
                    throw failure()
                }
                if passes == 1 { unsafe push(row) }
                if y % 16 == 0 { try watch.check() }
            }
        }
        if passes > 1 {
            for y in 0..<height { unsafe push(memory + y * rowBytes) }
        }
        if unsafe !png_reader_finish(reader) { throw failure() }
    }

    private func failure() -> Refusal {
        let isEarlyEnd = unsafe png_reader_ended_early(reader)
        return Refusal(
            isEarlyEnd ? .truncated : .corrupt, "libpng says: \(unsafe String(cString: png_reader_message(reader)))")
    }
}

/// Rows by ISA-L's inflate and our own filters: less than half the time of libpng with zlib.
@safe struct OwnRows {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let header: Header
    private let layout: PNGLayout
    private var samples = png_samples()
    private let needsExpansion: Bool

    /// The bytes must outlive this value.
    init(_ bytes: Span<UInt8>, header: Header, layout: PNGLayout) {
        unsafe self.bytes = bytes.withUnsafeBufferPointer { unsafe $0 }
        self.header = header
        self.layout = layout
        samples.color_type = Int32(layout.colorType)
        samples.depth = Int32(layout.depth)
        needsExpansion = layout.depth != 8 || layout.colorType == 3 || layout.transparency != nil
        unsafe withUnsafeMutableBytes(of: &samples.palette) { table in
            // Beyond the palette lies black, as libpng has it.
            for entry in 0..<256 { unsafe table[entry * 4 + 3] = 255 }
            if let palette = layout.palette {
                for (index, at) in palette.enumerated() { unsafe table[index / 3 * 4 + index % 3] = bytes[at] }
            }
            if let transparency = layout.transparency, layout.colorType == 3 {
                for (entry, at) in transparency.prefix(256).enumerated() { unsafe table[entry * 4 + 3] = bytes[at] }
            }
        }
        if let transparency = layout.transparency {
            samples.has_transparent_color = true
            let mask = UInt16((1 << layout.depth) - 1)
            let at = transparency.lowerBound
            samples.transparent_color = (
                UInt16(bytes.big16(at: at)) & mask, UInt16(bytes.big16(at: at + 2)) & mask,
                UInt16(bytes.big16(at: at + 4)) & mask
            )
        }
    }

    /// False when libpng should decide.
    func decode(watch: Watch, push: (UnsafePointer<UInt8>) -> Void) throws(Refusal) -> Bool {
        let bitsPerPixel = layout.samplesPerPixel * layout.depth
        let rowBytes = (header.width * bitsPerPixel + 7) / 8
        let stride = rowBytes + 1
        let batch = max(1, min(header.height, 131_072 / stride + 1))
        // The last row of a batch stays before the next one, as the row above its first.
        guard let memory = unsafe allocate(stride * (batch + 1) + 64),
            let expanded = unsafe allocate(header.width * 4 + 64)
        else { throw Refusal(.outOfMemory, "no memory for a PNG of \(header.width)×\(header.height)") }
        defer {
            unsafe memory.deallocate()
            unsafe expanded.deallocate()
        }
        unsafe memory.initialize(repeating: 0, count: stride)
        var input = unsafe Inflate(bytes, layout.imageData)
        let bytesPerPixel = Int32(max(1, bitsPerPixel / 8))
        var y = 0
        while y < header.height {
            let count = min(batch, header.height - y)
            guard unsafe input.fill(memory + stride, count: stride * count) else { return false }
            for index in 1...count {
                let row = unsafe memory + index * stride
                guard unsafe row[0] <= 4 else { return false }
                unsafe png_unfilter(Int32(row[0]), row + 1, row + 1 - stride, rowBytes, bytesPerPixel)
            }
            for index in 1...count {
                let row = unsafe memory + index * stride + 1
                if needsExpansion {
                    unsafe withUnsafePointer(to: samples) { samples in
                        unsafe png_expand(samples, row, expanded, Int32(header.width))
                    }
                    unsafe push(expanded)
                } else {
                    unsafe push(row)
                }
            }
            unsafe memory.update(from: memory + count * stride, count: stride)
            y += count
            try watch.check()
        }
        return input.finish()
    }
}

/// The compressed rows of a PNG, from one IDAT chunk to the next, each checked against its sum.
@safe private struct Inflate: ~Copyable {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let ranges: [Range<Int>]
    private var next = 0
    private let state: UnsafeMutablePointer<inflate_state>

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ ranges: [Range<Int>]) {
        unsafe self.bytes = unsafe bytes
        self.ranges = ranges
        unsafe state = .allocate(capacity: 1)
        unsafe isal_inflate_init(state)
        unsafe state.pointee.crc_flag = UInt32(ISAL_ZLIB)
        unsafe state.pointee.avail_in = 0
    }

    deinit {
        unsafe state.deallocate()
    }

    private var isFinished: Bool { unsafe state.pointee.block_state == ISAL_BLOCK_FINISH }

    /// False when there is no chunk left, or its sum is wrong.
    private mutating func takeChunk() -> Bool {
        guard next < ranges.count, let base = unsafe bytes.baseAddress else { return false }
        let range = ranges[next]
        next += 1
        let sum = unsafe crc32_gzip_refl(0, base + range.lowerBound - 4, UInt64(range.count + 4))
        image_release_vector_registers()
        let end = unsafe base + range.upperBound
        let expected = unsafe UInt32(end[0]) << 24 | UInt32(end[1]) << 16 | UInt32(end[2]) << 8 | UInt32(end[3])
        guard sum == expected else { return false }
        unsafe state.pointee.next_in = UnsafeMutablePointer(mutating: base + range.lowerBound)
        unsafe state.pointee.avail_in = UInt32(range.count)
        return true
    }

    mutating func fill(_ target: UnsafeMutablePointer<UInt8>, count: Int) -> Bool {
        unsafe state.pointee.next_out = unsafe target
        unsafe state.pointee.avail_out = UInt32(count)
        while unsafe state.pointee.avail_out > 0 {
            if unsafe state.pointee.avail_in == 0, !isFinished,
                unsafe state.pointee.tmp_out_valid == state.pointee.tmp_out_processed
            {
                guard takeChunk() else { return false }
            }
            let before = unsafe (state.pointee.avail_out, state.pointee.avail_in)
            let result = unsafe isal_inflate(state)
            image_release_vector_registers()
            guard result == ISAL_DECOMP_OK else { return false }
            if isFinished { return unsafe state.pointee.avail_out == 0 }
            if unsafe before == (state.pointee.avail_out, state.pointee.avail_in) {
                guard unsafe state.pointee.avail_in == 0, takeChunk() else { return false }
            }
        }
        return true
    }

    /// Whether the data ends with the picture, as its own sum says.
    mutating func finish() -> Bool {
        var rest: UInt8 = 0
        while !isFinished {
            if unsafe state.pointee.avail_in == 0, !takeChunk() { return false }
            let result = unsafe withUnsafeMutablePointer(to: &rest) { target in
                unsafe state.pointee.next_out = unsafe target
                unsafe state.pointee.avail_out = 1
                return unsafe isal_inflate(state)
            }
            guard result == ISAL_DECOMP_OK, unsafe state.pointee.avail_out == 1 else { return false }
        }
        return unsafe next == ranges.count && state.pointee.avail_in == 0
    }
}
