/// A kind of content, as a Content-Type header names it.
package struct MediaType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package var rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    package static let jpeg = MediaType(rawValue: "image/jpeg")
    package static let png = MediaType(rawValue: "image/png")
    package static let webp = MediaType(rawValue: "image/webp")
    package static let gif = MediaType(rawValue: "image/gif")
    package static let heic = MediaType(rawValue: "image/heic")
    package static let avif = MediaType(rawValue: "image/avif")
    package static let tiff = MediaType(rawValue: "image/tiff")
    package static let bmp = MediaType(rawValue: "image/bmp")
    package static let icon = MediaType(rawValue: "image/x-icon")
    package static let svg = MediaType(rawValue: "image/svg+xml")
    package static let jpeg2000 = MediaType(rawValue: "image/jp2")
    package static let jpegXL = MediaType(rawValue: "image/jxl")
    package static let photoshop = MediaType(rawValue: "image/vnd.adobe.photoshop")
    package static let pdf = MediaType(rawValue: "application/pdf")
    package static let zip = MediaType(rawValue: "application/zip")
    package static let gzip = MediaType(rawValue: "application/gzip")
    package static let mp4 = MediaType(rawValue: "video/mp4")
    package static let quicktime = MediaType(rawValue: "video/quicktime")
    package static let webm = MediaType(rawValue: "video/webm")
    package static let matroska = MediaType(rawValue: "video/x-matroska")
    package static let avi = MediaType(rawValue: "video/x-msvideo")
    package static let mpeg = MediaType(rawValue: "video/mpeg")
    package static let flashVideo = MediaType(rawValue: "video/x-flv")
    package static let threeGPP = MediaType(rawValue: "video/3gpp")
    package static let mp3 = MediaType(rawValue: "audio/mpeg")
    package static let m4a = MediaType(rawValue: "audio/mp4")
    package static let ogg = MediaType(rawValue: "application/ogg")
    package static let wav = MediaType(rawValue: "audio/wav")
    package static let flac = MediaType(rawValue: "audio/flac")

    /// How a person calls it.
    package var name: String {
        switch self {
        case .svg: "SVG"
        case .icon: "ICO"
        case .jpeg2000: "JPEG 2000"
        case .jpegXL: "JPEG XL"
        case .photoshop: "PSD"
        case .quicktime: "QuickTime"
        case .matroska: "Matroska"
        case .avi: "AVI"
        case .flashVideo: "FLV"
        case .threeGPP: "3GPP"
        case .mp3: "MP3"
        case .m4a: "M4A"
        case .webp: "WebP"
        case .webm: "WebM"
        case .ogg: "Ogg"
        default: String(rawValue.drop { $0 != "/" }.dropFirst()).uppercased()
        }
    }
}

/// Recognises content by its first bytes, never by a name or a declared type.
package func sniff(_ bytes: Span<UInt8>) -> MediaType? {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if bytes.holds("RIFF") {
        if bytes.holds("WEBP", at: 8) { return .webp }
        if bytes.holds("AVI ", at: 8) { return .avi }
        if bytes.holds("WAVE", at: 8) { return .wav }
        return nil
    }
    if bytes.holds("GIF87a") || bytes.holds("GIF89a") { return .gif }
    if bytes.holds("ftyp", at: 4) { return isoMedia(bytes) }
    if bytes.holds("%PDF-") { return .pdf }
    if bytes.starts(with: [0x49, 0x49, 0x2A, 0x00]) || bytes.starts(with: [0x4D, 0x4D, 0x00, 0x2A])
        || bytes.starts(with: [0x49, 0x49, 0x2B, 0x00]) || bytes.starts(with: [0x4D, 0x4D, 0x00, 0x2B])
    {
        return .tiff
    }
    if bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
        return bytes.prefixHolds("webm", within: 64) ? .webm : .matroska
    }
    if bytes.starts(with: [0x00, 0x00, 0x00, 0x0C]), bytes.holds("jP  ", at: 4) { return .jpeg2000 }
    if bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) { return .jpeg2000 }
    if bytes.starts(with: [0x00, 0x00, 0x00, 0x0C]), bytes.holds("JXL ", at: 4) { return .jpegXL }
    if bytes.starts(with: [0xFF, 0x0A]) { return .jpegXL }
    if bytes.holds("8BPS") { return .photoshop }
    if bytes.holds("OggS") { return .ogg }
    if bytes.holds("fLaC") { return .flac }
    if bytes.holds("ID3") || bytes.starts(with: [0xFF, 0xFB]) || bytes.starts(with: [0xFF, 0xF3]) { return .mp3 }
    if bytes.holds("FLV") { return .flashVideo }
    if bytes.starts(with: [0x00, 0x00, 0x01, 0xBA]) || bytes.starts(with: [0x00, 0x00, 0x01, 0xB3]) { return .mpeg }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
    if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
    if bytes.holds("BM"), bytes.count >= 26, bytes.little32(at: 10) < bytes.count, bytes.little32(at: 14) <= 124 {
        return .bmp
    }
    if bytes.starts(with: [0x00, 0x00, 0x01, 0x00]), bytes.count >= 22, bytes[4] > 0, bytes[5] == 0 { return .icon }
    for brand in ["moov", "mdat", "wide"] where bytes.holds(brand, at: 4) { return .quicktime }
    return looksLikeSVG(bytes) ? .svg : nil
}

package func sniff(_ bytes: [UInt8]) -> MediaType? {
    sniff(bytes.span)
}

private func isoMedia(_ bytes: Span<UInt8>) -> MediaType {
    let end = min(bytes.count, max(16, min(Int(bytes.big32(at: 0)), 128)))
    var brands: [String] = []
    var at = 8
    while at + 4 <= end {
        if at != 12 {
            brands.append(String(decoding: (at..<at + 4).map { bytes[$0] }, as: UTF8.self))
        }
        at += 4
    }
    for brand in brands {
        switch brand {
        case "avif", "avis": return .avif
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
            if !brands.contains("avif") { return .heic }
        case "qt  ": return .quicktime
        case "M4A ", "M4B ": return .m4a
        case _ where brand.hasPrefix("3g"): return .threeGPP
        default: break
        }
    }
    return .mp4
}

private func looksLikeSVG(_ bytes: Span<UInt8>) -> Bool {
    var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
    guard at < bytes.count, bytes[at] == UInt8(ascii: "<") else { return false }
    return bytes.holds("<svg", at: at) || bytes.prefixHolds("<svg", within: 1024)
}
