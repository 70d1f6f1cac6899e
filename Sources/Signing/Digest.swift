private import CCrypto

/// One of OpenSSL's digests, fed as bytes come.
@safe struct Digest: ~Copyable {
    enum Algorithm {
        case md5
        case sha1
        case sha256

        var byteCount: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            }
        }
    }

    private let context: OpaquePointer?
    private let algorithm: Algorithm

    init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        unsafe context = EVP_MD_CTX_new()
        let type = unsafe algorithm.implementation
        // Refused only where a policy of the machine forbids the algorithm: an empty digest would be far worse.
        precondition(unsafe EVP_DigestInit_ex(context, type, nil) == 1, "this OpenSSL has no \(algorithm)")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { _ = unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: algorithm.byteCount)
        unsafe digest.withUnsafeMutableBufferPointer { _ = unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
        return digest
    }
}

extension Digest.Algorithm {
    /// Looked up once: OpenSSL would for each digest anew.
    fileprivate var implementation: OpaquePointer? {
        switch self {
        case .md5: unsafe Self.md5Implementation
        case .sha1: unsafe Self.sha1Implementation
        case .sha256: unsafe Self.sha256Implementation
        }
    }

    // Never freed and never changed: any thread may use them.
    nonisolated(unsafe) private static let md5Implementation = unsafe EVP_MD_fetch(nil, "MD5", nil)
    nonisolated(unsafe) private static let sha1Implementation = unsafe EVP_MD_fetch(nil, "SHA1", nil)
    nonisolated(unsafe) private static let sha256Implementation = unsafe EVP_MD_fetch(nil, "SHA256", nil)
}

/// MD5, where a protocol asks for it: `Content-MD5`, and the ETag of a plain object.
package struct MD5: ~Copyable {
    private var digest = Digest(.md5)

    package init() {}

    package mutating func update(_ bytes: Span<UInt8>) {
        digest.update(bytes)
    }

    package consuming func finish() -> [UInt8] {
        digest.finish()
    }

    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var hash = MD5()
        hash.update(bytes.span)
        return hash.finish()
    }
}

/// SHA-1, where a protocol asks for it.
package enum SHA1 {
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var hash = Digest(.sha1)
        hash.update(bytes.span)
        return hash.finish()
    }
}

/// HMAC with SHA-256 (RFC 2104), of digests that are looked up once: OpenSSL's own `HMAC` looks them up each time.
package enum HMAC {
    package static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? SHA256.digest(key).bytes : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        func digest(pad: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            let padded = block.map { $0 ^ pad }
            var hash = SHA256()
            hash.update(padded.span)
            hash.update(bytes.span)
            return hash.finish().bytes
        }
        return digest(pad: 0x5c, digest(pad: 0x36, message))
    }
}
