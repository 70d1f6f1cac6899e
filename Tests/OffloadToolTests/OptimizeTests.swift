import Foundation
import TestGround
import Testing

@Suite("offload optimize")
struct OptimizeTests {
    private var images: String { TestServers.project + "/Tests/Fixtures/images/" }

    @Test("each picture is reported with bytes, quality, dimensions and time, and a total after them")
    func reports() async throws {
        let outcome = try await Program.run(
            "optimize", images + "png_scaled.png", images + "jpeg_scaled.jpg", "--format", "webp")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.contains("png_scaled.png: ") == true && lines.first?.contains(" → ") == true)
        #expect(lines.first?.contains("WebP at quality 85") == true && lines.first?.contains("×") == true)
        #expect(lines.last?.hasPrefix("total: 2 files, ") == true)
    }

    @Test("the results are written, the sources stay, and a second run is as good as the first")
    func writes() async throws {
        let scratch = try Scratch()
        let source = scratch.path + "/photo.png"
        try FileManager.default.copyItem(atPath: images + "png_scaled.png", toPath: source)
        let before = try Data(contentsOf: URL(filePath: source))
        for _ in 0..<2 {
            let outcome = try await Program.run(
                "optimize", source, "--output", "small/er", "--format", "webp", directory: scratch.path)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(try Data(contentsOf: URL(filePath: source)) == before)
        let written = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/small/er")
        #expect(written == ["photo.webp"])
        let bytes = try Data(contentsOf: URL(filePath: scratch.path + "/small/er/photo.webp"))
        #expect(bytes.starts(with: Data("RIFF".utf8)) && bytes.count < before.count)
        let dimensions = try await Program.run("optimize", scratch.path + "/small/er/photo.webp", "--json")
        #expect(dimensions.output.contains("\"width\":"))
    }

    @Test("one name never takes the place of another's result")
    func collisions() async throws {
        let scratch = try Scratch()
        for (folder, image) in [("a", "png_scaled.png"), ("b", "png_rgb.png")] {
            try FileManager.default.createDirectory(
                atPath: scratch.path + "/" + folder, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: images + image, toPath: scratch.path + "/\(folder)/photo.png")
        }
        let outcome = try await Program.run(
            "optimize", "a/photo.png", "b/photo.png", "--output", "out", "--format", "webp", directory: scratch.path)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is there already"))
        #expect(outcome.output.contains("total: 2 files, 1 failed"))
    }

    @Test("each refusal has its reason and what to do, its neighbours go on, and the status is 1")
    func refusals() async throws {
        let scratch = try Scratch()
        let files: [(String, Data, String)] = [
            ("empty.jpg", Data(), "empty"), ("text.jpg", Data("hello".utf8), "not_an_image"),
            ("half.jpg", try Data(contentsOf: URL(filePath: images + "jpeg_scaled.jpg")).prefix(3000), ""),
            ("huge.png", Self.hugePNG, "too_many_pixels"),
            ("scan.tif", Data([0x49, 0x49, 0x2A, 0]) + Data(count: 100), "unsupported_format"),
        ]
        for (name, bytes, _) in files { try bytes.write(to: URL(filePath: scratch.path + "/" + name)) }
        try FileManager.default.copyItem(atPath: images + "png_rgb.png", toPath: scratch.path + "/good.png")
        let outcome = try await Program.run(
            "optimize", "empty.jpg", "text.jpg", "half.jpg", "huge.png", "scan.tif", "missing.png", ".", "good.png",
            directory: scratch.path)
        #expect(outcome.status == 1)
        for (name, _, reason) in files { #expect(outcome.errors.contains("offload: \(name): \(reason)")) }
        #expect(outcome.errors.contains("missing.png: unreadable") && outcome.errors.contains("is a directory"))
        #expect(outcome.errors.split(separator: "\n").count { $0.contains("hint: ") } == 7)
        #expect(outcome.output.contains("good.png: ") && outcome.output.contains("total: 8 files, 7 failed"))
    }

    @Test("JSON has a line a file and one of the total")
    func json() async throws {
        let outcome = try await Program.run("optimize", images + "png_rgb.png", "/nowhere.png", "--json")
        #expect(outcome.status == 1)
        let lines = try outcome.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(lines.count == 3)
        #expect(lines.first?["bytes_before"] is Int && lines.first?["milliseconds"] is Int)
        #expect(lines.dropFirst().first?["reason"] as? String == "unreadable")
        #expect((lines.last?["total"] as? [String: Any])?["failed"] as? Int == 1)
    }

    @Test("the policy's options are the worker's")
    func options() async throws {
        let outcome = try await Program.run(
            "optimize", images + "png_scaled.png", "--max-edge", "64", "--qualities", "30", "--format", "webp", "--json"
        )
        #expect(outcome.output.contains("\"quality\":30"))
        #expect(outcome.output.contains("\"width\":64") || outcome.output.contains("\"height\":64"))
        let tooLarge = try await Program.run("optimize", images + "png_scaled.png", "--max-bytes", "10")
        #expect(
            tooLarge.status == 1 && tooLarge.errors.contains("too_large") && tooLarge.errors.contains("--max-bytes"))
    }

    /// A header that says 30,000 × 30,000 pixels.
    private static let hugePNG: Data = {
        var bytes = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        func chunk(_ type: String, _ content: [UInt8]) {
            let body = Array(type.utf8) + content
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: content.count >> shift)) }
            bytes.append(contentsOf: body)
            var crc: UInt32 = 0xFFFF_FFFF
            for byte in body {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            }
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: ~crc >> UInt32(shift))) }
        }
        chunk("IHDR", [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 8, 2, 0, 0, 0])
        chunk("IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1])
        chunk("IEND", [])
        return bytes
    }()
}
