/// What an image's bytes say of it before anything is decoded.
struct Header {
    var mediaType: MediaType
    var width = 0
    var height = 0
    /// As EXIF counts them: 1 is upright, 6 has to be turned to the right.
    var orientation = 1
    /// An embedded ICC profile.
    var profile: [UInt8]?
    /// More than is needed to show the picture: where and by whom it was taken, comments, anything unknown.
    var hasMetadata = false
    var isAnimated = false
    var layout: Layout

    enum Layout {
        case jpeg(JPEGLayout)
        case png(PNGLayout)
        case webp(WebPLayout)
        case gif
    }
}

/// No picture has more; a header that says so is made to cost time or memory.
enum Limit {
    static let side = 250_000
    static let profileBytes = 4 << 20
    static let chunks = 10_000
    static let imageDataChunks = 4_000_000
    static let frames = 20_000
    /// What WebP can hold.
    static let webpSide = 16_383
}

extension Header {
    static func read(_ bytes: Span<UInt8>, mediaType: MediaType) throws(Refusal) -> Header {
        switch mediaType {
        case .jpeg: try jpeg(bytes)
        case .png: try png(bytes)
        case .webp: try webp(bytes)
        case .gif: try gif(bytes)
        case _ where mediaType == .pdf || mediaType.rawValue.hasPrefix("image/"):
            throw Refusal(.unsupportedFormat, "\(mediaType.name) is not supported yet")
        default: throw Refusal(.notAnImage, "\(mediaType.name) is not an image")
        }
    }

    func check(_ policy: Policy) throws(Refusal) {
        guard width > 0, height > 0 else { throw Refusal(.corrupt, "the header says \(width)×\(height) pixels") }
        guard width <= Limit.side, height <= Limit.side else {
            throw Refusal(.limitExceeded, "\(width)×\(height) pixels: no side may have more than \(Limit.side)")
        }
        guard width * height <= policy.maxPixels else {
            throw Refusal(
                .tooManyPixels, "\(width)×\(height) are \(width * height) pixels, more than \(policy.maxPixels)")
        }
        if let profile, profile.count > Limit.profileBytes {
            throw Refusal(.limitExceeded, "the colour profile has more than \(Limit.profileBytes) bytes")
        }
    }
}

/// The orientation in an EXIF block, which begins with its TIFF header; 1 when it has none.
func exifOrientation(_ exif: Span<UInt8>) -> Int {
    let isLittle = exif.holds("II")
    guard isLittle || exif.holds("MM") else { return 1 }
    func short(_ index: Int) -> Int { isLittle ? exif.little16(at: index) : exif.big16(at: index) }
    func long(_ index: Int) -> Int { isLittle ? exif.little32(at: index) : exif.big32(at: index) }
    guard short(2) == 42 else { return 1 }
    let directory = long(4)
    guard directory + 2 <= exif.count else { return 1 }
    for entry in 0..<short(directory) {
        let at = directory + 2 + 12 * entry
        guard at + 12 <= exif.count else { break }
        if short(at) == 0x0112, short(at + 2) == 3 {
            let value = short(at + 8)
            return (1...8).contains(value) ? value : 1
        }
    }
    return 1
}
