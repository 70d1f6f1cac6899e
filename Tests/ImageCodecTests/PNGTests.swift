import CISAL
import Testing

@testable import ImageCodec

@Suite struct PNGTests {
    static let kinds: [(colorType: Int, depth: Int)] = [
        (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16),
        (6, 8), (6, 16),
    ]

    static let writers: [PNGWriter] = kinds.flatMap { kind in
        [false, true].flatMap { isInterlaced in
            [0, 1, 2, 3, 4, nil].flatMap { filter in
                (kind.colorType == 4 || kind.colorType == 6 ? [false] : [false, true]).map { hasTransparency in
                    PNGWriter(
                        width: 37, height: 23, colorType: kind.colorType, depth: kind.depth,
                        isInterlaced: isInterlaced, filter: filter, hasTransparency: hasTransparency)
                }
            }
        }
    }

    private func libraryPixels(_ file: [UInt8]) throws -> [UInt8] {
        let header = try Header.read(file.span, mediaType: .png)
        guard case .png(let layout) = header.layout else { return [] }
        let rows = try LibraryRows(file.span, layout: layout)
        var pixels: [UInt8] = []
        let count = header.width * rows.channels
        try rows.decode(width: header.width, height: header.height, watch: Watch(timeLimit: nil, cancellation: nil)) {
            pixels += Array(UnsafeBufferPointer(start: $0, count: count))
        }
        return pixels
    }

    /// Nil when our own way hands the file to libpng.
    private func ownPixels(_ file: [UInt8]) throws -> [UInt8]? {
        let header = try Header.read(file.span, mediaType: .png)
        guard case .png(let layout) = header.layout else { return nil }
        var pixels: [UInt8] = []
        let count = header.width * layout.channels
        let rows = OwnRows(file.span, header: header, layout: layout)
        let isDone = try rows.decode(watch: Watch(timeLimit: nil, cancellation: nil)) {
            pixels += Array(UnsafeBufferPointer(start: $0, count: count))
        }
        return isDone ? pixels : nil
    }

    @Test("libpng and our own way give the very pixels that were written, for every kind of PNG")
    func givesWrittenPixels() throws {
        #expect(Self.writers.count == 15 * 2 * 6 + 11 * 2 * 6)
        for writer in Self.writers {
            let file = writer.file
            let expected = writer.pixels
            let isRight = try libraryPixels(file) == expected
            #expect(isRight, "libpng, \(writer)")
            if !writer.isInterlaced {
                let isRight = try ownPixels(file) == expected
                #expect(isRight, "own, \(writer)")
            }
        }
    }

    @Test("rows of every width come out alike", arguments: [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65])
    func takesEveryWidth(width: Int) throws {
        for kind in Self.kinds {
            let writer = PNGWriter(width: width, height: 11, colorType: kind.colorType, depth: kind.depth, filter: nil)
            let file = writer.file
            let isRight = try ownPixels(file) == writer.pixels && libraryPixels(file) == writer.pixels
            #expect(isRight, "\(writer)")
        }
    }

    @Test("a picture of many batches and chunks comes out whole")
    func takesManyBatches() throws {
        let writer = PNGWriter(
            width: 700, height: 180, colorType: 6, depth: 8, filter: nil, chunkSize: 8_192)
        let file = writer.file
        let isRight = try ownPixels(file) == writer.pixels
        #expect(isRight)
    }

    @Test("a PNG whose data is damaged anywhere is refused")
    func refusesDamage() throws {
        let file = PNGWriter(width: 37, height: 23, colorType: 2, depth: 8, filter: nil).file
        for at in stride(from: 8, to: file.count, by: 7) {
            var damaged = file
            damaged[at] ^= 0x10
            #expect(throws: Refusal.self, "byte \(at) of \(file.count)") { try optimize(damaged) }
        }
    }

    @Test("a PNG cut anywhere is refused, and its rows are used where that is wished")
    func refusesCuts() throws {
        let file = PNGWriter(width: 37, height: 23, colorType: 2, depth: 8, filter: nil).file
        for count in stride(from: 1, to: file.count, by: 11) {
            let error = #expect(throws: Refusal.self) { try optimize(Array(file.prefix(count))) }
            #expect(
                error?.code == .truncated || error?.code == .notAnImage, "\(count) bytes: \(String(describing: error))")
        }
        var policy = Policy()
        policy.acceptTruncated = true
        let half = try optimize(Array(file.prefix(file.count * 2 / 3)), policy: policy)
        #expect(half.note?.hasPrefix("the file is damaged") == true)
        #expect(half.width == 37 && half.height == 23 && !half.isSource)
    }

    @Test("an ancillary chunk is never inflated, whatever it claims")
    func skipsText() throws {
        let writer = PNGWriter(width: 9, height: 9, colorType: 2, depth: 8, filter: 0)
        let bomb = PNGWriter.chunk(
            "zTXt", Array("Comment\0\0".utf8) + PNGWriter.deflate([UInt8](repeating: 32, count: 4_000_000)))
        let file = writer.file
        let result = try optimize(Array(file.prefix(33)) + bomb + Array(file.dropFirst(33)))
        #expect(result.mediaType == .webp, "metadata must not be kept")
    }

    @Test("a colour profile that inflates without end is refused")
    func refusesProfileBomb() throws {
        let file = PNGWriter(width: 9, height: 9, colorType: 2, depth: 8, filter: 0).file
        let bomb = PNGWriter.chunk(
            "iCCP", Array("p\0\0".utf8) + PNGWriter.deflate([UInt8](repeating: 0, count: 6_000_000)))
        let error = #expect(throws: Refusal.self) {
            try optimize(Array(file.prefix(33)) + bomb + Array(file.dropFirst(33)))
        }
        #expect(error?.code == .limitExceeded)
    }
}
