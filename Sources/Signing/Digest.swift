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
        let type = unsafe implementation(of: algorithm)
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

private func implementation(of algorithm: Digest.Algorithm) -> OpaquePointer? {
    switch algorithm {
    case .md5: unsafe EVP_md5()
    case .sha1: unsafe EVP_sha1()
    case .sha256: unsafe EVP_sha256()
    }
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

/// HMAC with SHA-256.
package enum HMAC {
    package static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        unsafe code.withUnsafeMutableBufferPointer { code in
            _ = unsafe CCrypto.HMAC(
                EVP_sha256(), key, Int32(key.count), message, message.count, code.baseAddress, nil)
        }
        return code
    }
}
