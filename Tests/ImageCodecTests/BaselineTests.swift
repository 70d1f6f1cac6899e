import CImageShims
import Foundation
import Testing

@testable import ImageCodec

@Suite struct BaselineTests {
    private static let regular = [
        "plain", "rough", "noise", "halved", "grey", "inks", "tiny", "wide", "even", "restarting",
    ]

    private func bytes(_ name: String) throws -> [UInt8] {
        let folder = Fixture.folder.deletingLastPathComponent().appending(path: "scans")
        return [UInt8](try Data(contentsOf: folder.appending(path: "baseline_\(name).jpg")))
    }

    @Test("a baseline picture is read without libjpeg, to the sample as by libjpeg", arguments: regular)
    func readsAsLibjpeg(name: String) throws {
        let bytes = try bytes(name)
        for eighths: Int32 in [8, 4, 2, 1] {
            let expected = JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG, eighths: eighths)
            #expect(expected.isWhole && expected.warnings == 0 && !expected.readsScans)
            let reading = JPEGReading(bytes, by: JPEG_SCANS_FASTEST, eighths: eighths)
            #expect(reading.readsScans)
            #expect(reading.looks(like: expected))
        }
    }

    @Test("a scan for each plane is left to libjpeg")
    func leavesSeparatePlanes() throws {
        let bytes = try bytes("separate")
        let reading = JPEGReading(bytes, by: JPEG_SCANS_FASTEST)
        #expect(!reading.readsScans && reading.isWhole && reading.warnings == 0)
        #expect(reading.looks(like: JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG)))
    }

    @Test("of a damaged baseline picture one hears and sees what libjpeg says and shows", arguments: regular)
    func agreesOnDamage(name: String) throws {
        let bytes = try bytes(name)
        var random = SplitMix(state: UInt64(bytes.count))
        var kept = 0
        var damaged = 0
        for round in 0..<400 {
            var mutated = bytes
            for _ in 0...(round % 3) {
                mutated[Int(random.next() % UInt64(mutated.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if round % 8 == 0 { mutated = Array(mutated.prefix(Int(random.next() % UInt64(mutated.count)))) }
            let expected = JPEGReading(mutated, by: JPEG_SCANS_LIBJPEG)
            let reading = JPEGReading(mutated, by: JPEG_SCANS_FASTEST)
            if reading.readsScans { kept += 1 }
            if expected.warnings > 0, !expected.samples.isEmpty { damaged += 1 }
            guard reading.looks(like: expected) else {
                Issue.record("round \(round): \(reading.message), not \(expected.message)")
                return
            }
        }
        #expect(kept > 0 && damaged > 0)
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

    @Test("a picture whose end is missing is libjpeg's to judge, rows that came before stay as they were")
    func missesTheEnd() throws {
        let bytes = try bytes("rough")
        for count in [bytes.count - 1, bytes.count - 2, bytes.count - 3, bytes.count / 2] {
            let short = Array(bytes.prefix(count))
            let reading = JPEGReading(short, by: JPEG_SCANS_FASTEST)
            #expect(!reading.readsScans && reading.warnings > 0)
            #expect(reading.looks(like: JPEGReading(short, by: JPEG_SCANS_LIBJPEG)))
        }
    }

    @Test("data that start again at another mark than the next are libjpeg's to judge")
    func wrongRestart() throws {
        var bytes = try bytes("restarting")
        let mark = try #require((2..<bytes.count - 1).first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xd1 })
        bytes[mark + 1] = 0xd5
        let reading = JPEGReading(bytes, by: JPEG_SCANS_FASTEST)
        #expect(!reading.readsScans && reading.warnings > 0)
        #expect(reading.looks(like: JPEGReading(bytes, by: JPEG_SCANS_LIBJPEG)))
    }
}
