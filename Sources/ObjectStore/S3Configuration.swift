/// All that is known about an S3 store, its credentials aside.
package struct S3Configuration: Sendable {
    package enum Addressing: String, Sendable, CaseIterable {
        /// The bucket in the host's name where that works for sure, else in the path.
        case automatic = "auto"
        case path
        case virtual
    }

    package enum Encryption: Sendable, Equatable {
        case none
        /// SSE-S3.
        case managed
        /// SSE-KMS, with the bucket's default key unless one is named.
        case kms(keyID: String?)
    }

    package var bucket: String
    /// `https://host:port`, or a host alone; nil is Amazon's for the region.
    package var endpoint: String?
    package var region = "us-east-1"
    /// Empty, or ending with a slash, so that `images` never matches `images2`.
    package var prefix = "" {
        didSet { if !prefix.isEmpty, !prefix.hasSuffix("/") { prefix += "/" } }
    }
    package var addressing = Addressing.automatic
    /// A file of PEM certificates to trust in place of the system's.
    package var certificateAuthority: String?
    /// What stands in URLs in place of endpoint and bucket, such as a CDN's address.
    package var publicURL: String?
    package var cacheControl: String? = "public, max-age=31536000, immutable"
    package var storageClass: String?
    package var encryption = Encryption.none
    /// A canned ACL, such as `public-read`.
    package var accessControl: String?

    /// What a probe found out before.
    package var capabilities = S3Capabilities()

    /// Objects above it go up in parts.
    package var multipartThreshold = 64 << 20
    /// The size of a part, unless the object needs larger ones to fit in 10,000.
    package var partSize = 8 << 20
    /// How many parts of one object are under way at once, each in memory.
    package var partsAtOnce = 3
    /// The memory for parts under way, as far as one part is not more.
    package var partMemory = 32 << 20
    /// How many requests are under way at once.
    package var concurrency = 64

    /// How often one request is sent before its failure is told.
    package var attempts = 5
    package var firstRetryDelay: Duration = .milliseconds(100)
    package var retryDelayLimit: Duration = .seconds(10)
    package var connectTimeout: Duration = .seconds(10)
    package var stallTimeout: Duration = .seconds(60)

    package init(bucket: String) {
        self.bucket = bucket
    }
}

/// In what servers that speak S3 differ: found by a probe, never assumed.
package struct S3Capabilities: Sendable, Equatable {
    /// `If-None-Match: *` is obeyed.
    package var conditionalWrites = false
    /// `x-amz-checksum-sha256` is checked and told; without it `Content-MD5` stands in, which all of them check.
    package var checksums = false

    package init(conditionalWrites: Bool = false, checksums: Bool = false) {
        self.conditionalWrites = conditionalWrites
        self.checksums = checksums
    }
}

/// Where requests go: the parts of an endpoint, the bucket worked in.
struct S3Address: Sendable, Equatable {
    var scheme: String
    /// With the port, unless it is the scheme's own: what the `Host` header says.
    var host: String
    /// What stands before the key: empty, or a path without a slash at its end.
    var basePath: String

    init(_ configuration: S3Configuration, region: String) throws(StoreError) {
        var text = configuration.endpoint ?? "https://s3.\(region).amazonaws.com"
        // The endpoint of another region, where one region's was given.
        if configuration.endpoint != nil, region != configuration.region {
            text = text.replacing("s3.\(configuration.region).amazonaws.com", with: "s3.\(region).amazonaws.com")
        }
        if text.hasPrefix("https://") {
            scheme = "https"
            text.removeFirst(8)
        } else if text.hasPrefix("http://") {
            scheme = "http"
            text.removeFirst(7)
        } else {
            scheme = "https"
        }
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        basePath = String(text[slash...])
        while basePath.hasSuffix("/") { basePath.removeLast() }
        host = text[..<slash].lowercased()
        let defaultPort = scheme == "https" ? ":443" : ":80"
        if host.hasSuffix(defaultPort) { host.removeLast(defaultPort.count) }
        let allowed = host.utf8.allSatisfy {
            ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || ".-:[]_".utf8.contains($0)
        }
        guard !host.isEmpty, allowed, text[slash...].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw StoreError(.misconfigured, "the endpoint is not an http:// or https:// address")
        }
        let bucket = configuration.bucket
        guard !bucket.isEmpty, bucket.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw StoreError(.misconfigured, "\(bucket) is not a bucket's name")
        }
        let isVirtual =
            switch configuration.addressing {
            case .virtual: true
            case .path: false
            case .automatic:
                // A certificate for `*.host` does not cover a bucket with a dot in its name.
                host.hasSuffix(".amazonaws.com") && Self.fitsInHost(bucket)
                    && (scheme == "http" || !bucket.contains("."))
            }
        if isVirtual {
            guard Self.fitsInHost(bucket) else {
                throw StoreError(
                    .misconfigured, "the bucket \(bucket) cannot stand in a host's name: use path addressing")
            }
            host = bucket + "." + host
        } else {
            basePath += "/" + bucket
        }
    }

    var origin: String { "\(scheme)://\(host)" }

    private static func fitsInHost(_ bucket: String) -> Bool {
        (3...63).contains(bucket.utf8.count)
            && bucket.utf8.allSatisfy {
                ($0 >= 0x61 && $0 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: ".")
            }
    }
}
