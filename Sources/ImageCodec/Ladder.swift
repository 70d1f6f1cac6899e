/// Finds the first quality whose result is small enough, with as few encodes as possible: the same rung that trying
/// one after the other would find.
struct Ladder {
    struct Rung {
        var quality: Int
        var bytes: [UInt8]
    }

    let qualities: [Int]
    let maxBytes: Int
    private(set) var encodes = 0
    /// Of the smallest result so far.
    private(set) var smallest: Int?

    init(qualities: [Int], maxBytes: Int) {
        self.qualities = qualities
        self.maxBytes = maxBytes
    }

    /// How a result's size falls with the quality, relative to 85: grainy pictures, where the ladder matters, agree.
    static func relativeSize(_ quality: Int) -> Double {
        let points: [(quality: Double, size: Double)] = [
            (0, 0.30), (40, 0.60), (50, 0.65), (60, 0.70), (75, 0.78), (85, 1), (90, 1.25), (100, 2.5),
        ]
        let quality = Double(max(0, min(100, quality)))
        for (low, high) in zip(points, points.dropFirst()) where quality <= high.quality {
            return low.size + (high.size - low.size) * (quality - low.quality) / (high.quality - low.quality)
        }
        return 1
    }

    /// Nil when no rung is small enough.
    mutating func climb(_ encode: (Int) throws(Refusal) -> [UInt8]) throws(Refusal) -> Rung? {
        var results: [Int: [UInt8]] = [:]
        var low = 0
        var index = 0
        while index < qualities.count {
            let bytes = try encode(qualities[index])
            encodes += 1
            smallest = min(smallest ?? bytes.count, bytes.count)
            if bytes.count > maxBytes {
                low = index + 1
                index = max(low, firstFitting(from: index, size: bytes.count))
                continue
            }
            results[index] = bytes
            // The rung above may have been skipped on a prediction that was close.
            guard index > low else { break }
            let above = index - 1
            let predicted = prediction(above, from: index, size: bytes.count)
            guard predicted <= Double(maxBytes) * 1.1 else { break }
            index = above
        }
        guard let best = results.keys.min(), let bytes = results[best] else { return nil }
        return Rung(quality: qualities[best], bytes: bytes)
    }

    private func prediction(_ target: Int, from index: Int, size: Int) -> Double {
        Double(size) * Ladder.relativeSize(qualities[target]) / Ladder.relativeSize(qualities[index])
    }

    private func firstFitting(from index: Int, size: Int) -> Int {
        let later = (index + 1)..<max(index + 1, qualities.count)
        return later.first { prediction($0, from: index, size: size) <= Double(maxBytes) } ?? qualities.count - 1
    }
}
