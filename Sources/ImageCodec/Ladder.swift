#if canImport(Glibc)
    internal import Glibc
#endif

/// Finds the first quality whose result is small enough, with as few encodes as possible: the same rung that trying
/// one after the other would find.
package struct Ladder {
    package struct Rung {
        package var quality: Int
        package var bytes: [UInt8]
    }

    let qualities: [Int]
    let maxBytes: Int
    let pixels: Int
    package private(set) var encodes = 0
    /// Of the smallest result so far.
    private(set) var smallest: Int?

    package init(qualities: [Int], maxBytes: Int, pixels: Int) {
        self.qualities = qualities
        self.maxBytes = maxBytes
        self.pixels = pixels
    }

    /// How a result's size falls with the quality, relative to 85: the more bytes a pixel takes at 85, the slower.
    /// Measured on photographs with grain, at 0.28, 0.50 and 0.65 bytes a pixel; they agree within two hundredths.
    private static let qualityPoints: [Double] = [0, 40, 50, 60, 75, 85, 100]
    private static let sizes: [(density: Double, relative: [Double])] = [
        (0.28, [0.15, 0.328, 0.425, 0.517, 0.661, 1, 2.5]),
        (0.50, [0.25, 0.541, 0.591, 0.643, 0.733, 1, 2.5]),
        (0.65, [0.30, 0.600, 0.650, 0.700, 0.780, 1, 2.5]),
    ]

    private static func relativeSize(_ quality: Int, density: Double) -> Double {
        func between(_ low: Double, _ high: Double, _ share: Double) -> Double { low + (high - low) * share }
        let quality = Double(max(0, min(100, quality)))
        let column = qualityPoints.dropFirst().firstIndex { quality <= $0 } ?? qualityPoints.count - 1
        let share = (quality - qualityPoints[column - 1]) / (qualityPoints[column] - qualityPoints[column - 1])
        let row = density < sizes[1].density ? 0 : 1
        let span = sizes[row + 1].density - sizes[row].density
        let place = max(0, min(1, (density - sizes[row].density) / span))
        func size(_ row: Int) -> Double { between(sizes[row].relative[column - 1], sizes[row].relative[column], share) }
        return between(size(row), size(row + 1), place)
    }

    /// How near a rung's predicted size has to come to `maxBytes` for it to be tried, though it was predicted too large:
    /// before anything fits, and when something does.
    private static let hope = 1.005
    private static let doubt = 1.02
    /// Below this many bytes a pixel at the first rung pictures differ more: drawings fall by less than photographs.
    private static let plain = (density: 0.25, doubt: 1.1)

    /// Nil when no rung is small enough.
    package mutating func climb(_ encode: (Int) throws(Refusal) -> [UInt8]) throws(Refusal) -> Rung? {
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
            let limit = Double(maxBytes) * (best == nil ? Ladder.hope : doubt(sizes[0].size))
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

    private func doubt(_ firstSize: Int) -> Double {
        Double(firstSize) / Double(max(1, pixels)) < Ladder.plain.density ? Ladder.plain.doubt : Ladder.doubt
    }

    /// From one size by what pictures have in common, from two by what this one has of its own.
    private func predictedSize(_ index: Int, from sizes: [(index: Int, size: Int)]) -> Double {
        guard let first = sizes.first, let nearest = sizes.last else { return .infinity }
        let density = Double(first.size) / Double(max(1, pixels))
        func relative(_ other: Int) -> Double {
            log(
                Ladder.relativeSize(qualities[other], density: density)
                    / Ladder.relativeSize(qualities[nearest.index], density: density))
        }
        var steepness = 1.0
        if let other = sizes.dropLast().last, abs(relative(other.index)) > 0.01, other.size > 0, nearest.size > 0 {
            steepness = log(Double(other.size) / Double(nearest.size)) / relative(other.index)
        }
        return Double(nearest.size) * exp(steepness * relative(index))
    }
}
