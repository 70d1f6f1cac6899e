import Testing

@testable import Offload

@Suite("Source text")
struct SourceTextTests {
    private func read(_ text: String) -> SourceText {
        let bytes = Array(text.utf8)
        return readSourceText(bytes.span)
    }

    @Test(
        "base64 is read bare, padded or not, and with line breaks",
        arguments: ["aGVsbG8=", "aGVsbG8", "aGVs\nbG8=\n", " aGVs\r\nbG8 = "])
    func base64(text: String) {
        #expect(read(text) == .bytes(Array("hello".utf8)))
    }

    @Test("a data URI is read whatever type it declares")
    func dataURI() {
        #expect(read("data:image/png;base64,aGVsbG8=") == .bytes(Array("hello".utf8)))
        #expect(read("data:image/png;charset=utf-8;base64,aGVsbG8=") == .bytes(Array("hello".utf8)))
    }

    @Test(
        "what is neither base64 nor a data URI is refused",
        arguments: [
            "/var/www/a.png!", "a", "aGVsb", "aGV=sbG8", "data:image/png,plain", "data:", "data:;base64", "<svg/>",
            "aGVsbG8===",
            "aGVsbG8=\u{0}",
        ])
    func unreadable(text: String) {
        #expect(read(text) == .unreadable)
    }

    @Test("a URL in the place of an image is no image")
    func url() {
        #expect(read("https://example.com/a.png") == .url)
        #expect(read("http://example.com/a.png") == .url)
    }

    @Test("every length survives the way there and back")
    func roundTrip() {
        for length in 0...66 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            let text = encodeBase64(bytes.span)
            #expect(readSourceText(text.span) == .bytes(bytes))
        }
    }

    @Test("the prefix of a data URI is kept, and bare base64 has none")
    func prefix() {
        let uri = Array("data:image/png;base64,aGVs".utf8)
        let bare = Array("aGVs".utf8)
        #expect(dataURIPrefix(of: uri.span) == "data:image/png;base64,")
        #expect(dataURIPrefix(of: bare.span) == nil)
    }
}
