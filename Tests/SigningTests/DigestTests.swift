import Foundation
import Testing

@testable import Signing

@Suite("digests and their spelling")
struct DigestTests {
    @Test("MD5, SHA-1 and HMAC give the published vectors")
    func vectors() {
        #expect(Hexadecimal.encode(MD5.digest(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(Hexadecimal.encode(MD5.digest([])) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(Hexadecimal.encode(SHA1.digest(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        // RFC 4231, cases 2 and 6.
        #expect(
            Hexadecimal.encode(HMAC.sha256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            Hexadecimal.encode(
                HMAC.sha256(
                    key: [UInt8](repeating: 0xaa, count: 131),
                    Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test("hexadecimal goes both ways, and refuses what it is not")
    func hexadecimal() {
        let digest = SHA256.digest([1, 2, 3])
        #expect(SHA256Digest(hexadecimal: digest.hexadecimal) == digest)
        #expect(SHA256Digest(hexadecimal: digest.hexadecimal.uppercased()) == digest)
        for text in ["", "00", digest.hexadecimal + "00", String(repeating: "g", count: 64), "abc"] {
            #expect(SHA256Digest(hexadecimal: text) == nil)
        }
        #expect(SHA256Digest(bytes: [1]) == nil)
    }

    @Test("base64 agrees with Foundation at every length")
    func base64() {
        for length in 0..<200 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
            let text = Base64.encode(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            let plain = Array(text.utf8)
            #expect(Base64.decode(plain.span) == bytes)
            let broken = Array(Data(bytes).base64EncodedString(options: [.lineLength76Characters]).utf8)
            #expect(Base64.decode(broken.span) == bytes)
            let spaced = Array(text.map { "\($0) " }.joined().utf8)
            #expect(Base64.decode(spaced.span) == bytes)
            let unpadded = plain.filter { $0 != UInt8(ascii: "=") }
            #expect(Base64.decode(unpadded.span) == bytes)
        }
    }

    @Test(
        "what is no base64 is refused",
        arguments: ["A", "AAAAA", "AA=", "AA===", "AA==A", "=", "AA-_", "A\u{0}AA", "A=AA", "ü", "AAAA===="])
    func invalidBase64(text: String) {
        let bytes = Array(text.utf8)
        #expect(Base64.decode(bytes.span) == nil)
    }

    @Test("credentials never show their secret")
    func description() {
        let credentials = Credentials(accessKey: "AK", secretKey: "hush", sessionToken: "token")
        var text = "\(credentials) \(String(reflecting: credentials)) \(String(describing: Optional(credentials)))"
        dump(credentials, to: &text)
        #expect(!text.contains("hush") && !text.contains("token"))
    }
}
