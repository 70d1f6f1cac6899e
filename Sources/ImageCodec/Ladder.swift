#if canImport(Glibc)
    internal import Glibc
#endif

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

    /// How near a rung's predicted size has to come to `maxBytes` for it to be tried, though it was predicted too large.
    private static let doubt = 1.05

    /// Nil when no rung is small enough.
    mutating func climb(_ encode: (Int) throws(Refusal) -> [UInt8]) throws(Refusal) -> Rung? {
        var sizes: [(index: Int, size: Int)] = []
        var best: (index: Int, bytes: [UInt8])?
        // Every rung before this one is too large.
        var low = 0
        var index = 0
        while index < best?.index ?? qualities.count {
            let bytes = try encode(qualities[index])
            encodes += 1
            smallest = min(smallest ?? bytes.count, bytes.count)
            sizes.append((index, bytes.count))
            if bytes.count <= maxBytes { best = (index, bytes) } else { low = index + 1 }
            let end = best?.index ?? qualities.count
            guard low < end else { break }
            let limit = Double(maxBytes) * (best == nil ? 1 : Ladder.doubt)
            let fitting = (low..<end).first { predictedSize($0, from: sizes) <= limit }
            if best == nil {
                index = fitting ?? end - 1
            } else {
                // The rungs that were skipped on a prediction: the nearest first.
                guard fitting != nil else { break }
                index = end - 1
            }
        }
        return best.map { Rung(quality: qualities[$0.index], bytes: $0.bytes) }
    }

    /// From one size by what pictures have in common, from two by what this one has of its own.
    private func predictedSize(_ index: Int, from sizes: [(index: Int, size: Int)]) -> Double {
        guard let nearest = sizes.last else { return .infinity }
        func relative(_ other: Int) -> Double {
            log(Ladder.relativeSize(qualities[other]) / Ladder.relativeSize(qualities[nearest.index]))
        }
        var steepness = 1.0
        if let other = sizes.dropLast().last, abs(relative(other.index)) > 0.01, other.size > 0, nearest.size > 0 {
            steepness = log(Double(other.size) / Double(nearest.size)) / relative(other.index)
        }
        return Double(nearest.size) * exp(steepness * relative(index))
    }
}
