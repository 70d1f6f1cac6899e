import Testing

@testable import Signing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "the published vectors",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func vectors(text: String, expected: String) {
        #expect(SHA256.digest(Array(text.utf8)).hexadecimal == expected)
    }

    @Test("bytes that come in pieces hash as the whole does")
    func pieces() {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hash = SHA256()
        for piece in [bytes[..<1], bytes[1..<65_537], bytes[65_537...]] {
            let copy = Array(piece)
            hash.update(copy.span)
        }
        #expect(hash.finish() == SHA256.digest(bytes))
    }
}
