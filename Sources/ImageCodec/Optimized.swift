/// What is stored for an image, and what became of it on the way.
package struct Optimized: Sendable, Equatable {
    package var bytes: [UInt8]
    package var mediaType: MediaType
    package var width: Int
    package var height: Int
    /// The rung of the ladder, or nil when the bytes are the source's own.
    package var quality: Int?
    /// The bytes are the source itself, unchanged.
    package var isSource: Bool
    /// How often the picture was encoded to find its rung.
    package var encodes: Int
    /// What a person looking at the row should know.
    package var note: String?
}
