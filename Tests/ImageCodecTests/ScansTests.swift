import CImageShims
import Foundation
import Testing

@testable import ImageCodec

@Suite struct ScansTests {
    private static let ownWays = [JPEG_SCANS_FASTEST, JPEG_SCANS_PORTABLE]
    private static let regular = [
        "plain", "rough", "halved", "grey", "inks", "tiny", "wide", "even", "fine", "coarse",
    ]
    private static let odd = ["separate", "restarting"]

    private func bytes(_ name: String) throws -> [UInt8] {
        let folder = Fixture.folder.deletingLastPathComponent().appending(path: "scans")
        return [UInt8](try Data(contentsOf: folder.appending(path: "\(name).jpg")))
    }

    @Test("a progressive picture is read without libjpeg, to the sample as by libjpeg", arguments: regular)
    func readsAsLibjpeg(name: String) throws {
        let bytes = try bytes(name)
        for eighths: Int32 in [8, 2] {
            let expected = JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG, eighths: eighths)
            #expect(expected.isWhole && expected.warnings == 0 && !expected.readsScans)
            for way in ScansTests.ownWays {
                let reading = JPEGReading(bytes, by: way, eighths: eighths)
                #expect(reading.readsScans)
                #expect(reading.looks(like: expected))
            }
        }
    }

    @Test("scans of a rare kind are left to libjpeg", arguments: odd)
    func leavesRareScans(name: String) throws {
        let bytes = try bytes(name)
        let reading = JPEGReading(bytes, by: JPEG_SCANS_FASTEST)
        #expect(!reading.readsScans && reading.isWhole && reading.warnings == 0)
        #expect(reading.looks(like: JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG)))
    }

    @Test("of a damaged progressive picture one hears and sees what libjpeg says and shows", arguments: regular + odd)
    func agreesOnDamage(name: String) throws {
        let bytes = try bytes(name)
        var random = SplitMix(state: UInt64(bytes.count))
        var kept = 0
        for round in 0..<400 {
            var mutated = bytes
            for _ in 0...(round % 3) {
                mutated[Int(random.next() % UInt64(mutated.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if round % 8 == 0 { mutated = Array(mutated.prefix(Int(random.next() % UInt64(mutated.count)))) }
            let expected = JPEGReading(mutated, by: JPEG_SCANS_LIBJPEG)
            for way in ScansTests.ownWays {
                let reading = JPEGReading(mutated, by: way)
                if reading.readsScans { kept += 1 }
                guard reading.looks(like: expected) else {
                    Issue.record("round \(round), \(way): \(reading.message), not \(expected.message)")
                    return
                }
            }
        }
        #expect(kept > 0 || ScansTests.odd.contains(name))
    }

    @Test("what lies behind the end of a picture changes nothing, bytes too many before it are libjpeg's to judge")
    func findsTheEnd() throws {
        let bytes = try bytes("plain")
        let longer = JPEGReading(bytes + [0, 1, 2], by: JPEG_SCANS_FASTEST)
        #expect(longer.readsScans && longer.looks(like: JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG)))
        let stuffed = Array(bytes.dropLast(2)) + [0x55, 0x55] + bytes.suffix(2)
        let judged = JPEGReading(stuffed, by: JPEG_SCANS_FASTEST)
        #expect(!judged.readsScans)
        #expect(judged.looks(like: JPEGReading(stuffed, by: JPEG_SCANS_LIBJPEG)))
    }

    // MARK: What libjpeg minds behind the first scan

    /// The positions of all segments with this marker.
    private func segments(_ marker: UInt8, of bytes: [UInt8]) -> [Range<Int>] {
        (2..<bytes.count - 3).filter { bytes[$0] == 0xff && bytes[$0 + 1] == marker }.map {
            $0..<$0 + 2 + Int(bytes[$0 + 2]) << 8 + Int(bytes[$0 + 3])
        }
    }

    private func expectLibjpegsWord(on bytes: [UInt8]) {
        let expected = JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG)
        for way in ScansTests.ownWays {
            let reading = JPEGReading(bytes, by: way)
            #expect(!reading.readsScans)
            #expect(reading.looks(like: expected), "\(reading.message), not \(expected.message)")
        }
    }

    @Test("a table of codes without a free one is refused, wherever it comes")
    func fullTable() throws {
        var bytes = try bytes("plain")
        let table = try #require(segments(0xc4, of: bytes).last)
        // One more code of the longest length takes the last free one.
        let counts = table.lowerBound + 5..<table.lowerBound + 21
        let longest = try #require(counts.last { bytes[$0] > 0 })
        bytes[longest] += 1
        bytes[table.lowerBound + 3] += 1
        bytes.insert(0x5a, at: table.upperBound)
        expectLibjpegsWord(on: bytes)
        #expect(!JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG).isWhole)
    }

    @Test("what Adobe and JFIF say after the first scan is heard as libjpeg hears it")
    func lateMarkers() throws {
        var inks = try bytes("inks")
        let adobe = try #require(segments(0xee, of: inks).first)
        let word = Array(inks[adobe])
        let scan = try #require(segments(0xda, of: inks).dropFirst().first)
        inks.insert(contentsOf: word, at: scan.lowerBound)
        inks.removeSubrange(adobe)
        expectLibjpegsWord(on: inks)
        #expect(JPEGReading(inks, by: JPEG_SCANS_FASTEST).isInverted)

        var plain = try bytes("plain")
        let second = try #require(segments(0xda, of: plain).dropFirst().first)
        plain.insert(
            contentsOf: [0xff, 0xe0, 0, 16] + Array("JFIF\0".utf8) + [9, 1, 0, 0, 1, 0, 1, 0, 0], at: second.lowerBound)
        expectLibjpegsWord(on: plain)
        #expect(JPEGReading(plain, by: JPEG_SCANS_FASTEST).warnings == 1)
    }

    @Test("planes that a scan names in another order than the frame are libjpeg's to judge")
    func shuffledPlanes() throws {
        var bytes = try bytes("fine")
        let scan = try #require(segments(0xda, of: bytes).dropFirst().first { bytes[$0.lowerBound + 4] == 3 })
        bytes.swapAt(scan.lowerBound + 5, scan.lowerBound + 7)
        expectLibjpegsWord(on: bytes)
        #expect(!JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG).isWhole)
    }

    @Test("a large picture that was cut short costs no memory of the whole")
    func cutShort() throws {
        var bytes = try bytes("plain")
        let frame = try #require(segments(0xc2, of: bytes).first)
        for (offset, byte) in [(5, 0x1f), (6, 0x40), (7, 0x1f), (8, 0x40)] as [(Int, UInt8)] {
            bytes[frame.lowerBound + offset] = byte
        }
        let scan = try #require(segments(0xda, of: bytes).first)
        let before = pagesTouched()
        let reader = bytes.withUnsafeBufferPointer {
            let reader = jpeg_reader_create($0.baseAddress, scan.upperBound + 20, nil, nil)
            if let reader {
                _ = jpeg_reader_read_header(reader) && jpeg_reader_start(reader, JPEG_READER_PLANES, 1, 1)
            }
            return reader
        }
        defer { jpeg_reader_destroy(reader) }
        // Its coefficients would be 192 MB.
        #expect(pagesTouched() - before < 4096)
    }

    /// By this thread.
    private func pagesTouched() -> Int {
        var usage = rusage()
        // RUSAGE_THREAD is not imported.
        getrusage(1, &usage)
        return usage.ru_minflt
    }
}
