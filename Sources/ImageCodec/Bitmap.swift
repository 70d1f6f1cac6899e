internal import CImageShims

/// Rows of pixels without gaps, 1 to 4 bytes each.
struct Bitmap {
    var width: Int
    var height: Int
    var channels: Int
    var bytes: [UInt8]

    init(width: Int, height: Int, channels: Int, filledWith value: UInt8 = 0) {
        self.width = width
        self.height = height
        self.channels = channels
        self.bytes = [UInt8](repeating: value, count: width * height * channels)
    }

    /// Turned as the EXIF orientation asks for.
    func turned(_ orientation: Int) -> Bitmap {
        guard (2...8).contains(orientation) else { return self }
        let isSideways = orientation >= 5
        var result = Bitmap(
            width: isSideways ? height : width, height: isSideways ? width : height, channels: channels)
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe result.bytes.withUnsafeMutableBufferPointer { target in
                unsafe image_turn(
                    source.baseAddress, Int32(width), Int32(height), Int32(width * channels), Int32(channels),
                    Int32(orientation), target.baseAddress)
            }
        }
        return result
    }
}

/// A picture of its final size.
enum Picture {
    /// Luma and chroma as video has them, chroma of half the size: what WebP stores.
    case planes(luma: Bitmap, blue: Bitmap, red: Bitmap)
    /// sRGB, with or without alpha.
    case pixels(Bitmap)

    var width: Int {
        switch self {
        case .planes(let luma, _, _): luma.width
        case .pixels(let bitmap): bitmap.width
        }
    }

    var height: Int {
        switch self {
        case .planes(let luma, _, _): luma.height
        case .pixels(let bitmap): bitmap.height
        }
    }

    func turned(_ orientation: Int) -> Picture {
        switch self {
        case .planes(let luma, let blue, let red):
            .planes(luma: luma.turned(orientation), blue: blue.turned(orientation), red: red.turned(orientation))
        case .pixels(let bitmap): .pixels(bitmap.turned(orientation))
        }
    }
}
