internal import CImageShims

/// Decodes a JPEG to its final size, in the planes it is made of where that is possible.
enum JPEGDecoder {
    struct Result {
        var picture: Picture
        /// What the decoder complained of, where damage is accepted.
        var damage: String?
    }

    static func decode(
        _ bytes: Span<UInt8>, header: Header, layout: JPEGLayout, target: Target, policy: Policy, watch: Watch
    ) throws(Refusal) -> Result {
        let reader = try Reader(bytes, watch: watch, acceptsDamage: policy.acceptTruncated)
        let scale = eighths(source: (header.width, header.height), target: target)
        if layout.color == .cmyk {
            return try cmyk(reader, header, target, scale)
        }
        var conversion = layout.color == .rgb ? nil : header.profile.flatMap { Conversion($0, from: layout.color) }
        if layout.color == .rgb { conversion = header.profile.flatMap { Conversion($0, from: .rgb) } }
        if layout.color == .rgb || (conversion != nil && layout.color == .ycbcr) {
            return try rgb(reader, header, target, scale, conversion)
        }
        return try planes(reader, header, layout, target, scale, conversion)
    }

    /// The smallest scale that leaves at least twice the target: below that the picture suffers, at that it does not.
    static func eighths(source: (width: Int, height: Int), target: Target) -> Int {
        for scale in [1, 2, 4]
        where Double(source.width * scale) / 8 >= Double(target.width) * 2 - 0.5
            && Double(source.height * scale) / 8 >= Double(target.height) * 2 - 0.5
        {
            return scale
        }
        return 8
    }

    private static func lanczos(after eighths: Int) -> Filter { eighths < 8 ? .lanczosAfterScaling : .lanczos }

    private static func planes(
        _ reader: Reader, _ header: Header, _ layout: JPEGLayout, _ target: Target, _ scale: Int,
        _ conversion: Conversion?
    ) throws(Refusal) -> Result {
        let maxHorizontal = layout.components.map(\.horizontal).max() ?? 1
        let maxVertical = layout.components.map(\.vertical).max() ?? 1
        let chromaTarget = Target(width: (target.width + 1) / 2, height: (target.height + 1) / 2)
        var chromaScale = scale
        if layout.color == .ycbcr, layout.components.count == 3 {
            let blue = layout.components[1]
            chromaScale = eighths(
                source: (header.width * blue.horizontal / maxHorizontal, header.height * blue.vertical / maxVertical),
                target: chromaTarget)
        }
        try reader.start(JPEG_READER_PLANES, luma: scale, chroma: chromaScale)
        var resamplers: [Resampler] = []
        for index in 0..<reader.planeCount {
            let plane = reader.plane(index)
            let component = layout.components[index]
            let wide = Double(header.width) * Double(component.horizontal) / Double(maxHorizontal)
            let high = Double(header.height) * Double(component.vertical) / Double(maxVertical)
            let isLuma = index == 0
            // How far this plane was scaled down shows in its size alone.
            let ratio = plane.eighths(of: wide) / 8
            let end = isLuma ? target : chromaTarget
            let divisor = isLuma ? 1.0 : 2.0
            resamplers.append(
                Resampler(
                    width: Axis(
                        samples: plane.width, extent: wide * ratio, target: end.width,
                        targetExtent: Double(target.width) / divisor),
                    height: Axis(
                        samples: plane.height, extent: high * ratio, target: end.height,
                        targetExtent: Double(target.height) / divisor),
                    channels: 1, range: conversion != nil ? .unchanged : isLuma ? .luma : .chroma,
                    filter: isLuma ? lanczos(after: scale) : .cubic))
        }
        unsafe try reader.forEachRow { plane, row in unsafe resamplers[plane].push(row) }
        let luma = resamplers[0].bitmap
        if let conversion {
            return Result(picture: .pixels(conversion.rgb(fromGrey: luma)), damage: reader.damage)
        }
        let grey = Bitmap(width: chromaTarget.width, height: chromaTarget.height, channels: 1, filledWith: 128)
        let isColor = resamplers.count == 3
        let picture = Picture.planes(
            luma: luma, blue: isColor ? resamplers[1].bitmap : grey, red: isColor ? resamplers[2].bitmap : grey)
        return Result(picture: picture, damage: reader.damage)
    }

    private static func interleaved(
        _ reader: Reader, _ header: Header, _ target: Target, _ scale: Int, channels: Int, _ output: jpeg_reader_output
    ) throws(Refusal) -> Bitmap {
        try reader.start(output, luma: scale, chroma: scale)
        let plane = reader.plane(0)
        let resampler = Resampler(
            width: Axis(samples: plane.width, extent: Double(header.width * scale) / 8, target: target.width),
            height: Axis(samples: plane.height, extent: Double(header.height * scale) / 8, target: target.height),
            channels: channels, filter: lanczos(after: scale))
        unsafe try reader.forEachRow { _, row in unsafe resampler.push(row) }
        return resampler.bitmap
    }

    private static func rgb(
        _ reader: Reader, _ header: Header, _ target: Target, _ scale: Int, _ conversion: Conversion?
    ) throws(Refusal) -> Result {
        var bitmap = try interleaved(reader, header, target, scale, channels: 3, JPEG_READER_RGB)
        conversion?.convert(&bitmap)
        return Result(picture: .pixels(bitmap), damage: reader.damage)
    }

    private static func cmyk(
        _ reader: Reader, _ header: Header, _ target: Target, _ scale: Int
    ) throws(Refusal) -> Result {
        var inks = try interleaved(reader, header, target, scale, channels: 4, JPEG_READER_CMYK)
        if reader.hasInvertedInks {
            for index in inks.bytes.indices { inks.bytes[index] = 255 - inks.bytes[index] }
        }
        let conversion = header.profile.flatMap { Conversion($0, from: .cmyk) }
        return Result(
            picture: .pixels(conversion?.rgb(fromInks: inks) ?? Conversion.plainRGB(fromInks: inks)),
            damage: reader.damage)
    }
}

extension Target {
    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// libjpeg with a picture's bytes, from its header to its last row.
@safe private final class Reader {
    struct Plane {
        var width: Int
        var height: Int
        var rowsPerBatch: Int

        func eighths(of full: Double) -> Double {
            for scale in [1.0, 2, 4] where Double(width) <= (full * scale / 8).rounded(.up) { return scale }
            return 8
        }
    }

    private let reader: OpaquePointer
    private let watch: Watch
    private let acceptsDamage: Bool
    private var isBroken = false

    /// The bytes must outlive the reader.
    init(_ bytes: Span<UInt8>, watch: Watch, acceptsDamage: Bool) throws(Refusal) {
        let created = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe jpeg_reader_create(
                source.baseAddress, source.count,
                { context in
                    guard let context = unsafe context else { return true }
                    return unsafe Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().mayContinue
                }, Unmanaged.passUnretained(watch).toOpaque())
        }
        guard let created = unsafe created else { throw Refusal(.outOfMemory, "no memory for a JPEG decoder") }
        unsafe self.reader = created
        self.watch = watch
        self.acceptsDamage = acceptsDamage
        if unsafe !jpeg_reader_read_header(reader) { throw failure() }
    }

    deinit {
        unsafe jpeg_reader_destroy(reader)
    }

    var planeCount: Int { unsafe Int(jpeg_reader_plane_count(reader)) }
    var hasInvertedInks: Bool { unsafe jpeg_reader_is_inverted_cmyk(reader) }

    func plane(_ index: Int) -> Plane {
        let plane = unsafe jpeg_reader_plane_at(reader, Int32(index))
        return Plane(
            width: Int(plane.samples_wide), height: Int(plane.samples_high), rowsPerBatch: Int(plane.rows_per_batch))
    }

    func start(_ output: jpeg_reader_output, luma: Int, chroma: Int) throws(Refusal) {
        if unsafe !jpeg_reader_start(reader, output, Int32(luma), Int32(chroma)) { throw failure() }
        try checkDamage()
    }

    func forEachRow(_ body: (Int, UnsafePointer<UInt8>) -> Void) throws(Refusal) {
        let planes = (0..<planeCount).map { plane($0) }
        var done = planes.map { _ in 0 }
        while unsafe !jpeg_reader_at_end(reader) {
            if unsafe !jpeg_reader_next(reader) {
                if unsafe !acceptsDamage || jpeg_reader_was_stopped(reader) { throw failure() }
                isBroken = true
                break
            }
            for (index, plane) in planes.enumerated() {
                for row in 0..<min(plane.rowsPerBatch, plane.height - done[index]) {
                    if let row = unsafe jpeg_reader_row(reader, Int32(index), Int32(row)) { unsafe body(index, row) }
                }
                done[index] += plane.rowsPerBatch
            }
            try checkDamage()
        }
        if isBroken { return }
        if unsafe !jpeg_reader_finish(reader) {
            if !acceptsDamage { throw failure() }
            isBroken = true
        }
        try checkDamage()
    }

    var damage: String? {
        unsafe isBroken || jpeg_reader_warnings(reader) > 0 ? message : nil
    }

    private var message: String { unsafe String(cString: jpeg_reader_message(reader)) }

    private func checkDamage() throws(Refusal) {
        if !acceptsDamage, unsafe jpeg_reader_warnings(reader) > 0 { throw failure() }
    }

    private func failure() -> Refusal {
        if unsafe jpeg_reader_was_stopped(reader) { return watch.refusal ?? Refusal(.cancelled, "stopped") }
        let isEarlyEnd = unsafe jpeg_reader_ended_early(reader)
        return Refusal(isEarlyEnd ? .truncated : .corrupt, "libjpeg says: \(message)")
    }
}
