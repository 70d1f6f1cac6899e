import CImageShims
import Foundation
import Testing

@testable import ImageCodec

@Suite struct ScansTests {
    /// All that a reader tells of a file.
    private struct Reading: Equatable {
        var isWhole = false
        var readsScans = false
        var warnings = 0
        var message = ""
        var endedEarly = false
        var samples: [UInt8] = []

        init(_ bytes: [UInt8], by scans: jpeg_reader_scans, eighths: Int32 = 8) {
            bytes.withUnsafeBufferPointer { source in
                guard let reader = jpeg_reader_create(source.baseAddress, source.count, nil, nil) else { return }
                defer { jpeg_reader_destroy(reader) }
                jpeg_reader_choose_scans(reader, scans)
                isWhole = jpeg_reader_read_header(reader) && read(reader, eighths)
                readsScans = jpeg_reader_has_read_scans(reader)
                warnings = jpeg_reader_warnings(reader)
                message = String(cString: jpeg_reader_message(reader))
                endedEarly = jpeg_reader_ended_early(reader)
            }
        }

        private mutating func read(_ reader: OpaquePointer, _ eighths: Int32) -> Bool {
            guard jpeg_reader_start(reader, JPEG_READER_PLANES, eighths, eighths) else { return false }
            while !jpeg_reader_at_end(reader) {
                guard jpeg_reader_next(reader) else { return false }
                for index in 0..<jpeg_reader_plane_count(reader) {
                    let plane = jpeg_reader_plane_at(reader, index)
                    for row in 0..<plane.rows_per_batch {
                        let samples = jpeg_reader_row(reader, index, row)
                        self.samples += UnsafeBufferPointer(start: samples, count: Int(plane.samples_wide))
                    }
                }
            }
            return jpeg_reader_finish(reader)
        }

        func looks(like other: Reading) -> Bool {
            var copy = self
            copy.readsScans = other.readsScans
            return copy == other
        }
    }

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
            let expected = Reading(bytes, by: JPEG_SCANS_LIBJPEG, eighths: eighths)
            #expect(expected.isWhole && expected.warnings == 0 && !expected.readsScans)
            for way in ScansTests.ownWays {
                let reading = Reading(bytes, by: way, eighths: eighths)
                #expect(reading.readsScans)
                #expect(reading.looks(like: expected))
            }
        }
    }

    @Test("scans of a rare kind are left to libjpeg", arguments: odd)
    func leavesRareScans(name: String) throws {
        let bytes = try bytes(name)
        let reading = Reading(bytes, by: JPEG_SCANS_FASTEST)
        #expect(!reading.readsScans && reading.isWhole && reading.warnings == 0)
        #expect(reading.looks(like: Reading(bytes, by: JPEG_SCANS_LIBJPEG)))
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
            let expected = Reading(mutated, by: JPEG_SCANS_LIBJPEG)
            for way in ScansTests.ownWays {
                let reading = Reading(mutated, by: way)
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
        let longer = Reading(bytes + [0, 1, 2], by: JPEG_SCANS_FASTEST)
        #expect(longer.readsScans && longer.looks(like: Reading(bytes, by: JPEG_SCANS_LIBJPEG)))
        let stuffed = Array(bytes.dropLast(2)) + [0x55, 0x55] + bytes.suffix(2)
        let judged = Reading(stuffed, by: JPEG_SCANS_FASTEST)
        #expect(!judged.readsScans)
        #expect(judged.looks(like: Reading(stuffed, by: JPEG_SCANS_LIBJPEG)))
    }
}
