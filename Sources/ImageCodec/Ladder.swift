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
    /// Measured on photographs with grain; they agree within two hundredths at 75 and four at 40.
    private static let qualityPoints: [Double] = [0, 40, 50, 60, 75, 85, 100]
    private static let sizes: [(density: Double, relative: [Double])] = [
        (0.25, [0.12, 0.271, 0.367, 0.475, 0.638, 1, 2.5]),
        (0.30, [0.15, 0.337, 0.428, 0.523, 0.655, 1, 2.5]),
        (0.35, [0.20, 0.431, 0.511, 0.590, 0.706, 1, 2.5]),
        (0.50, [0.25, 0.552, 0.593, 0.646, 0.731, 1, 2.5]),
        (0.65, [0.30, 0.600, 0.650, 0.700, 0.780, 1, 2.5]),
    ]

    private static func relativeSize(_ quality: Int, density: Double) -> Double {
        guard density >= plain.density else { return at(quality, plain.relative) }
        let row = sizes.dropFirst().dropLast().lastIndex { density >= $0.density } ?? 0
        let place = (density - sizes[row].density) / (sizes[row + 1].density - sizes[row].density)
        let low = at(quality, sizes[row].relative)
        return low + (at(quality, sizes[row + 1].relative) - low) * max(0, min(1, place))
    }

    /// Between the values at the two nearest of the quality points.
    private static func at(_ quality: Int, _ values: [Double]) -> Double {
        let quality = Double(max(0, min(100, quality)))
        let column = qualityPoints.dropFirst().firstIndex { quality <= $0 } ?? qualityPoints.count - 1
        let share = (quality - qualityPoints[column - 1]) / (qualityPoints[column] - qualityPoints[column - 1])
        return values[column - 1] + (values[column] - values[column - 1]) * share
    }

    /// How near a rung's predicted size has to come to `maxBytes` for it to be tried, though it was predicted too large:
    /// after the first try, by the rung's quality, for the farther a rung is, the worse the prediction; and later, when
    /// the picture's own steepness is known.
    private static let firstHopes = [1.05, 1.033, 1.026, 1.017, 1.012, 1, 1]
    private static let hope = 1.01
    /// The same where a lower rung fits.
    private static let doubts = [1.03, 1.025, 1.019, 1.021, 1.014, 1, 1]
    /// Below this many bytes a pixel at the first rung pictures differ more: drawings fall by less than photographs.
    private static let plain = (
        density: 0.25, relative: [0.15, 0.328, 0.425, 0.517, 0.661, 1, 2.5], hope: 1.005, doubt: 1.1
    )

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
            let fitting = (low..<end).first {
                predictedSize($0, from: sizes) <= Double(maxBytes) * margin($0, sizes, hasFitting: best != nil)
            }
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

    private func margin(_ index: Int, _ sizes: [(index: Int, size: Int)], hasFitting: Bool) -> Double {
        guard let first = sizes.first else { return 1 }
        if Double(first.size) / Double(max(1, pixels)) < Ladder.plain.density {
            return hasFitting ? Ladder.plain.doubt : Ladder.plain.hope
        }
        if hasFitting { return Ladder.at(qualities[index], Ladder.doubts) }
        return sizes.count == 1 ? Ladder.at(qualities[index], Ladder.firstHopes) : Ladder.hope
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
