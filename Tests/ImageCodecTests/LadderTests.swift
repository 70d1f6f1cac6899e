import Testing

@testable import ImageCodec

@Suite struct LadderTests {
    static let qualities = [85, 75, 60, 50, 40]

    /// The rung that trying one after the other finds.
    private func plain(_ sizes: [Int: Int], maxBytes: Int) -> Int? {
        Self.qualities.first { sizes[$0, default: 0] <= maxBytes }
    }

    private func climb(_ sizes: [Int: Int], maxBytes: Int) throws -> (quality: Int?, encodes: Int, tried: [Int]) {
        var ladder = Ladder(qualities: Self.qualities, maxBytes: maxBytes, pixels: 786_432)
        var tried: [Int] = []
        let rung = try ladder.climb { quality throws(Refusal) in
            tried.append(quality)
            return [UInt8](repeating: 0, count: sizes[quality, default: 0])
        }
        return (rung?.quality, ladder.encodes, tried)
    }

    @Test("a picture that is small enough at once is encoded once")
    func encodesOnce() throws {
        let result = try climb([85: 100], maxBytes: 100)
        #expect(result.quality == 85 && result.encodes == 1)
    }

    /// Sizes of real grainy photographs of 786,432 pixels at 85, 75, 60, 50 and 40.
    static let grainy: [[Int]] = [
        [393_224, 286_392, 249_490, 225_762, 208_186], [393_650, 288_138, 253_080, 234_376, 213_098],
        [386_794, 282_494, 248_030, 225_662, 208_808], [294_164, 211_330, 181_628, 158_526, 137_910],
        [395_780, 294_914, 259_996, 236_804, 219_620], [389_938, 284_532, 249_832, 231_808, 210_634],
        [383_808, 278_942, 243_344, 220_616, 203_454], [349_258, 251_980, 221_410, 201_818, 186_992],
        [338_122, 255_414, 225_668, 209_896, 190_402], [281_598, 191_710, 156_148, 131_588, 105_816],
        [421_030, 316_668, 276_744, 254_682, 231_022], [251_056, 172_570, 137_434, 116_624, 92_280],
        [384_862, 284_026, 249_704, 231_930, 211_236], [259_876, 180_164, 146_580, 125_742, 102_622],
        [228_778, 148_998, 119_608, 95_782, 75_934], [225_636, 145_830, 113_868, 90_302, 69_568],
        [216_340, 141_628, 110_698, 87_902, 65_954], [215_846, 139_764, 108_608, 85_938, 64_784],
    ]

    @Test("grainy pictures come to the plain ladder's rung in about two encodes")
    func findsRungByPrediction() throws {
        var encodes: [Int: [Int]] = [:]
        for sizes in Self.grainy {
            let table = Dictionary(uniqueKeysWithValues: zip(Self.qualities, sizes))
            for share in stride(from: 0.30, to: 1, by: 0.003) {
                let maxBytes = Int(Double(sizes[0]) * share)
                let result = try climb(table, maxBytes: maxBytes)
                #expect(result.quality == plain(table, maxBytes: maxBytes), "\(sizes) in \(maxBytes)")
                #expect(Set(result.tried).count == result.tried.count, "nothing is encoded twice")
                if let quality = result.quality { encodes[quality, default: []].append(result.encodes) }
            }
        }
        func mean(_ counts: [Int]) -> Double { Double(counts.reduce(0, +)) / Double(max(1, counts.count)) }
        let first = mean(encodes[75, default: []])
        let all = mean(encodes.values.flatMap { $0 })
        #expect(first <= 2.05, "\(first) encodes where 75 is the answer, the usual case")
        #expect(all <= 2.15, "\(all) encodes")
    }

    @Test("a picture that no quality makes small enough has no rung")
    func findsNone() throws {
        let result = try climb([85: 1000, 75: 900, 60: 850, 50: 800, 40: 700], maxBytes: 500)
        #expect(result.quality == nil)
        #expect(result.tried.last == 40)
    }

    @Test("a ladder of one rung, and one of none")
    func climbsShortLadders() throws {
        var one = Ladder(qualities: [70], maxBytes: 10, pixels: 100)
        let rung = try one.climb { _ throws(Refusal) in [UInt8](repeating: 0, count: 9) }
        #expect(rung?.quality == 70)
        var none = Ladder(qualities: [], maxBytes: 10, pixels: 100)
        let nothing = try none.climb { _ throws(Refusal) in [] }
        #expect(nothing == nil && none.encodes == 0)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
