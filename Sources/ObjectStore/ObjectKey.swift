package import Signing

/// Where an object lies in a store: a slash-separated path below the store's prefix.
package struct ObjectKey: Sendable, Hashable, CustomStringConvertible {
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// The key of content that is named by its hash, spread over 65,536 directories: `ab/cd/abcd….webp`.
    package init(_ digest: SHA256Digest, fileExtension: String) {
        let name = digest.hexadecimal
        let suffix = fileExtension.isEmpty ? "" : "." + fileExtension
        path = "\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)\(suffix)"
    }

    package var description: String { path }
}
