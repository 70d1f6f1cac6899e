/// Whether flattening left anything to see: a graphic that is white on transparent is nothing on white.
extension Picture {
    /// How far from the background a pixel has to be to be seen.
    private static let visibleDifference = 24
    /// The share of a picture below which it is nearly blank.
    private static let blankShare = 0.002

    func isNearlyBlank(_ background: Policy.Color) -> Bool {
        share { $0.differs(from: background, by: Self.visibleDifference) } < Self.blankShare
    }

    /// Whether this picture, with its alpha, shows clearly more than the flattened one.
    func hasVisibleShapes(besides flattened: Picture, _ background: Policy.Color) -> Bool {
        guard case .pixels(let bitmap) = self, bitmap.channels == 4 else { return false }
        let shown = flattened.share { $0.differs(from: background, by: Self.visibleDifference) }
        let covered = share { $0.alpha > 48 }
        let uncovered = share { $0.alpha < 208 }
        return covered > max(Self.blankShare, 4 * shown) && uncovered > Self.blankShare
    }

    private struct Pixel {
        var red: Int
        var green: Int
        var blue: Int
        var alpha: Int

        func differs(from color: Policy.Color, by limit: Int) -> Bool {
            abs(red - Int(color.red)) > limit || abs(green - Int(color.green)) > limit
                || abs(blue - Int(color.blue)) > limit
        }
    }

    private func share(of isCounted: (Pixel) -> Bool) -> Double {
        var counted = 0
        switch self {
        case .planes(let luma, _, _):
            for value in luma.bytes {
                let grey = max(0, min(255, (Int(value) - 16) * 255 / 219))
                if isCounted(Pixel(red: grey, green: grey, blue: grey, alpha: 255)) { counted += 1 }
            }
        case .pixels(let bitmap):
            for at in stride(from: 0, to: bitmap.bytes.count, by: bitmap.channels) {
                let pixel = Pixel(
                    red: Int(bitmap.bytes[at]), green: Int(bitmap.bytes[at + 1]), blue: Int(bitmap.bytes[at + 2]),
                    alpha: bitmap.channels == 4 ? Int(bitmap.bytes[at + 3]) : 255)
                if isCounted(pixel) { counted += 1 }
            }
        }
        return Double(counted) / Double(max(1, width * height))
    }
}
