import Foundation
import Synchronization
import Testing

@testable import ImageCodec

@Suite struct OptimizeTests {
    private func policy(_ change: (inout Policy) -> Void) -> Policy {
        var policy = Policy()
        change(&policy)
        return policy
    }

    private func png(_ width: Int, _ height: Int, colorType: Int = 2) -> [UInt8] {
        PNGWriter(width: width, height: height, colorType: colorType, depth: 8, filter: nil).file
    }

    /// RGBA pixels as a PNG.
    private func png(rgba: Bitmap) -> [UInt8] {
        var rows: [UInt8] = []
        for y in 0..<rgba.height {
            rows.append(0)
            rows += rgba.bytes[y * rgba.width * 4..<(y + 1) * rgba.width * 4]
        }
        let size = PNGWriter.big32(rgba.width) + PNGWriter.big32(rgba.height)
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + PNGWriter.chunk("IHDR", size + [8, 6, 0, 0, 0])
            + PNGWriter.chunk("IDAT", PNGWriter.deflate(rows)) + PNGWriter.chunk("IEND", [])
    }

    /// A disc of one colour on full transparency.
    private func disc(_ color: [UInt8]) -> [UInt8] {
        var bitmap = Bitmap(width: 80, height: 60, channels: 4)
        for y in 0..<60 {
            for x in 0..<80 where (x - 40) * (x - 40) + (y - 30) * (y - 30) < 400 {
                for channel in 0..<3 { bitmap.bytes[(y * 80 + x) * 4 + channel] = color[channel] }
                bitmap.bytes[(y * 80 + x) * 4 + 3] = 255
            }
        }
        return png(rgba: bitmap)
    }

    @Test("a picture of one pixel, and one of 20,000 by 3")
    func takesExtremeSizes() throws {
        let dot = try optimize(png(1, 1), policy: policy { $0.format = .webp })
        #expect(dot.width == 1 && dot.height == 1)
        let line = try optimize(png(20_000, 3), policy: policy { $0.format = .webp })
        #expect(line.width == 1024 && line.height == 1)
        #expect(Pixels.webp(line.bytes)?.width == 1024)
    }

    @Test("a source that is fit and smaller is kept as it is, and converted where that is asked for")
    func keepsSmallestSource() throws {
        // Two colours in a fine pattern: a PNG of it is far smaller than a WebP.
        let source = PNGWriter(width: 64, height: 64, colorType: 3, depth: 1, filter: 0).file
        let kept = try optimize(source)
        #expect(kept.isSource && kept.bytes == source && kept.mediaType == .png && kept.quality == nil)
        #expect(kept.width == 64 && kept.height == 64)
        let converted = try optimize(source, policy: policy { $0.format = .webp })
        #expect(!converted.isSource && converted.mediaType == .webp && converted.quality == 85)
    }

    @Test("a source with anything more than its picture is never kept as it is")
    func dropsMetadata() throws {
        let file = PNGWriter(width: 64, height: 64, colorType: 3, depth: 1, filter: 0).file
        #expect(try optimize(file).isSource)
        for extra in ["tEXt", "eXIf", "tIME", "prVt"] {
            let source =
                Array(file.prefix(33)) + PNGWriter.chunk(extra, Array("GPS 52.5 13.4".utf8))
                + Array(file.dropFirst(33))
            let result = try optimize(source)
            #expect(!result.isSource, "\(extra)")
        }
        #expect(try !optimize(file + [0]).isSource, "something after the end")
        #expect(try !optimize(file, policy: policy { $0.maxEdge = 63 }).isSource, "too wide")
        #expect(try !optimize(Fixture.bytes("jpeg_exif_1.jpg")).isSource)
        #expect(try !optimize(Fixture.bytes("gif_animated.gif")).isSource)
    }

    @Test("nothing of the source's metadata is in the result")
    func stripsMetadata() throws {
        let result = try optimize(Fixture.bytes("jpeg_exif_6.jpg"), policy: policy { $0.format = .webp })
        let text = String(decoding: result.bytes, as: UTF8.self)
        #expect(!text.contains("Maker") && !text.contains("EXIF") && !text.contains("ICCP"))
    }

    @Test("transparency is laid on the background, or kept")
    func flattens() throws {
        let file = disc([200, 30, 30])
        let white = try #require(Pixels.webp(try optimize(file).bytes))
        #expect(white[2, 2].allSatisfy { $0 > 250 })
        let blue = try optimize(file, policy: policy { $0.background = .init(red: 0, green: 0, blue: 255) })
        let pixels = try #require(Pixels.webp(blue.bytes))
        #expect(pixels[2, 2][0] < 12 && pixels[2, 2][2] > 240)
        #expect(pixels[40, 30][0] > 180)
        let kept = try optimize(file, policy: policy { ($0.flatten, $0.format) = (false, .webp) })
        let alpha = try #require(Pixels.webp(kept.bytes, keepsAlpha: true))
        #expect(alpha[2, 2][3] == 0 && alpha[40, 30][3] == 255 && alpha[40, 30][0] > 180)
    }

    @Test("white on transparent is kept with its alpha, and the row says so")
    func keepsNearlyBlank() throws {
        let result = try optimize(disc([255, 255, 255]))
        #expect(result.note?.contains("nearly blank") == true)
        let pixels = try #require(Pixels.webp(result.bytes, keepsAlpha: true))
        #expect(pixels[2, 2][3] == 0 && pixels[40, 30] == [255, 255, 255, 255])
        let dark = try optimize(disc([30, 30, 30]))
        #expect(dark.note == nil)
        let black = Policy.Color(red: 0, green: 0, blue: 0)
        let onBlack = try optimize(disc([255, 255, 255]), policy: policy { $0.background = black })
        #expect(onBlack.note == nil)
        // A white page is white because it is white, not because of its alpha.
        let page = try optimize(png(rgba: Bitmap(width: 30, height: 30, channels: 4, filledWith: 255)))
        #expect(page.note == nil)
    }

    @Test("the ladder descends until the result is small enough, and says how large it stays")
    func climbsLadder() throws {
        let file = png(160, 120)
        let large = try optimize(file, policy: policy { $0.format = .webp })
        let sizes = try Dictionary(
            uniqueKeysWithValues: [85, 75, 60, 50, 40].map { quality in
                (
                    quality,
                    try optimize(file, policy: policy { ($0.format, $0.qualities) = (.webp, [quality]) }).bytes.count
                )
            })
        #expect(large.bytes.count == sizes[85])
        for quality in [75, 60, 50, 40] {
            let limit = try #require(sizes[quality])
            let result = try optimize(file, policy: policy { ($0.format, $0.maxBytes) = (.webp, limit) })
            #expect(result.quality == [85, 75, 60, 50, 40].first { sizes[$0, default: 0] <= limit })
            #expect(result.bytes.count <= limit)
        }
        let least = try #require(sizes.values.min())
        let error = #expect(throws: Refusal.self) {
            try optimize(file, policy: policy { $0.maxBytes = least - 1 })
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.detail.contains("\(least) bytes") == true)
    }

    @Test("the fast profile looks as good")
    func encodesFast() throws {
        let file = try Fixture.bytes("png_scaled.png")
        let plain = try optimize(file, policy: policy { $0.format = .webp })
        let fast = try optimize(file, policy: policy { ($0.format, $0.fast) = (.webp, true) })
        let source = try #require(Pixels.webp(try optimize(file, policy: policy { $0.qualities = [100] }).bytes))
        let plainLikeness = try #require(Pixels.webp(plain.bytes)?.likeness(to: source))
        let fastLikeness = try #require(Pixels.webp(fast.bytes)?.likeness(to: source))
        #expect(fastLikeness > plainLikeness - 0.5)
        #expect(fast.quality == 85)
    }

    @Test("limits are checked before anything is decoded")
    func checksLimits() throws {
        var file = png(4, 4)
        let size = PNGWriter.big32(30_000) + PNGWriter.big32(30_000) + [8, 2, 0, 0, 0]
        file.replaceSubrange(8..<33, with: PNGWriter.chunk("IHDR", size))
        #expect(throws: Refusal(.tooManyPixels, "30000×30000 are 900000000 pixels, more than 100000000")) {
            try optimize(file)
        }
        file.replaceSubrange(
            8..<33, with: PNGWriter.chunk("IHDR", PNGWriter.big32(2_000_000) + PNGWriter.big32(1) + [8, 2, 0, 0, 0]))
        #expect(throws: Refusal.self) { try optimize(file) }
        var jpeg = try Fixture.bytes("jpeg_420.jpg")
        let frame = try #require(jpeg.firstRange(of: [0xFF, 0xC0]))
        jpeg.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0xFF, 0xFF, 0xFF, 0xFF])
        let error = #expect(throws: Refusal.self) { try optimize(jpeg) }
        #expect(error?.code == .tooManyPixels)
    }

    @Test("a GIF's frame that is larger than its canvas is measured, too")
    func measuresFrames() throws {
        var gif = try Fixture.bytes("gif.gif")
        let frame = try #require(gif.firstRange(of: [0x2C, 0, 0, 0, 0]))
        gif.replaceSubrange(frame.upperBound..<frame.upperBound + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
        let error = #expect(throws: Refusal.self) { try optimize(gif) }
        #expect(error?.code == .tooManyPixels)
    }

    @Test("an animated WebP that ends inside its first frame's header is truncated")
    func refusesCutFrame() throws {
        let bytes =
            Array("RIFF".utf8) + [0xC8, 2, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, 2, 0, 0, 0]
            + [0x3C, 0x4E, 0x49, 0x4D, 6, 0] + Array("ANMF".utf8) + [0x52, 0x49, 0, 0, 0, 0, 0, 0, 0x20]
        #expect(throws: Refusal(.truncated, "the WebP ends before its picture begins")) { try optimize(bytes) }
    }

    @Test("a JPEG of 12 bits is refused by its depth")
    func refusesTwelveBits() throws {
        var jpeg = try Fixture.bytes("jpeg_420.jpg")
        let frame = try #require(jpeg.firstRange(of: [0xFF, 0xC0]))
        jpeg[frame.upperBound + 2] = 12
        #expect(throws: Refusal(.unsupportedFormat, "a JPEG of 12 bits a sample is not supported")) {
            try optimize(jpeg)
        }
    }

    @Test(
        "a file cut in half is refused, and used with a note where that is wished",
        arguments: [
            "jpeg_420.jpg", "jpeg_progressive.jpg", "jpeg_scaled.jpg", "png_rgb.png", "png_scaled_rgba.png",
            "webp_lossy.webp", "webp_lossless.webp", "webp_scaled.webp", "gif.gif", "gif_interlaced.gif",
        ])
    func refusesHalfFiles(file: String) throws {
        let bytes = try Fixture.bytes(file)
        let half = Array(bytes.prefix(bytes.count * 6 / 10))
        let error = #expect(throws: Refusal.self) { try optimize(half) }
        #expect(error?.code == .truncated || error?.code == .corrupt, "\(String(describing: error))")
        let used = try? optimize(half, policy: policy { $0.acceptTruncated = true })
        if let used { #expect(used.note?.contains("damaged") == true && !used.isSource) }
        if file.hasSuffix("jpg") || file.hasSuffix("png") { #expect(used != nil) }
    }

    @Test("a JPEG without its end is truncated")
    func refusesMissingEnd() throws {
        let bytes = try Fixture.bytes("jpeg_420.jpg")
        let error = #expect(throws: Refusal.self) { try optimize(Array(bytes.dropLast(2))) }
        #expect(error?.code == .truncated)
    }

    @Test("no mutation of a picture brings anything but a picture or a refusal", arguments: Fixture.all)
    func survivesMutations(fixture: Fixture) throws {
        let bytes = try Fixture.bytes(fixture.file)
        var random = SplitMix(state: UInt64(bytes.count))
        let accepting = policy { ($0.acceptTruncated, $0.qualities, $0.maxEdge) = (true, [40], 32) }
        for round in 0..<12 {
            var mutated = bytes
            for _ in 0...(round % 4) {
                mutated[Int(random.next() % UInt64(mutated.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if round % 3 == 0 { mutated = Array(mutated.prefix(Int(random.next() % UInt64(mutated.count)))) }
            _ = try? optimize(mutated, policy: accepting)
            _ = try? optimize(mutated, policy: Policy())
        }
    }

    @Test("work stops at its time limit, and when it is cancelled")
    func stops() throws {
        for file in ["jpeg_scaled.jpg", "jpeg_scaled_progressive.jpg", "png_scaled.png", "webp_scaled.webp", "gif.gif"]
        {
            let bytes = try Fixture.bytes(file)
            let late = #expect(throws: Refusal.self) { try optimize(bytes, policy: policy { $0.timeLimit = .zero }) }
            #expect(late?.code == .timeLimit)
            let cancellation = Cancellation()
            cancellation.cancel()
            let stopped = #expect(throws: Refusal.self) { try optimize(bytes, cancellation: cancellation) }
            #expect(stopped?.code == .cancelled)
        }
    }

    @Test("a picture that is being decoded stops within a row or two of the limit")
    func stopsMidway() throws {
        // 90 million pixels of one colour: little to read, much to do.
        let file = PNGWriter.plain(width: 9_000, height: 10_000)
        let start = ContinuousClock.now
        let error = #expect(throws: Refusal.self) {
            try optimize(file, policy: policy { $0.timeLimit = .milliseconds(50) })
        }
        #expect(error?.code == .timeLimit)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("many threads make of a picture what one makes")
    func runsOnManyThreads() throws {
        let files = try ["jpeg_scaled.jpg", "png_scaled_rgba.png", "webp_scaled.webp", "jpeg_cmyk_profile.jpg"].map {
            try Fixture.bytes($0)
        }
        let expected = try files.map { try optimize($0) }
        let mismatches = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 24) { index in
            if (try? optimize(files[index % files.count])) != expected[index % files.count] {
                mismatches.add(1, ordering: .relaxed)
            }
        }
        #expect(mismatches.load(ordering: .relaxed) == 0)
    }
}
