import Foundation
import Testing

@testable import Signing

@Suite("AWS Signature Version 4")
struct SigV4Tests {
    /// The requests that AWS's documentation signs for the bucket `examplebucket` on 24 May 2013.
    private let published = SigV4(
        credentials: Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1")
    private let time: Int64 = 1_369_353_600
    private let host = "examplebucket.s3.amazonaws.com"

    private func signature(
        _ method: String, _ target: RequestTarget, _ headers: [SigV4.Header] = [], body: String = ""
    ) -> String? {
        let payload: SigV4.Payload = body.isEmpty ? .empty : .bytes(SHA256.digest(Array(body.utf8)))
        return published.headers(for: method, target, host: host, headers: headers, payload: payload, at: time)
            .last?.value.split(separator: "=").last.map(String.init)
    }

    @Test("AWS's four published requests")
    func publishedRequests() {
        #expect(
            signature("GET", RequestTarget(path: "/test.txt"), [("Range", "bytes=0-9")])
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(
            signature(
                "PUT", RequestTarget(path: "/test$file.text"),
                [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                body: "Welcome to Amazon S3.")
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        #expect(
            signature("GET", RequestTarget(path: "/", query: [("lifecycle", "")]))
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            signature("GET", RequestTarget(path: "/", query: [("max-keys", "2"), ("prefix", "J")]))
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test("AWS's published presigned URL")
    func publishedPresign() {
        let query = published.presignedQuery(for: "GET", path: "/test.txt", host: host, lifetime: 86_400, at: time)
        #expect(
            query
                == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    struct Fixture: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            var method, path, body, host: String
            var query, headers: [[String]]
            var token: String?
            var authorization, contentSHA256, presigned: String

            var testDescription: String { "\(method) \(path) \(query) \(headers)" }
        }

        var accessKey, secretKey, region: String
        var time: Int64
        var cases: [Case]

        static func load() throws -> Fixture {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/sigv4.json")
            return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
        }
    }

    @Test("each of the awkward requests is signed as botocore signs it")
    func comparison() throws {
        let fixture = try Fixture.load()
        #expect(fixture.cases.count >= 40)
        for request in fixture.cases {
            let signer = SigV4(
                credentials: Credentials(
                    accessKey: fixture.accessKey, secretKey: fixture.secretKey, sessionToken: request.token),
                region: fixture.region)
            let query = request.query.map { (name: $0[0], value: $0[1]) }
            let body = Array(request.body.utf8)
            let headers = signer.headers(
                for: request.method, RequestTarget(path: request.path, query: query), host: request.host,
                headers: request.headers.map { ($0[0], $0[1]) },
                payload: body.isEmpty ? .empty : .bytes(SHA256.digest(body)), at: fixture.time)
            #expect(headers.last?.value == request.authorization, "\(request.testDescription)")
            #expect(headers.first?.value == request.contentSHA256)

            let presigned = signer.presignedQuery(
                for: request.method, path: request.path, query: query, host: request.host, lifetime: 3600,
                at: fixture.time)
            let expected = try #require(request.presigned.split(separator: "?", maxSplits: 1).last)
            #expect(
                presigned.split(separator: "&").sorted() == expected.split(separator: "&").sorted(),
                "\(request.testDescription)")
        }
    }

    @Test("another day has another key")
    func days() {
        let target = RequestTarget(path: "/a")
        let first = published.headers(for: "GET", target, host: host, payload: .empty, at: time).last?.value
        let second = published.headers(for: "GET", target, host: host, payload: .empty, at: time + 86_400).last?.value
        #expect(first != second)
        #expect(published.headers(for: "GET", target, host: host, payload: .empty, at: time).last?.value == first)
    }

    @Test("timestamps are right over leap years and the epoch")
    func timestamps() {
        for (seconds, text) in [
            (0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"), (951_782_400, "20000229T000000Z"),
            (4_107_542_399, "21000228T235959Z"), (4_107_542_400, "21000301T000000Z"), (-1, "19691231T235959Z"),
            (1_709_251_198, "20240229T235958Z"), (1_735_689_599, "20241231T235959Z"),
        ] as [(Int64, String)] {
            #expect(timestamp(seconds) == text)
        }
    }
}

@Suite("Cloudinary's signature")
struct CloudinarySignatureTests {
    @Test("the published vector")
    func vector() {
        let signature = CloudinarySignature.sign(
            [
                ("timestamp", ["1315060510"]), ("public_id", ["sample_image"]),
                ("eager", ["w_400,h_300,c_pad|w_260,h_200,c_crop"]), ("file", ["ignored"]), ("api_key", ["ignored"]),
                ("tags", []), ("folder", [""]),
            ], secret: "abcd")
        #expect(signature == "bfd09f95f331f558cbd1320e67aa8d488770583e")
    }

    @Test("arrays are joined, an ampersand cannot pass for another parameter")
    func escaping() {
        let joined = CloudinarySignature.sign([("tags", ["a", "b"])], secret: "s")
        #expect(joined == Hexadecimal.encode(SHA1.digest(Array("tags=a,bs".utf8))))
        let hidden = CloudinarySignature.sign([("a", ["1&\u{301}b=2"])], secret: "s")
        #expect(hidden == Hexadecimal.encode(SHA1.digest(Array("a=1%26\u{301}b=2s".utf8))))
        let smuggled = CloudinarySignature.sign([("a", ["1&b=2"])], secret: "s", algorithm: .sha256)
        #expect(smuggled == SHA256.digest(Array("a=1%26b=2s".utf8)).hexadecimal)
    }
}
