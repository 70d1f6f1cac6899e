internal import CWebP

/// A picture ready to be encoded as WebP, as often as the ladder asks.
@safe final class Encoder {
    private var picture = unsafe WebPPicture()
    private let source: Picture
    private let watch: Watch
    private let method: Int32
    private let raisesQuality: Bool

    init(_ source: Picture, fast: Bool, watch: Watch) throws(Refusal) {
        self.source = source
        self.watch = watch
        method = fast ? 2 : 4
        raisesQuality = fast
        guard unsafe WebPPictureInit(&picture) != 0 else {
            throw Refusal(.encodingFailed, "libwebp is of another version than it was built for")
        }
        unsafe picture.width = Int32(source.width)
        unsafe picture.height = Int32(source.height)
        if case .pixels(let bitmap) = source {
            let stride = Int32(bitmap.width * bitmap.channels)
            let isDone = unsafe bitmap.bytes.withUnsafeBufferPointer { pixels in
                bitmap.channels == 4
                    ? unsafe WebPPictureImportRGBA(&picture, pixels.baseAddress, stride)
                    : unsafe WebPPictureImportRGB(&picture, pixels.baseAddress, stride)
            }
            guard isDone != 0 else { throw Refusal(.outOfMemory, "no memory for a WebP encoder") }
        }
    }

    deinit {
        unsafe WebPPictureFree(&picture)
    }

    func encode(quality: Int) throws(Refusal) -> [UInt8] {
        var config = WebPConfig()
        guard unsafe WebPConfigInit(&config) != 0 else {
            throw Refusal(.encodingFailed, "libwebp is of another version than it was built for")
        }
        config.quality = raisesQuality ? Encoder.raised(quality) : Float(quality)
        config.method = method
        var output = Output(watch: watch)
        let isDone = unsafe withUnsafeMutablePointer(to: &output) { output in
            unsafe picture.custom_ptr = UnsafeMutableRawPointer(output)
            unsafe picture.user_data = UnsafeMutableRawPointer(output)
            unsafe picture.writer = { bytes, count, picture in
                guard let output = unsafe picture?.pointee.custom_ptr?.assumingMemoryBound(to: Output.self) else {
                    return 0
                }
                unsafe output.pointee.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
                return 1
            }
            unsafe picture.progress_hook = { _, picture in
                guard let output = unsafe picture?.pointee.user_data?.assumingMemoryBound(to: Output.self) else {
                    return 0
                }
                return unsafe output.pointee.watch.mayContinue ? 1 : 0
            }
            return run(&config)
        }
        guard isDone else {
            try watch.check()
            let code = unsafe picture.error_code
            throw code == VP8_ENC_ERROR_OUT_OF_MEMORY || code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY
                ? Refusal(.outOfMemory, "no memory to encode a WebP")
                : Refusal(.encodingFailed, "libwebp gave up with error \(code.rawValue)")
        }
        return output.bytes
    }

    private struct Output {
        var bytes: [UInt8] = []
        var watch: Watch
    }

    private func run(_ config: inout WebPConfig) -> Bool {
        guard case .planes(let luma, let blue, let red) = source else {
            return unsafe WebPEncode(&config, &picture) != 0
        }
        // libwebp only reads planes that it does not own.
        return unsafe luma.bytes.withUnsafeBufferPointer { y in
            unsafe blue.bytes.withUnsafeBufferPointer { u in
                unsafe red.bytes.withUnsafeBufferPointer { v in
                    unsafe picture.use_argb = 0
                    unsafe picture.colorspace = WEBP_YUV420
                    unsafe picture.y = UnsafeMutablePointer(mutating: y.baseAddress)
                    unsafe picture.u = UnsafeMutablePointer(mutating: u.baseAddress)
                    unsafe picture.v = UnsafeMutablePointer(mutating: v.baseAddress)
                    unsafe picture.y_stride = Int32(luma.width)
                    unsafe picture.uv_stride = Int32(blue.width)
                    return unsafe WebPEncode(&config, &picture) != 0
                }
            }
        }
    }

    /// The quality at which method 2 looks as method 4 does at the given one, by the SSIM of photographs.
    static func raised(_ quality: Int) -> Float {
        let points: [(quality: Float, raise: Float)] = [(0, 0), (40, 1.3), (60, 3), (75, 2), (85, 1.8), (100, 0)]
        let quality = Float(max(0, min(100, quality)))
        for (low, high) in zip(points, points.dropFirst()) where quality <= high.quality {
            let share = (quality - low.quality) / (high.quality - low.quality)
            return quality + low.raise + (high.raise - low.raise) * share
        }
        return quality
    }
}
