import CWebP
import Foundation
import Testing

@testable import ImageCodec

/// RGB or RGBA pixels to compare.
struct Pixels: Equatable {
    var width: Int
    var height: Int
    var channels: Int
    var bytes: [UInt8]

    subscript(x: Int, y: Int) -> [UInt8] {
        let at = (y * width + x) * channels
        return Array(bytes[at..<at + channels])
    }

    /// How alike two pictures are, in decibels; nil when their sizes differ.
    func likeness(to other: Pixels) -> Double? {
        guard width == other.width, height == other.height, channels == other.channels else { return nil }
        var sum = 0
        for index in bytes.indices {
            let difference = Int(bytes[index]) - Int(other.bytes[index])
            sum += difference * difference
        }
        guard sum > 0 else { return .infinity }
        return 10 * log10(255 * 255 / (Double(sum) / Double(bytes.count)))
    }

    static func webp(_ bytes: [UInt8], keepsAlpha: Bool = false) -> Pixels? {
        var width: Int32 = 0
        var height: Int32 = 0
        let decoded =
            keepsAlpha
            ? WebPDecodeRGBA(bytes, bytes.count, &width, &height) : WebPDecodeRGB(bytes, bytes.count, &width, &height)
        guard let decoded else { return nil }
        defer { WebPFree(decoded) }
        let channels = keepsAlpha ? 4 : 3
        let count = Int(width) * Int(height) * channels
        return Pixels(
            width: Int(width), height: Int(height), channels: channels,
            bytes: Array(UnsafeBufferPointer(start: decoded, count: count)))
    }

    /// A binary PPM of 8 bits.
    static func ppm(_ bytes: [UInt8]) -> Pixels? {
        var fields: [Int] = []
        var at = 2
        while fields.count < 3, at < bytes.count {
            let digits = bytes[at...].drop { $0 <= 32 }.prefix { $0 > 32 }
            guard let value = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            fields.append(value)
            at = digits.endIndex
        }
        guard fields.count == 3 else { return nil }
        return Pixels(width: fields[0], height: fields[1], channels: 3, bytes: Array(bytes[(at + 1)...]))
    }
}

/// The committed pictures and what has to come out of each.
struct Fixture: Sendable, CustomTestStringConvertible {
    var name: String
    var file: String
    var edge: Int?
    var leastLikeness: Double

    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/images")

    static let all: [Fixture] = {
        let lines = (try? String(contentsOf: folder.appending(path: "fixtures.csv"), encoding: .utf8)) ?? ""
        return lines.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4, let least = Double(fields[3]) else { return nil }
            let edge = fields[2].split(separator: "=").last.flatMap { Int($0) }
            return Fixture(name: fields[0], file: fields[1], edge: edge, leastLikeness: least)
        }
    }()

    static func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: file)))
    }

    func expected() throws -> Pixels? {
        Pixels.ppm(try Fixture.bytes("expected/\(name).ppm"))
    }
}
