import Testing

@testable import ImageCodec

@Suite struct LadderTests {
    static let qualities = [85, 75, 60, 50, 40]

    /// The rung that trying one after the other finds.
    private func plain(_ sizes: [Int: Int], maxBytes: Int) -> Int? {
        Self.qualities.first { sizes[$0, default: 0] <= maxBytes }
    }

    private func climb(_ sizes: [Int: Int], maxBytes: Int) throws -> (quality: Int?, encodes: Int, tried: [Int]) {
        var ladder = Ladder(qualities: Self.qualities, maxBytes: maxBytes)
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

    @Test("grainy pictures find the plain ladder's rung in two encodes or little more")
    func findsRungByPrediction() throws {
        var random = SplitMix(state: 7)
        var encodes = 0
        var count = 0
        var different = 0
        for _ in 0..<2_000 {
            var sizes: [Int: Int] = [:]
            let base = 520 + Int(random.next() % 480)
            for (quality, share) in [(85, 1.0), (75, 0.78), (60, 0.70), (50, 0.65), (40, 0.60)] {
                let wobble = Double(random.next() % 1_000) / 1_000 - 0.5
                sizes[quality] = Int(Double(base) * (share + (quality == 85 ? 0 : wobble * 0.04)))
            }
            let result = try climb(sizes, maxBytes: 500)
            different += result.quality == plain(sizes, maxBytes: 500) ? 0 : 1
            #expect(Set(result.tried).count == result.tried.count, "nothing is encoded twice")
            encodes += result.encodes
            count += 1
        }
        #expect(different == 0)
        let mean = Double(encodes) / Double(count)
        #expect(mean <= 2.6, "\(mean) encodes")
    }

    @Test("a picture that no quality makes small enough has no rung")
    func findsNone() throws {
        let result = try climb([85: 1000, 75: 900, 60: 850, 50: 800, 40: 700], maxBytes: 500)
        #expect(result.quality == nil)
        #expect(result.tried.last == 40)
    }

    @Test("a ladder of one rung, and one of none")
    func climbsShortLadders() throws {
        var one = Ladder(qualities: [70], maxBytes: 10)
        let rung = try one.climb { _ throws(Refusal) in [UInt8](repeating: 0, count: 9) }
        #expect(rung?.quality == 70)
        var none = Ladder(qualities: [], maxBytes: 10)
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
