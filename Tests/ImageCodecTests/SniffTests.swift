import Testing

@testable import ImageCodec

@Suite struct SniffTests {
    @Test(
        "content is recognised by its first bytes",
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0], MediaType.jpeg),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
            (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), .webp),
            (Array("GIF89a".utf8), .gif),
            (Array("\0\0\0\u{18}ftypheic\0\0\0\0mif1heic".utf8), .heic),
            (Array("\0\0\0\u{1C}ftypavif\0\0\0\0mif1avifmiaf".utf8), .avif),
            (Array("\0\0\0\u{1C}ftypmif1\0\0\0\0mif1avifmiaf".utf8), .avif),
            (Array("\0\0\0\u{18}ftypisom\0\0\0\0isommp41".utf8), .mp4),
            (Array("\0\0\0\u{14}ftypqt  \0\0\0\0qt  ".utf8), .quicktime),
            (Array("\0\0\0\u{14}ftyp3gp4\0\0\0\0isom".utf8), .threeGPP),
            ([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84] + Array("webm".utf8), .webm),
            (Array("%PDF-1.7".utf8), .pdf),
            ([0x49, 0x49, 0x2A, 0x00, 0x08], .tiff),
            ([0x4D, 0x4D, 0x00, 0x2A, 0x00], .tiff),
            (Array("<?xml version='1.0'?>\n<!-- drawn -->\n<svg xmlns='x'/>".utf8), .svg),
            (Array("  <svg/>".utf8), .svg),
            (Array("8BPS".utf8), .photoshop),
            ([0x50, 0x4B, 0x03, 0x04], .zip),
        ] as [([UInt8], MediaType)])
    func sniffsKnownContent(bytes: [UInt8], expected: MediaType) {
        #expect(sniff(bytes) == expected)
    }

    @Test(
        "text, nothing and noise are no known content",
        arguments: ["", "hello", "<html><body>", "RIFF\0\0\0\0junk", "BMW", "\0\0\0\0\0\0\0\0"])
    func sniffsNothing(text: String) {
        #expect(sniff(Array(text.utf8)) == nil)
    }

    @Test("every recognised image that is not supported is refused by its name")
    func refusesByName() {
        #expect(throws: Refusal(.unsupportedFormat, "HEIC is not supported yet")) {
            try optimize(Array("\0\0\0\u{18}ftypheic\0\0\0\0mif1heic".utf8))
        }
        #expect(throws: Refusal(.unsupportedFormat, "SVG is not supported yet")) {
            try optimize(Array("<svg/>".utf8))
        }
        #expect(throws: Refusal(.notAnImage, "MP4 is not an image")) {
            try optimize(Array("\0\0\0\u{18}ftypisom\0\0\0\0isommp41".utf8))
        }
        #expect(throws: Refusal(.empty, "there are no bytes")) { try optimize([UInt8]()) }
    }
}
