internal import CLCMS

/// From an embedded colour profile to sRGB, by lcms2.
@safe final class Conversion {
    private let transform: UnsafeMutableRawPointer

    /// Nil when the profile cannot be used, or is sRGB for all one can see.
    init?(_ profile: [UInt8], from color: JPEGLayout.Color) {
        let format: cmsUInt32Number
        let space: cmsColorSpaceSignature
        switch color {
        case .grey: (format, space) = (lcms_gray8, cmsSigGrayData)
        case .cmyk: (format, space) = (lcms_cmyk8, cmsSigCmykData)
        case .rgb, .ycbcr: (format, space) = (lcms_rgb8, cmsSigRgbData)
        }
        let source = unsafe profile.withUnsafeBytes { unsafe cmsOpenProfileFromMem($0.baseAddress, UInt32($0.count)) }
        guard let source = unsafe source else { return nil }
        defer { unsafe _ = cmsCloseProfile(source) }
        guard unsafe cmsGetColorSpace(source) == space, let target = unsafe cmsCreate_sRGBProfile() else { return nil }
        defer { unsafe _ = cmsCloseProfile(target) }
        let made = unsafe cmsCreateTransform(
            source, format, target, lcms_rgb8, cmsUInt32Number(INTENT_PERCEPTUAL), 0)
        guard let made = unsafe made else { return nil }
        unsafe transform = made
        if color != .cmyk, changesNothing(channels: color == .grey ? 1 : 3) {
            return nil
        }
    }

    deinit {
        unsafe cmsDeleteTransform(transform)
    }

    private func changesNothing(channels: Int) -> Bool {
        let levels: [UInt8] = [0, 32, 64, 96, 128, 160, 192, 224, 255]
        var colors = Bitmap(width: levels.count * levels.count, height: levels.count, channels: channels)
        var expected: [UInt8] = []
        var index = 0
        for red in levels {
            for green in levels {
                for blue in levels {
                    if channels == 1 {
                        colors.bytes[index / 3] = green
                        expected += [green, green, green]
                    } else {
                        colors.bytes.replaceSubrange(index..<index + 3, with: [red, green, blue])
                        expected += [red, green, blue]
                    }
                    index += 3
                }
            }
        }
        return zip(run(colors).bytes, expected).allSatisfy { abs(Int($0) - Int($1)) <= 2 }
    }

    private func run(_ source: Bitmap) -> Bitmap {
        var result = Bitmap(width: source.width, height: source.height, channels: 3)
        unsafe source.bytes.withUnsafeBytes { input in
            unsafe result.bytes.withUnsafeMutableBytes { output in
                unsafe cmsDoTransform(
                    transform, input.baseAddress, output.baseAddress, UInt32(source.width * source.height))
            }
        }
        return result
    }

    /// RGB, or RGB and alpha, in place.
    func convert(_ bitmap: inout Bitmap) {
        guard bitmap.channels == 4 else {
            bitmap = run(bitmap)
            return
        }
        var colors = Bitmap(width: bitmap.width, height: bitmap.height, channels: 3)
        for pixel in 0..<bitmap.width * bitmap.height {
            for channel in 0..<3 { colors.bytes[pixel * 3 + channel] = bitmap.bytes[pixel * 4 + channel] }
        }
        colors = run(colors)
        for pixel in 0..<bitmap.width * bitmap.height {
            for channel in 0..<3 { bitmap.bytes[pixel * 4 + channel] = colors.bytes[pixel * 3 + channel] }
        }
    }

    func rgb(fromGrey grey: Bitmap) -> Bitmap { run(grey) }

    /// lcms counts ink in its own 8 bits from none to all, as the file does once it is not inverted.
    func rgb(fromInks inks: Bitmap) -> Bitmap { run(inks) }

    /// Without a profile: each ink takes away its own light, and black takes of all, as browsers show it.
    static func plainRGB(fromInks inks: Bitmap) -> Bitmap {
        var result = Bitmap(width: inks.width, height: inks.height, channels: 3)
        for pixel in 0..<inks.width * inks.height {
            let light = 255 - Int(inks.bytes[pixel * 4 + 3])
            for channel in 0..<3 {
                let value = (255 - Int(inks.bytes[pixel * 4 + channel])) * light
                result.bytes[pixel * 3 + channel] = UInt8((value + 127) / 255)
            }
        }
        return result
    }
}
