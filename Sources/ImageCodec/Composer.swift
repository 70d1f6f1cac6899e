internal import CImageShims

/// Takes decoded rows of any kind of pixels, lays them on the background or keeps their alpha, and brings them to the
/// final size.
@safe final class Composer {
    enum Alpha { case straight, premultiplied }

    private let width: Int
    private let channels: Int
    private let alpha: Alpha
    private let flattens: Bool
    private let background: [UInt8]
    private let conversion: Conversion?
    private let resampler: Resampler
    private let outChannels: Int
    private let wide: UnsafeMutablePointer<UInt8>
    private let composed: UnsafeMutablePointer<UInt8>
    private let height: Int
    private(set) var hasTransparency = false

    init(
        width: Int, height: Int, channels: Int, alpha: Alpha = .straight, target: Target, policy: Policy,
        keepsAlpha: Bool, conversion: Conversion?
    ) {
        self.width = width
        self.height = height
        self.channels = channels
        self.alpha = alpha
        self.conversion = conversion
        flattens = !keepsAlpha
        background = [policy.background.red, policy.background.green, policy.background.blue]
        let isGreyBackground = Set(background).count == 1
        switch channels {
        case 1: outChannels = 1
        case 2: outChannels = keepsAlpha ? 4 : isGreyBackground ? 1 : 3
        case 3: outChannels = 3
        default: outChannels = keepsAlpha ? 4 : 3
        }
        let isGrey = outChannels == 1 && conversion == nil
        resampler = Resampler(
            width: Axis(samples: width, target: target.width), height: Axis(samples: height, target: target.height),
            channels: outChannels, range: isGrey ? .luma : .unchanged)
        unsafe wide = .allocate(capacity: width * 4 + 64)
        unsafe wide.initialize(repeating: 0, count: width * 4 + 64)
        unsafe composed = .allocate(capacity: width * 4 + 64)
        unsafe composed.initialize(repeating: 0, count: width * 4 + 64)
    }

    deinit {
        unsafe wide.deallocate()
        unsafe composed.deallocate()
    }

    func push(_ row: UnsafePointer<UInt8>) {
        var source = unsafe row
        var sourceChannels = channels
        if channels == 2, outChannels != 1 {
            for x in 0..<width {
                for c in 0..<3 { unsafe wide[4 * x + c] = row[2 * x] }
                unsafe wide[4 * x + 3] = row[2 * x + 1]
            }
            unsafe source = UnsafePointer(wide)
            sourceChannels = 4
        }
        guard sourceChannels == 2 || sourceChannels == 4 else {
            unsafe resampler.push(source)
            return
        }
        let count = Int32(width)
        let isTransparent: Bool
        if flattens {
            isTransparent = unsafe background.withUnsafeBufferPointer { color in
                switch alpha {
                case .straight:
                    unsafe image_flatten(source, Int32(sourceChannels), count, color.baseAddress, composed)
                case .premultiplied: unsafe image_flatten_premultiplied(source, count, color.baseAddress, composed)
                }
            }
        } else if alpha == .straight {
            isTransparent = unsafe image_premultiply(source, count, composed)
        } else {
            unsafe resampler.push(source)
            return
        }
        if isTransparent { hasTransparency = true }
        unsafe resampler.push(UnsafePointer(composed))
    }

    /// Rows that never came are transparent, or of the background's colour.
    func fillRest() {
        unsafe wide.update(repeating: 0, count: width * 4)
        if channels == 1 || channels == 3 {
            for x in 0..<width * channels { unsafe wide[x] = background[channels == 1 ? 0 : x % 3] }
        }
        let row = UnsafeMutablePointer<UInt8>.allocate(capacity: width * 4 + 64)
        defer { unsafe row.deallocate() }
        unsafe row.initialize(from: wide, count: width * 4 + 64)
        while !resampler.isComplete { unsafe push(row) }
    }

    func finish() -> Picture {
        var bitmap = resampler.bitmap
        switch outChannels {
        case 1:
            if let conversion { return .pixels(conversion.rgb(fromGrey: bitmap)) }
            let grey = Bitmap(
                width: (bitmap.width + 1) / 2, height: (bitmap.height + 1) / 2, channels: 1, filledWith: 128)
            return .planes(luma: bitmap, blue: grey, red: grey)
        case 4:
            let count = bitmap.width * bitmap.height
            unsafe bitmap.bytes.withUnsafeMutableBufferPointer { unsafe image_unpremultiply($0.baseAddress, count) }
        default: break
        }
        conversion?.convert(&bitmap)
        return .pixels(bitmap)
    }
}
