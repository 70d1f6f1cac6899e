package import Signing

/// Where an object lies in a store: a slash-separated path below the store's prefix.
///
/// Keys are told apart by their bytes: to a store `é` in one scalar and in two are different names.
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

    package static func == (left: ObjectKey, right: ObjectKey) -> Bool {
        left.path.utf8.elementsEqual(right.path.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in path.utf8 { hasher.combine(byte) }
    }
}
