import Foundation
import Signing
import TestGround
import Testing

@testable import ObjectStore

@Suite("what S3 answers, and where it is asked")
struct ParsingTests {
    @Test("documents are read with entities, prefixes and remarks")
    func documents() {
        let text = """
            \u{feff}<?xml version="1.0"?><!-- hello -->
            <s3:Result xmlns:s3="a>b"><Empty/><Key a='/>'>a&amp;b&lt;&#xfc;&#10;&bogus;</Key>
            <Key><![CDATA[<raw>&amp;]]></Key><Owner><ID>x</ID></Owner></s3:Result>
            """
        let element = XMLElement(Array(text.utf8))
        #expect(element?.name == "Result")
        #expect(element?.all("Key").map(\.text) == ["a&b<ü\n&bogus;", "<raw>&amp;"])
        #expect(XMLElement(Array("<a>&amp;\u{301}&#38;</a>".utf8))?.text == "&\u{301}&")
        #expect(element?["Empty"] == "")
        #expect(element?.child("Owner")?["ID"] == "x")
        #expect(XMLElement(Array("<a>\(XMLElement.escape("<&>\r\n\t'\""))</a>".utf8))?.text == "<&>\r\n\t'\"")
    }

    @Test(
        "what is no document is refused",
        arguments: [
            "", " ", "text", "<", "<a", "<a>", "<a><b></a>", "<a></b>", "<!-- never", "<a b='", "<a>&", "</a>", "<>",
            String(repeating: "<a>", count: 10_000), "<a><![CDATA[", "<?xml",
        ])
    func brokenDocuments(text: String) {
        #expect(XMLElement(Array(text.utf8)) == nil)
    }

    @Test("dates are read in both of their spellings")
    func dates() {
        #expect(secondsSince1970("Fri, 24 May 2013 00:00:00 GMT") == 1_369_353_600)
        #expect(secondsSince1970("Tue, 29 Feb 2000 23:59:59 GMT") == 951_868_799)
        #expect(secondsSince1970("2013-05-24T00:00:00.000Z") == 1_369_353_600)
        #expect(secondsSince1970("2024-12-31T23:59:59Z") == 1_735_689_599)
        for text in ["", "yesterday", "Fri, 24 Foo 2013 00:00:00 GMT", "2013-05-24", "::", "GMT"] {
            #expect(secondsSince1970(text) == nil)
        }
    }

    @Test("keys of a listing are decoded, and broken ones refused")
    func keys() {
        #expect(decodedKey("a%2Fb+c%2B%C3%BC") == "a/b c+ü")
        #expect(decodedKey("%") == nil)
        #expect(decodedKey("%zz") == nil)
        #expect(decodedKey("%ff") == nil)
    }

    private func address(_ region: String = "eu-central-1", _ change: (inout S3Configuration) -> Void) throws -> String
    {
        var configuration = S3Configuration(bucket: "shop-media")
        configuration.region = "eu-central-1"
        change(&configuration)
        let address = try S3Address(configuration, region: region)
        return address.origin + address.basePath
    }

    @Test("the bucket stands where the endpoint wants it")
    func addresses() throws {
        #expect(try address { _ in } == "https://shop-media.s3.eu-central-1.amazonaws.com")
        #expect(try address("us-west-2") { _ in } == "https://shop-media.s3.us-west-2.amazonaws.com")
        #expect(try address { $0.bucket = "dotted.name" } == "https://s3.eu-central-1.amazonaws.com/dotted.name")
        #expect(try address { $0.bucket = "Upper_Case" } == "https://s3.eu-central-1.amazonaws.com/Upper_Case")
        #expect(try address { $0.addressing = .path } == "https://s3.eu-central-1.amazonaws.com/shop-media")
        #expect(try address { $0.endpoint = "http://127.0.0.1:9000/" } == "http://127.0.0.1:9000/shop-media")
        #expect(try address { $0.endpoint = "https://Minio.Example.com:443" } == "https://minio.example.com/shop-media")
        #expect(try address { $0.endpoint = "https://host/s3/" } == "https://host/s3/shop-media")
        #expect(try address { $0.endpoint = "minio:9000" } == "https://minio:9000/shop-media")
        #expect(
            try address {
                $0.endpoint = "s3.example.com"
                $0.addressing = .virtual
            } == "https://shop-media.s3.example.com")
        #expect(
            try address("eu-west-1") { $0.endpoint = "https://s3.eu-central-1.amazonaws.com" }
                == "https://shop-media.s3.eu-west-1.amazonaws.com")
    }

    @Test("URLs lie below the public address when there is one")
    func urls() throws {
        var configuration = S3Configuration(bucket: "shop-media")
        configuration.prefix = "media"
        #expect(
            try S3Store(configuration, credentials: Credentials(accessKey: "", secretKey: "")).url(
                for: ObjectKey("a b"))
                == "https://shop-media.s3.us-east-1.amazonaws.com/media/a%20b")
        configuration.publicURL = "https://cdn.example.com/"
        #expect(
            try S3Store(configuration, credentials: Credentials(accessKey: "", secretKey: "")).url(
                for: ObjectKey("a b"))
                == "https://cdn.example.com/media/a%20b")
    }

    @Test("credentials come from the names that the store gives, and a missing one is named")
    func environment() async throws {
        let environment = ["MEDIA_KEY": "k", "MEDIA_SECRET": "s", "MEDIA_TOKEN": ""]
        let source = EnvironmentCredentials(
            accessKey: "MEDIA_KEY", secretKey: "MEDIA_SECRET", sessionToken: "MEDIA_TOKEN", in: environment)
        #expect(try await source.credentials() == Credentials(accessKey: "k", secretKey: "s"))
        let broken = EnvironmentCredentials(accessKey: "MEDIA_KEY", secretKey: "MEDIA_SECRETS", in: environment)
        let error = await failure { _ = try await broken.credentials() }
        #expect(error?.kind == .misconfigured && error?.message.contains("MEDIA_SECRETS") == true)
    }

    @Test("credentials come from a profile of a file, too")
    func profile() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/credentials"
        let text = """
            # comment
            [default]
            aws_access_key_id = one
            aws_secret_access_key=first=secret
            [other]
              aws_access_key_id=two
              aws_secret_access_key = second
              aws_session_token = token
            [empty]
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(
            try await ProfileCredentials(path: path).credentials()
                == Credentials(accessKey: "one", secretKey: "first=secret"))
        #expect(
            try await ProfileCredentials(path: path, profile: "other").credentials()
                == Credentials(accessKey: "two", secretKey: "second", sessionToken: "token"))
        for profile in ["empty", "none"] {
            let source = ProfileCredentials(path: path, profile: profile)
            #expect(await failure { _ = try await source.credentials() }?.kind == .misconfigured)
        }
        let nowhere = ProfileCredentials(path: scratch.path + "/nowhere")
        #expect(await failure { _ = try await nowhere.credentials() }?.kind == .misconfigured)
    }
}
