import Testing

@testable import ImageCodec

@Suite struct ResamplerTests {
    private func resize(
        _ bitmap: Bitmap, _ width: Int, _ height: Int, kernels: Kernels, range: SampleRange = .unchanged,
        filter: Filter = .lanczos
    ) -> Bitmap {
        let resampler = Resampler(
            width: Axis(samples: bitmap.width, target: width), height: Axis(samples: bitmap.height, target: height),
            channels: bitmap.channels, range: range, filter: filter, kernels: kernels)
        let stride = bitmap.width * bitmap.channels
        bitmap.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for y in 0..<bitmap.height { resampler.push(base + y * stride) }
        }
        return resampler.bitmap
    }

    private func noise(_ width: Int, _ height: Int, _ channels: Int) -> Bitmap {
        var random = SplitMix(state: UInt64(width * 31 + height))
        var bitmap = Bitmap(width: width, height: height, channels: channels)
        // Extremes, so that sums overshoot at both ends.
        for index in bitmap.bytes.indices { bitmap.bytes[index] = random.next() % 3 == 0 ? 0 : 255 }
        return bitmap
    }

    @Test(
        "the loops for AVX2 and the portable ones give the same bits", .enabled(if: Kernels.best == .avx2),
        arguments: [
            (64, 48, 31, 17), (65, 49, 64, 48), (7, 5, 3, 2), (300, 3, 20, 1), (3, 300, 1, 20), (1, 1, 1, 1),
            (97, 61, 97, 20), (97, 61, 13, 61), (33, 33, 1, 1), (20, 20, 40, 40),
        ])
    func agrees(fromWidth: Int, fromHeight: Int, toWidth: Int, toHeight: Int) {
        for channels in 1...4 {
            let source = noise(fromWidth, fromHeight, channels)
            for (range, filter) in [(SampleRange.unchanged, Filter.lanczos), (.luma, .lanczos), (.chroma, .cubic)] {
                let fast = resize(source, toWidth, toHeight, kernels: .avx2, range: range, filter: filter)
                let portable = resize(source, toWidth, toHeight, kernels: .portable, range: range, filter: filter)
                #expect(fast.bytes == portable.bytes)
            }
        }
    }

    @Test("a plain colour stays what it was", arguments: [0, 1, 77, 128, 254, 255] as [UInt8])
    func keepsPlainColor(value: UInt8) {
        let source = Bitmap(width: 143, height: 97, channels: 3, filledWith: value)
        for kernels in [Kernels.portable, Kernels.best] {
            let result = resize(source, 50, 34, kernels: kernels)
            #expect(result.bytes.allSatisfy { $0 == value })
        }
    }

    @Test("video range ends at 16 and 235")
    func mapsRange() {
        for (value, expected) in [(0, 16), (255, 235), (128, 126)] as [(UInt8, UInt8)] {
            let source = Bitmap(width: 40, height: 40, channels: 1, filledWith: value)
            let scaled = resize(source, 20, 20, kernels: .best, range: .luma)
            let copied = resize(source, 40, 40, kernels: .best, range: .luma)
            #expect(scaled.bytes.allSatisfy { $0 == expected })
            #expect(copied.bytes.allSatisfy { $0 == expected })
        }
    }

    @Test("a straight edge stays where it is")
    func keepsPosition() {
        var source = Bitmap(width: 100, height: 10, channels: 1)
        for y in 0..<10 { for x in 50..<100 { source.bytes[y * 100 + x] = 200 } }
        let result = resize(source, 20, 2, kernels: .best)
        #expect(result.bytes[8] < 20 && result.bytes[11] > 180)
        #expect(abs(Int(result.bytes[9]) + Int(result.bytes[10]) - 200) <= 4)
    }

    @Test(
        "the longest side is bounded, the other keeps the aspect to the pixel",
        arguments: [
            (6000, 4000, 1024, 683), (4000, 6000, 683, 1024), (20_000, 3, 1024, 1), (3, 20_000, 1, 1024),
            (1024, 1024, 1024, 1024), (1025, 1024, 1024, 1023), (10, 10, 10, 10), (3000, 2001, 1024, 683),
        ])
    func boundsSize(width: Int, height: Int, expectedWidth: Int, expectedHeight: Int) {
        let target = Target(width: width, height: height, maxEdge: 1024)
        #expect(target.width == expectedWidth && target.height == expectedHeight)
    }
}
