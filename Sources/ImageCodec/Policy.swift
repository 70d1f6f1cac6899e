/// What a managed column asks of its images.
package struct Policy: Sendable, Equatable {
    package enum Format: String, Sendable, CaseIterable {
        /// The source itself when it is fit to be shown and smaller than its WebP.
        case smallest
        case webp
    }

    package struct Color: Sendable, Equatable {
        package var red: UInt8
        package var green: UInt8
        package var blue: UInt8

        package init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        /// As in HTML: #f5f5f5.
        package init?(html text: String) {
            let digits = Array(text.utf8.dropFirst()).compactMap(\.hexadecimalValue)
            guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6, text.utf8.count == 7 else { return nil }
            self.init(
                red: digits[0] << 4 | digits[1], green: digits[2] << 4 | digits[3], blue: digits[4] << 4 | digits[5])
        }

        package static let white = Color(red: 255, green: 255, blue: 255)
    }

    package var format = Format.smallest
    /// The longest side; smaller pictures are never enlarged.
    package var maxEdge = 1024
    package var maxBytes = 500_000
    /// Tried from the first until the result is at most `maxBytes`.
    package var qualities = [85, 75, 60, 50, 40]
    /// Transparency is laid on `background`; otherwise it is kept.
    package var flatten = true
    package var background = Color.white
    /// Less than half the time of encoding, the same likeness, about an eighth more bytes.
    package var fast = false
    /// Checked against what the header says, before anything is decoded.
    package var maxPixels = 100_000_000
    /// A file that ends early or is damaged gives what could be read of it, with a note, instead of a refusal.
    package var acceptTruncated = false
    /// By the clock, from the first byte to the last: a picture takes a fraction of a second.
    package var timeLimit: Duration? = .seconds(60)

    package init() {}
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
