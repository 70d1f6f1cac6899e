import CISAL

/// Writes PNGs of every kind, each row by the filter it is told.
struct PNGWriter {
    var width: Int
    var height: Int
    var colorType: Int
    var depth: Int
    var isInterlaced = false
    /// One filter for all rows, or nil for all of them in turn.
    var filter: Int?
    var hasTransparency = false
    var chunkSize = 97

    var samplesPerPixel: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 1 }
    var paletteCount: Int { min(1 << depth, 200) }

    /// The value of a sample, as it stands in the file.
    func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int {
        let limit = colorType == 3 ? paletteCount : 1 << depth
        let wave = x * x * 37 + y * 1013 + channel * 4099 + x * y * 11 + (x ^ y) * 257
        // Flat areas too, so that runs and equal neighbours occur.
        return (x / 5 + y / 3) % 4 == 0 ? (channel * 77 + y / 3) % limit : wave % limit
    }

    func paletteColor(_ index: Int) -> [UInt8] {
        [UInt8(index * 7 & 255), UInt8((index * 13 + 5) & 255), UInt8(255 - index & 255)]
    }

    func paletteAlpha(_ index: Int) -> UInt8 { index < paletteCount / 2 ? UInt8(index * 31 & 255) : 255 }

    var transparentColor: [Int] { (0..<3).map { sample(3, 2, $0) } }

    /// The pixels a decoder has to give, 8 bits a channel.
    var pixels: [UInt8] {
        var out: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let samples = (0..<samplesPerPixel).map { sample(x, y, $0) }
                if colorType == 3 {
                    out += paletteColor(samples[0])
                    if hasTransparency { out.append(paletteAlpha(samples[0])) }
                } else {
                    out += samples.map(scaled)
                    if hasTransparency {
                        let color = transparentColor.prefix(samples.count)
                        out.append(zip(samples, color).allSatisfy { $0 == $1 } ? 0 : 255)
                    }
                }
            }
        }
        return out
    }

    private func scaled(_ value: Int) -> UInt8 {
        UInt8((value * 255 * 2 + (1 << depth) - 1) / (((1 << depth) - 1) * 2))
    }

    var file: [UInt8] {
        var out: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let size = [width, height].flatMap(PNGWriter.big32)
        let kind = [depth, colorType, 0, 0, isInterlaced ? 1 : 0].map { UInt8($0) }
        out += PNGWriter.chunk("IHDR", size + kind)
        if colorType == 3 {
            out += PNGWriter.chunk("PLTE", (0..<paletteCount).flatMap(paletteColor))
            if hasTransparency { out += PNGWriter.chunk("tRNS", (0..<paletteCount / 2).map(paletteAlpha)) }
        } else if hasTransparency {
            let color = transparentColor.prefix(colorType == 0 ? 1 : 3)
            out += PNGWriter.chunk("tRNS", color.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        }
        let data = PNGWriter.deflate(filteredRows)
        for start in stride(from: 0, to: data.count, by: chunkSize) {
            out += PNGWriter.chunk("IDAT", Array(data[start..<min(start + chunkSize, data.count)]))
        }
        return out + PNGWriter.chunk("IEND", [])
    }

    private var filteredRows: [UInt8] {
        let passes: [(x: Int, y: Int, dx: Int, dy: Int)] =
            isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)]
        var out: [UInt8] = []
        var turn = 0
        for pass in passes where pass.x < width && pass.y < height {
            var above: [UInt8]?
            for y in stride(from: pass.y, to: height, by: pass.dy) {
                let row = packedRow(y, stride(from: pass.x, to: width, by: pass.dx).map { $0 })
                let filter = filter ?? turn % 5
                turn += 1
                out.append(UInt8(filter))
                out += filtered(row, above: above ?? [UInt8](repeating: 0, count: row.count), by: filter)
                above = row
            }
        }
        return out
    }

    private func packedRow(_ y: Int, _ columns: [Int]) -> [UInt8] {
        var row: [UInt8] = []
        var held = 0
        var bits = 0
        for x in columns {
            for channel in 0..<samplesPerPixel {
                let value = sample(x, y, channel)
                if depth == 16 { row.append(UInt8(value >> 8)) }
                if depth >= 8 {
                    row.append(UInt8(value & 255))
                } else {
                    held = held << depth | value
                    bits += depth
                    if bits == 8 {
                        row.append(UInt8(held))
                        (held, bits) = (0, 0)
                    }
                }
            }
        }
        if bits > 0 { row.append(UInt8(held << (8 - bits))) }
        return row
    }

    private func filtered(_ row: [UInt8], above: [UInt8], by filter: Int) -> [UInt8] {
        let step = max(1, samplesPerPixel * depth / 8)
        return row.indices.map { index in
            let left = index >= step ? Int(row[index - step]) : 0
            let up = Int(above[index])
            let corner = index >= step ? Int(above[index - step]) : 0
            let guess: Int
            switch filter {
            case 1: guess = left
            case 2: guess = up
            case 3: guess = (left + up) / 2
            case 4:
                let estimate = left + up - corner
                let distances = [abs(estimate - left), abs(estimate - up), abs(estimate - corner)]
                guess =
                    distances[0] <= distances[1] && distances[0] <= distances[2]
                    ? left : distances[1] <= distances[2] ? up : corner
            default: guess = 0
            }
            return UInt8(truncatingIfNeeded: Int(row[index]) - guess)
        }
    }

    /// A grey picture of one value, however large.
    static func plain(width: Int, height: Int) -> [UInt8] {
        let rows = [UInt8](repeating: 0, count: (width + 1) * height)
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", big32(width) + big32(height) + [8, 0, 0, 0, 0]) + chunk("IDAT", deflate(rows))
            + chunk("IEND", [])
    }

    static func big32(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(kind.utf8) + data
        return big32(data.count) + body + big32(Int(crc32_gzip_refl(0, body, UInt64(body.count))))
    }

    static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var input = bytes
        var out = [UInt8](repeating: 0, count: bytes.count + bytes.count / 2 + 1024)
        var written = 0
        let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        input.withUnsafeMutableBufferPointer { input in
            out.withUnsafeMutableBufferPointer { out in
                isal_deflate_stateless_init(stream)
                stream.pointee.gzip_flag = UInt16(IGZIP_ZLIB)
                stream.pointee.end_of_stream = 1
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = out.baseAddress
                stream.pointee.avail_out = UInt32(out.count)
                isal_deflate_stateless(stream)
                written = Int(stream.pointee.total_out)
            }
        }
        return Array(out.prefix(written))
    }
}
