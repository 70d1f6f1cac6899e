import Foundation

/// Pictures that differ by their seed, as PNG that is not compressed: no encoder is needed to make one.
enum Picture {
    /// A smooth one, that compresses well.
    static func png(seed: Int, width: Int = 96, height: Int = 64) -> [UInt8] {
        png(width: width, height: height) { x, y in
            let s = seed &* 7919
            return [
                UInt8(truncatingIfNeeded: (x &* 255 / width) &+ s),
                UInt8(truncatingIfNeeded: (y &* 255 / height) &+ s >> 8),
                UInt8(truncatingIfNeeded: s >> 3 &+ (x ^ y) & 8),
            ]
        }
    }

    /// A rectangle of one colour on nothing.
    static func onTransparent(_ color: [UInt8], width: Int = 96, height: Int = 64) -> [UInt8] {
        png(width: width, height: height, colorType: 6) { x, y in
            (width / 4..<width / 2).contains(x) && (height / 4..<height / 2).contains(y) ? color + [255] : [0, 0, 0, 0]
        }
    }

    /// `count` bytes that no one can compress, behind a header that says they are a video.
    static func video(_ count: Int, seed: Int) -> [UInt8] {
        let head: [UInt8] = [0, 0, 0, 24] + Array("ftypmp42".utf8) + [0, 0, 0, 0] + Array("mp42isom".utf8)
        return head + noise(count - head.count, seed: seed)
    }

    static func noise(_ count: Int, seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// An image of any size, as far as its header says.
    static func bomb(width: Int, height: Int) -> [UInt8] {
        header(width: width, height: height) + chunk("IDAT", noise(4096, seed: 1)) + chunk("IEND", [])
    }

    private static func header(width: Int, height: Int, colorType: UInt8 = 2) -> [UInt8] {
        signature + chunk("IHDR", big(width) + big(height) + [8, colorType, 0, 0, 0])
    }

    private static let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]

    private static func png(
        width: Int, height: Int, colorType: UInt8 = 2, pixel: (Int, Int) -> [UInt8]
    ) -> [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (width * 3 + 1))
        for y in 0..<height {
            rows.append(0)
            for x in 0..<width { rows.append(contentsOf: pixel(x, y)) }
        }
        var data: [UInt8] = [0x78, 0x01]
        var rest = rows[...]
        while !rest.isEmpty {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let count = UInt16(block.count)
            data.append(rest.isEmpty ? 1 : 0)
            data += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
            data += block
        }
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in rows {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        data += big(Int(b << 16 | a))
        return header(width: width, height: height, colorType: colorType) + chunk("IDAT", data) + chunk("IEND", [])
    }

    private static func big(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return big(data.count) + body + big(Int(checksum(body)))
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ $0 >> 8 }
    }
}

extension [UInt8] {
    var base64: String { Data(self).base64EncodedString() }

    /// With line breaks, as MIME has it.
    var brokenBase64: String { Data(self).base64EncodedString(options: .lineLength76Characters) }

    var dataURI: String { "data:image/png;base64," + base64 }
}

/// The size that a WebP's header tells.
func webpSize(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
    guard bytes.count > 30, Array(bytes[0..<4]) == Array("RIFF".utf8), Array(bytes[8..<12]) == Array("WEBP".utf8) else {
        return nil
    }
    func little(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    switch String(decoding: bytes[12..<16], as: UTF8.self) {
    case "VP8 ": return (little(26, 2) & 0x3FFF, little(28, 2) & 0x3FFF)
    case "VP8L": return (little(21, 4) & 0x3FFF + 1, little(21, 4) >> 14 & 0x3FFF + 1)
    case "VP8X": return (little(24, 3) + 1, little(27, 3) + 1)
    default: return nil
    }
}
