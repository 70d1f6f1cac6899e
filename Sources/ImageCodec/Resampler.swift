#if canImport(Glibc)
    internal import Glibc
#endif
internal import CImageShims

/// One direction of a change of size.
struct Axis {
    /// How many samples there are, and how much of the picture they cover: the last one of a chroma plane, or of a
    /// scaled one, can reach beyond it.
    var samples: Int
    var extent: Double
    var target: Int
    var targetExtent: Double

    init(samples: Int, extent: Double? = nil, target: Int, targetExtent: Double? = nil) {
        self.samples = samples
        self.extent = extent ?? Double(samples)
        self.target = target
        self.targetExtent = targetExtent ?? Double(target)
    }

    var scale: Double { extent / targetExtent }
    var isUnchanged: Bool { samples == target && abs(scale - 1) < 1e-9 }

    /// After so many target samples, and as many source samples, the weights come again.
    var cycle: (targets: Int, samples: Int) {
        let whole = Int(extent)
        let wholeTarget = Int(targetExtent)
        guard Double(whole) == extent, Double(wholeTarget) == targetExtent else { return (target, samples) }
        var divisor = whole
        var rest = wholeTarget
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        return (wholeTarget / max(1, divisor), whole / max(1, divisor))
    }
}

/// How a sample weighs the samples around it.
enum Filter {
    /// Three lobes: the sharpest that does not ring.
    case lanczos
    /// A little narrower, for what libjpeg has scaled down already and softened by as much.
    case lanczosAfterScaling
    /// Catmull and Rom's. For chroma: Lanczos would keep colour that eight bits of luma cannot show and that costs bytes.
    case cubic

    var support: Double {
        switch self {
        case .lanczos, .lanczosAfterScaling: 3
        case .cubic: 2
        }
    }

    /// Chosen so that likeness and bytes are those of a picture that was decoded whole.
    var width: Double { self == .lanczosAfterScaling ? 0.965 : 1 }

    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        guard x < support else { return 0 }
        switch self {
        case .lanczos, .lanczosAfterScaling:
            guard x > 1e-9 else { return 1 }
            let angle = x * Double.pi
            return 3 * sin(angle) * sin(angle / 3) / (angle * angle)
        case .cubic:
            return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((2.5 - 0.5 * x) * x - 4) * x + 2
        }
    }
}

/// For each target sample, which source samples it is made of: 14 fractional bits, the sum of each exactly one.
struct Taps {
    var starts: [Int32] = []
    var weights: [Int16] = []
    /// How many source samples there are to read, and how many weights to each target sample, zeros at the end.
    var used: Int
    var stride: Int

    init(_ axis: Axis, filter: Filter, paddedTo multiple: Int) {
        let scale = axis.scale
        let widening = max(scale * filter.width, 1)
        let support = filter.support * widening
        used = axis.isUnchanged ? 1 : min(Int((support * 2).rounded(.up)), axis.samples)
        stride = (used + multiple - 1) / multiple * multiple
        starts.reserveCapacity(axis.target)
        weights = [Int16](repeating: 0, count: axis.target * stride)
        var values = [Double](repeating: 0, count: used)
        let cycle = axis.cycle
        for index in 0..<axis.target {
            let base = index * stride
            guard !axis.isUnchanged else {
                starts.append(Int32(index))
                weights[base] = 1 << 14
                continue
            }
            let center = (Double(index) + 0.5) * scale
            // The samples whose centres the filter reaches.
            let first = max(0, min(Int((center - support - 0.5).rounded(.up)), axis.samples - used))
            if index >= cycle.targets, Int(starts[index - cycle.targets]) + cycle.samples == first {
                for tap in base..<base + used { weights[tap] = weights[tap - cycle.targets * stride] }
                starts.append(Int32(first))
                continue
            }
            var sum = 0.0
            for tap in 0..<used {
                let value = filter.weight((Double(first + tap) + 0.5 - center) / widening)
                values[tap] = value
                sum += value
            }
            // Beyond the last sample there is nothing to weigh: take the nearest.
            if abs(sum) < 1e-6 {
                values = [Double](repeating: 0, count: used)
                values[used - 1] = 1
                sum = 1
            }
            var total = 0
            var largest = base
            for tap in 0..<used {
                let weight = Int16(max(-32_768, min(32_767, (values[tap] / sum * 16_384).rounded())))
                weights[base + tap] = weight
                total += Int(weight)
                if weight > weights[largest] { largest = base + tap }
            }
            weights[largest] = Int16(clamping: Int(weights[largest]) + 16_384 - total)
            starts.append(Int32(first))
        }
    }
}

/// Which form of the loops to run; all give the same bits.
enum Kernels {
    case portable
    case avx2

    static let best: Kernels = image_has_avx2() ? .avx2 : .portable
}

/// Where the samples of the result lie between 0 and 255.
struct SampleRange {
    var gain: Double
    var offset: Double

    static let unchanged = SampleRange(gain: 1, offset: 0)
    /// JPEG uses all 256 values, WebP leaves room as video does.
    static let luma = SampleRange(gain: 219 / 255, offset: 16)
    static let chroma = SampleRange(gain: 224 / 255, offset: 128 - 128 * 224 / 255)

    var table: [UInt8] {
        (0..<256).map { UInt8(max(0, min(255, (Double($0) * gain + offset).rounded()))) }
    }
}

/// Takes rows one after the other and makes a bitmap of another size of them, holding no more rows than a row of the
/// result needs.
@safe final class Resampler {
    private(set) var bitmap: Bitmap
    private let rowSamples: Int
    private let sourceWidth: Int
    private let sourceHeight: Int
    private let channels: Int
    private let isCopy: Bool
    private let table: [UInt8]
    private let vertical: Taps
    private let horizontal: Taps
    private let gain: Int32
    private let offset: Int32
    private let kernels: Kernels
    private let ringStride: Int
    private let ring: UnsafeMutablePointer<UInt8>
    private let blended: UnsafeMutablePointer<Int16>
    private let split: UnsafeMutablePointer<Int16>
    private let splitStride: Int
    private var rows: [UnsafePointer<UInt8>?]
    private(set) var taken = 0
    private var made = 0

    init(
        width: Axis, height: Axis, channels: Int, range: SampleRange = .unchanged, filter: Filter = .lanczos,
        kernels: Kernels = .best
    ) {
        bitmap = Bitmap(width: width.target, height: height.target, channels: channels)
        sourceWidth = width.samples
        sourceHeight = height.samples
        self.channels = channels
        rowSamples = width.samples * channels
        isCopy = width.isUnchanged && height.isUnchanged
        table = range.table
        vertical = Taps(isCopy ? Axis(samples: 1, target: 1) : height, filter: filter, paddedTo: 2)
        horizontal = Taps(isCopy ? Axis(samples: 1, target: 1) : width, filter: filter, paddedTo: 16)
        gain = Int32((range.gain * Double(1 << 13)).rounded())
        offset = Int32((range.offset * Double(1 << 21)).rounded())
        self.kernels = kernels
        ringStride = (rowSamples + 63) / 32 * 32
        unsafe ring = .allocate(capacity: ringStride * vertical.used)
        unsafe ring.initialize(repeating: 0, count: ringStride * vertical.used)
        let blendedCount = ringStride + horizontal.stride
        unsafe blended = .allocate(capacity: blendedCount)
        unsafe blended.initialize(repeating: 0, count: blendedCount)
        splitStride = width.samples + horizontal.stride
        unsafe split = .allocate(capacity: splitStride * channels)
        unsafe split.initialize(repeating: 0, count: splitStride * channels)
        unsafe rows = [UnsafePointer<UInt8>?](repeating: nil, count: vertical.stride)
    }

    deinit {
        unsafe ring.deallocate()
        unsafe blended.deallocate()
        unsafe split.deallocate()
    }

    var isComplete: Bool { taken == sourceHeight }

    /// Takes the next row, of all the source's samples; rows beyond the last are ignored.
    func push(_ row: UnsafePointer<UInt8>) {
        guard taken < sourceHeight else { return }
        if isCopy {
            unsafe table.withUnsafeBufferPointer { table in
                unsafe bitmap.bytes.withUnsafeMutableBufferPointer { target in
                    guard let base = target.baseAddress else { return }
                    unsafe image_map(row, table.baseAddress, Int32(rowSamples), base + taken * rowSamples)
                }
            }
            taken += 1
            return
        }
        unsafe (ring + taken % vertical.used * ringStride).update(from: row, count: rowSamples)
        taken += 1
        while made < bitmap.height, taken >= Int(vertical.starts[made]) + vertical.used {
            makeRow()
        }
    }

    private func makeRow() {
        let first = Int(vertical.starts[made])
        for tap in 0..<vertical.stride {
            let row = first + min(tap, vertical.used - 1)
            unsafe rows[tap] = UnsafePointer(ring + row % vertical.used * ringStride)
        }
        unsafe vertical.weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            let own = unsafe weights + made * vertical.stride
            unsafe rows.withUnsafeBufferPointer { rows in
                switch kernels {
                case .avx2:
                    unsafe image_blend_rows_avx2(
                        rows.baseAddress, own, Int32(vertical.stride), Int32(rowSamples), blended)
                case .portable:
                    unsafe image_blend_rows_portable(
                        rows.baseAddress, own, Int32(vertical.stride), Int32(rowSamples), blended)
                }
            }
        }
        if channels > 1 {
            unsafe image_split_channels(blended, Int32(channels), Int32(sourceWidth), split, Int32(splitStride))
        }
        let at = made * bitmap.width * channels
        let width = Int32(bitmap.width)
        unsafe bitmap.bytes.withUnsafeMutableBufferPointer { target in
            guard let target = target.baseAddress else { return }
            unsafe horizontal.starts.withUnsafeBufferPointer { starts in
                unsafe horizontal.weights.withUnsafeBufferPointer { weights in
                    for channel in 0..<channels {
                        let from = unsafe UnsafePointer(channels > 1 ? split + channel * splitStride : blended)
                        switch kernels {
                        case .avx2:
                            unsafe image_filter_row_avx2(
                                from, starts.baseAddress, weights.baseAddress, Int32(horizontal.stride), width, gain,
                                offset, target + at + channel, Int32(channels))
                        case .portable:
                            unsafe image_filter_row_portable(
                                from, starts.baseAddress, weights.baseAddress, Int32(horizontal.stride), width, gain,
                                offset, target + at + channel, Int32(channels))
                        }
                    }
                }
            }
        }
        made += 1
    }
}
