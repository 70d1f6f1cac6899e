package import Signing

/// All that is known about a Cloudinary cloud, its credentials aside.
package struct CloudinaryConfiguration: Sendable {
    package var cloud: String
    /// Where its interface answers; accounts in other regions have another host.
    package var endpoint = "https://api.cloudinary.com" {
        didSet { endpoint = withoutSlashAtItsEnd(endpoint) }
    }
    /// What the URLs of its assets begin with, in place of `https://res.cloudinary.com/CLOUD`.
    package var publicURL: String?
    /// Empty, or ending with a slash, so that `images` never matches `images2`.
    package var prefix = "" {
        didSet { if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" } }
    }
    package var algorithm = CloudinarySignature.Algorithm.sha1
    /// A file of PEM certificates to trust in place of the system's.
    package var certificateAuthority: String?

    /// Objects above it go up in chunks: a single request takes no more.
    package var chunkThreshold = 100_000_000
    /// More than 5 MB, except for the last; one of them is in memory at a time.
    package var chunkSize = 20_000_000
    /// How many requests are under way at once.
    package var concurrency = 16

    /// How often one request is sent before its failure is told. Few: the next store of a chain can have the object.
    package var attempts = 2
    package var firstRetryDelay: Duration = .milliseconds(200)
    package var connectTimeout: Duration = .seconds(10)
    package var stallTimeout: Duration = .seconds(60)

    package init(cloud: String) {
        self.cloud = cloud
    }

    private static let ownDelivery = "https://res.cloudinary.com/"

    /// What every URL that is recorded begins with. Ends with a slash.
    var deliveryBase: String {
        publicURL.map { withoutSlashAtItsEnd($0) + "/" } ?? Self.ownDelivery + cloud + "/"
    }

    /// The URL that the service chose, at the address where this store's objects are opened; nil when it is elsewhere.
    func delivered(_ url: String) -> String? {
        if url.utf8.starts(with: deliveryBase.utf8) { return url }
        let own = Self.ownDelivery + cloud + "/"
        guard publicURL != nil, url.utf8.starts(with: own.utf8) else { return nil }
        return String(url.utf8.dropFirst(own.utf8.count)).map { deliveryBase + $0 }
    }

    func check() throws(StoreError) {
        let isCloud = cloud.utf8.allSatisfy {
            ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || "-_".utf8.contains($0)
        }
        guard !cloud.isEmpty, isCloud else {
            throw StoreError(.misconfigured, "\(cloud.debugDescription) is not the name of a Cloudinary cloud")
        }
        for address in [endpoint, deliveryBase] {
            guard address.hasPrefix("https://") || address.hasPrefix("http://"),
                address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
            else {
                throw StoreError(.misconfigured, "\(address.debugDescription) is not an http:// or https:// address")
            }
        }
        guard chunkSize > 0, attempts > 0 else {
            throw StoreError(.misconfigured, "chunk_size and attempts are at least 1")
        }
    }
}

private func withoutSlashAtItsEnd(_ text: String) -> String {
    var text = text
    while text.utf8.last == UInt8(ascii: "/") { text.removeLast() }
    return text
}

/// What Cloudinary files an object under: a public id within one of three kinds of resources.
///
/// The public id is the whole key, extension included, so that no two keys share an asset. The kind follows from the
/// key alone: whoever has the key finds the object.
struct CloudinaryPlace: Sendable, Equatable {
    enum ResourceType: String, Sendable, CaseIterable {
        case image
        case video
        case raw
    }

    var resourceType: ResourceType
    var publicID: String
    /// Nil for raw files, whose URLs end with the public id itself.
    var format: String?

    private static let images: Set<String> = ["webp", "jpg", "png", "gif"]
    private static let videos: Set<String> = ["mp4", "webm", "mov"]
    private static let refused = Set("?&#\\%<>+".utf8)

    init(_ key: ObjectKey, prefix: String) throws(StoreError) {
        publicID = prefix + key.path
        let isPlain = publicID.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && !Self.refused.contains($0) }
        let ends = [publicID.utf8.first, publicID.utf8.last]
        guard !key.path.isEmpty, isPlain, publicID.utf8.count <= 255,
            !ends.contains(UInt8(ascii: " ")), !ends.contains(UInt8(ascii: "/"))
        else {
            throw StoreError(
                .misconfigured,
                "Cloudinary takes no key with ? & # \\ % < > + or a control character, with a space or slash at an end, or "
                    + "of more than 255 bytes: \(publicID.prefix(80).debugDescription)")
        }
        let name = publicID.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? Substring().utf8
        let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let suffix = parts.count > 1 ? parts.last.flatMap { String($0) } ?? "" : ""
        if Self.images.contains(suffix) {
            (resourceType, format) = (.image, suffix)
        } else if Self.videos.contains(suffix) {
            (resourceType, format) = (.video, suffix)
        } else {
            (resourceType, format) = (.raw, nil)
        }
    }

    /// The end of the asset's URL, after its version.
    var urlEnd: String {
        RequestTarget.encode(publicID, keepingSlash: true) + (format.map { "." + $0 } ?? "")
    }
}
