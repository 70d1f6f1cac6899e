internal import CWebP

/// Decodes a WebP. What is more than four times the target libwebp scales down to that, for the memory: its own scaling is
/// by areas, and at twice the target that is seen.
enum WebPDecoder {
    static func decode(
        _ bytes: Span<UInt8>, header: Header, layout: WebPLayout, target: Target, policy: Policy, keepsAlpha: Bool,
        watch: Watch
    ) throws(Refusal) -> (picture: Picture, hasTransparency: Bool, damage: String?) {
        let conversion = header.profile.flatMap { Conversion($0, from: .rgb) }
        var config = unsafe WebPDecoderConfig()
        guard unsafe WebPInitDecoderConfig(&config) != 0 else {
            throw Refusal(.outOfMemory, "libwebp is of another version than it was built for")
        }
        let frame = bytes.extracting(layout.frame)
        let status = unsafe frame.withUnsafeBufferPointer { source in
            unsafe WebPGetFeatures(source.baseAddress, source.count, &config.input)
        }
        guard status == VP8_STATUS_OK else { throw refusal(status) }
        let source = unsafe (width: Int(config.input.width), height: Int(config.input.height))
        if header.isAnimated {
            guard layout.left + source.width <= header.width, layout.top + source.height <= header.height else {
                throw Refusal(.corrupt, "a frame of the WebP lies outside its canvas")
            }
        } else if source.width != header.width || source.height != header.height {
            throw Refusal(.corrupt, "the WebP names two sizes")
        }
        let coversCanvas = source.width == header.width && source.height == header.height
        let hasAlpha = unsafe config.input.has_alpha != 0 || !coversCanvas
        var scaled = source
        if coversCanvas, source.width > 4 * target.width, source.height > 4 * target.height {
            scaled = (4 * target.width, 4 * target.height)
            unsafe config.options.use_scaling = 1
            unsafe config.options.scaled_width = Int32(scaled.width)
            unsafe config.options.scaled_height = Int32(scaled.height)
        }
        let asPlanes = unsafe !hasAlpha && conversion == nil && config.input.format != 2
        unsafe config.output.colorspace = asPlanes ? MODE_YUV : hasAlpha ? MODE_rgbA : MODE_RGB
        defer { unsafe WebPFreeDecBuffer(&config.output) }
        let damage = unsafe try run(frame, &config, policy: policy, watch: watch)

        if asPlanes {
            return (unsafe planes(config.output.u.YUVA, scaled, target), false, damage)
        }
        let composer = Composer(
            width: coversCanvas ? scaled.width : header.width, height: coversCanvas ? scaled.height : header.height,
            channels: hasAlpha ? 4 : 3, alpha: .premultiplied, target: target, policy: policy, keepsAlpha: keepsAlpha,
            conversion: conversion)
        let buffer = unsafe config.output.u.RGBA
        guard let base = unsafe buffer.rgba else { throw Refusal(.corrupt, "libwebp gave no pixels") }
        if coversCanvas {
            for y in 0..<scaled.height {
                unsafe composer.push(base + y * Int(buffer.stride))
                if y % 64 == 0 { try watch.check() }
            }
        } else {
            guard let row = unsafe allocate(header.width * 4 + 64) else {
                throw Refusal(.outOfMemory, "no memory for a WebP of \(header.width)×\(header.height)")
            }
            defer { unsafe row.deallocate() }
            for y in 0..<header.height {
                unsafe row.initialize(repeating: 0, count: header.width * 4 + 64)
                if (layout.top..<layout.top + source.height).contains(y) {
                    unsafe (row + layout.left * 4).update(
                        from: base + (y - layout.top) * Int(buffer.stride), count: source.width * 4)
                }
                unsafe composer.push(row)
                if y % 64 == 0 { try watch.check() }
            }
        }
        return (composer.finish(), composer.hasTransparency, damage)
    }

    /// Hands the bytes over in pieces, so that the work can be stopped between two of them.
    private static func run(
        _ frame: Span<UInt8>, _ config: inout WebPDecoderConfig, policy: Policy, watch: Watch
    ) throws(Refusal) -> String? {
        let piece = 262_144
        let decoder = unsafe WebPIDecode(nil, 0, &config)
        guard let decoder = unsafe decoder else { throw Refusal(.outOfMemory, "no memory for a WebP decoder") }
        defer { unsafe WebPIDelete(decoder) }
        var status = VP8_STATUS_SUSPENDED
        var given = 0
        while status == VP8_STATUS_SUSPENDED, given < frame.count {
            try watch.check()
            given = min(given + piece, frame.count)
            status = unsafe frame.withUnsafeBufferPointer { unsafe WebPIUpdate(decoder, $0.baseAddress, given) }
        }
        guard status != VP8_STATUS_OK else { return nil }
        guard policy.acceptTruncated else { throw refusal(status) }
        var height: Int32 = 0
        guard unsafe WebPIDecodedArea(decoder, nil, nil, nil, &height) != nil else { throw refusal(status) }
        unsafe blank(&config.output, below: Int(height))
        return refusal(status).detail
    }

    /// Rows that were never decoded hold whatever the memory held before: white, or transparent.
    private static func blank(_ output: inout WebPDecBuffer, below row: Int) {
        func fill(_ base: UnsafeMutablePointer<UInt8>?, _ stride: Int32, _ rows: Range<Int>, _ value: UInt8) {
            guard let base = unsafe base else { return }
            for y in rows { unsafe (base + y * Int(stride)).update(repeating: value, count: Int(stride)) }
        }
        let height = unsafe Int(output.height)
        let rows = min(row, height)..<height
        if unsafe output.colorspace == MODE_YUV {
            let planes = unsafe output.u.YUVA
            let chroma = rows.lowerBound / 2..<(rows.upperBound + 1) / 2
            unsafe fill(planes.y, planes.y_stride, rows, 235)
            unsafe fill(planes.u, planes.u_stride, chroma, 128)
            unsafe fill(planes.v, planes.v_stride, chroma, 128)
        } else {
            let pixels = unsafe output.u.RGBA
            unsafe fill(pixels.rgba, pixels.stride, rows, output.colorspace == MODE_RGB ? 255 : 0)
        }
    }

    private static func planes(
        _ buffer: WebPYUVABuffer, _ scaled: (width: Int, height: Int), _ target: Target
    ) -> Picture {
        func plane(_ base: UnsafeMutablePointer<UInt8>?, _ stride: Int32, isLuma: Bool) -> Bitmap {
            let half: (Int) -> Int = { isLuma ? $0 : ($0 + 1) / 2 }
            let divisor = isLuma ? 1.0 : 2.0
            let resampler = Resampler(
                width: Axis(
                    samples: half(scaled.width), extent: Double(scaled.width) / divisor, target: half(target.width),
                    targetExtent: Double(target.width) / divisor),
                height: Axis(
                    samples: half(scaled.height), extent: Double(scaled.height) / divisor,
                    target: half(target.height), targetExtent: Double(target.height) / divisor),
                channels: 1, filter: isLuma ? .lanczos : .cubic)
            guard let base = unsafe base else { return resampler.bitmap }
            for y in 0..<half(scaled.height) { unsafe resampler.push(base + y * Int(stride)) }
            return resampler.bitmap
        }
        return .planes(
            luma: unsafe plane(buffer.y, buffer.y_stride, isLuma: true),
            blue: unsafe plane(buffer.u, buffer.u_stride, isLuma: false),
            red: unsafe plane(buffer.v, buffer.v_stride, isLuma: false))
    }

    private static func refusal(_ status: VP8StatusCode) -> Refusal {
        switch status {
        case VP8_STATUS_OUT_OF_MEMORY: Refusal(.outOfMemory, "no memory to decode a WebP")
        case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: Refusal(.truncated, "the WebP ends early")
        case VP8_STATUS_UNSUPPORTED_FEATURE: Refusal(.unsupportedFormat, "a WebP with a feature libwebp lacks")
        default: Refusal(.corrupt, "libwebp found the WebP damaged")
        }
    }
}
