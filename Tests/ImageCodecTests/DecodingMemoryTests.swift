import CISAL
import Testing

@testable import ImageCodec

@Suite struct DecodingMemoryTests {
    private func memory(_ bytes: [UInt8]) -> Int { decodingMemory(of: bytes.span) }

    /// A fixture whose header says another size.
    private func enlarged(_ file: String, at offset: (width: Int, height: Int), bytesEach: Int, to side: Int) throws
        -> [UInt8]
    {
        var bytes = try Fixture.bytes(file)
        for index in 0..<bytesEach {
            let digit = UInt8(truncatingIfNeeded: side >> (8 * (bytesEach - 1 - index)))
            bytes[offset.width + index] = digit
            bytes[offset.height + index] = digit
        }
        return bytes
    }

    private func png(_ side: Int, isInterlaced: Bool) throws -> [UInt8] {
        var bytes = try enlarged("png_rgb.png", at: (16, 20), bytesEach: 4, to: side)
        bytes[28] = isInterlaced ? 1 : 0
        let header = Array(bytes[12..<29])
        let sum = crc32_gzip_refl(0, header, UInt64(header.count))
        for index in 0..<4 { bytes[29 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index)) }
        return bytes
    }

    private func interlaced(_ side: Int) throws -> [UInt8] { try png(side, isInterlaced: true) }

    private func frame(of bytes: [UInt8], marker: UInt8) throws -> Int {
        try #require((0..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] == marker })
    }

    @Test("a small file that stands for a large picture counts as the picture")
    func countsPixels() throws {
        let at = try frame(of: Fixture.bytes("jpeg_progressive.jpg"), marker: 0xC2)
        let progressive = try enlarged(
            "jpeg_progressive.jpg", at: (at + 7, at + 5), bytesEach: 2, to: 5000)
        let whole = memory(progressive)
        #expect(whole >= 25_000_000 * 2 * 3 / 2 && whole <= 25_000_000 * 2 * 3)
        let gif = memory(try Fixture.bytes("gif_interlaced.gif"))
        #expect(gif > 0)
        #expect(memory(try interlaced(5000)) == 100_000_000)
    }

    @Test("what is decoded row by row counts for nothing, however large")
    func countsNoRows() throws {
        let at = try frame(of: Fixture.bytes("jpeg_420.jpg"), marker: 0xC0)
        let baseline = try enlarged("jpeg_420.jpg", at: (at + 7, at + 5), bytesEach: 2, to: 9000)
        #expect(memory(baseline) == 0)
        #expect(memory(try png(9000, isInterlaced: false)) == 0)
    }

    @Test("a baseline picture whose planes come one after another is held whole, as a progressive one is")
    func countsSeparateScans() throws {
        var bytes = try Fixture.bytes("jpeg_420.jpg")
        let scan = try frame(of: bytes, marker: 0xDA)
        #expect(memory(bytes) == 0)
        bytes[scan + 4] = 1
        #expect(memory(bytes) > 0)
    }

    @Test("what is no image, or would be refused before it is decoded, counts for nothing")
    func countsNoRefused() throws {
        #expect(memory(Array("no image at all".utf8)) == 0)
        #expect(memory(try interlaced(30_000)) == 0)
    }

    @Test("a colour is read as HTML writes it, and nothing else is one")
    func readsColors() {
        #expect(Policy.Color(html: "#Ff8001") == Policy.Color(red: 255, green: 128, blue: 1))
        for text in ["", "#", "#fff", "ff8001", "#ff80011", "#gg0000", "white"] {
            #expect(Policy.Color(html: text) == nil, "\(text)")
        }
    }
}
