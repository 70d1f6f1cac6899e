/// The SHA-256 of some bytes: the name of an object.
package struct SHA256Digest: Sendable, Hashable {
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Nil unless there are 64 hexadecimal digits.
    package init?(hexadecimal text: String) {
        guard let bytes = Hexadecimal.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    fileprivate init(_ digest: consuming Digest) {
        bytes = digest.finish()
    }

    package var hexadecimal: String { Hexadecimal.encode(bytes) }
}

/// Hashes bytes as they come, so that a value need never be whole in memory.
package struct SHA256: ~Copyable {
    private var digest = Digest(.sha256)

    package init() {}

    package mutating func update(_ bytes: Span<UInt8>) {
        digest.update(bytes)
    }

    package consuming func finish() -> SHA256Digest {
        SHA256Digest(digest)
    }

    package static func digest(_ bytes: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        hash.update(bytes.span)
        return hash.finish()
    }
}
