import Foundation

/// A directory that ends with this object.
package final class Scratch: Sendable {
    package let path: String

    package init() throws {
        // Short: sockets lie in some of them.
        path = NSTemporaryDirectory() + "offload-\(UUID().uuidString.lowercased().prefix(13))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
