import ObjectStore
import Signing

/// An object on its way to its stores.
struct NewObject: Sendable {
    var hash: SHA256Digest
    var content: Upload.Content
    var mediaType: String
    var width: Int32?
    var height: Int32?
    /// Takes a stream back to its start, so that it can be sent to another store.
    var rewind: (@Sendable () async -> Void)?

    var byteCount: Int { content.count }

    init(_ bytes: [UInt8], mediaType: String, width: Int? = nil, height: Int? = nil) {
        self.init(
            hash: SHA256.digest(bytes), content: .bytes(bytes), mediaType: mediaType, width: width, height: height)
    }

    init(hash: SHA256Digest, content: Upload.Content, mediaType: String, width: Int? = nil, height: Int? = nil) {
        self.hash = hash
        self.content = content
        self.mediaType = mediaType
        self.width = width.map(Int32.init)
        self.height = height.map(Int32.init)
    }
}
