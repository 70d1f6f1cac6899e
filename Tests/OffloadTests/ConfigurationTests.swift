import Testing

@testable import Offload

@Suite("Configuration")
struct ConfigurationTests {
    private func read(_ variables: [String: String]) throws -> Configuration {
        try Configuration(Environment(variables), workingDirectory: "/srv/shop")
    }

    private func refusal(_ variables: [String: String]) -> ConfigurationError? {
        #expect(throws: ConfigurationError.self) { try read(variables) }
    }

    @Test("nothing is needed")
    func empty() throws {
        let configuration = try read(["HOME": "/root", "S3_BUCKET_NAME": "", "AWS_REGION": "eu-west-1"])
        #expect(configuration.s3 == nil && configuration.cloudinary == nil && configuration.strategy == nil)
        #expect(configuration.storeKind == nil && configuration.threshold == nil && configuration.directory == nil)
        #expect(configuration.notes.isEmpty)
    }

    @Test("a whole S3 environment is read")
    func s3() throws {
        let configuration = try read([
            "S3_ENDPOINT_URL": "http://minio:9000/", "S3_BUCKET_NAME": "shop-media", "S3_ACCESS_KEY_ID": "key",
            "S3_SECRET_ACCESS_KEY": "secret", "S3_REGION": "eu-central-1", "S3_ADDRESSING_STYLE": "PATH",
            "STORAGE_STRATEGY": "Hybrid", "STORAGE_TYPE": "s3", "HYBRID_SIZE_THRESHOLD_MB": "0.5",
            "ENVIRONMENT": "prod", "STORAGE_DIR": "media/./x/..",
        ])
        let s3 = try #require(configuration.s3)
        #expect(s3.endpoint == "http://minio:9000" && s3.bucket == "shop-media" && s3.region == "eu-central-1")
        #expect(s3.addressing == .path)
        #expect(s3.credentials?.accessKey == Secret("key", origin: "S3_ACCESS_KEY_ID"))
        #expect(s3.credentials?.secretKey == Secret("secret", origin: "S3_SECRET_ACCESS_KEY"))
        #expect(configuration.strategy == .hybrid && configuration.storeKind == .s3)
        #expect(configuration.threshold == 500_000 && configuration.stage == .production)
        #expect(configuration.directory == "/srv/shop/media")
    }

    @Test(
        "of several names for one thing the first that is set wins",
        arguments: [
            (["AWS_S3_BUCKET_NAME": "ccc"], "ccc"),
            (["AWS_S3_BUCKET_NAME": "ccc", "S3_BUCKET": "bbb"], "bbb"),
            (["AWS_S3_BUCKET_NAME": "ccc", "S3_BUCKET": "bbb", "S3_BUCKET_NAME": "aaa"], "aaa"),
            (["AWS_S3_BUCKET_NAME": "ccc", "S3_BUCKET": "bbb", "S3_BUCKET_NAME": ""], "bbb"),
        ])
    func aliases(variables: [String: String], bucket: String) throws {
        #expect(try read(variables).s3?.bucket == bucket)
    }

    @Test("region and keys come from AWS's names where ours are not set")
    func awsNames() throws {
        let s3 = try #require(
            try read([
                "S3_BUCKET": "bucket", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c",
                "AWS_REGION": "eu-west-1",
            ]).s3)
        #expect(s3.region == "eu-west-1" && s3.endpoint == nil)
        #expect(s3.credentials?.accessKey.origin == "AWS_ACCESS_KEY_ID")
        #expect(s3.credentials?.sessionToken?.value == "c")
        #expect(try read(["S3_BUCKET": "bucket"]).s3?.region == "us-east-1")
        #expect(try read(["S3_BUCKET": "bucket"]).s3?.credentials == nil)
    }

    @Test("a session token goes only with the keys it came with")
    func sessionToken() throws {
        let own = ["S3_BUCKET": "bbb", "S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"]
        #expect(try read(own).s3?.credentials?.sessionToken != nil)
        let others = own.merging(["AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"]) { $1 }
        #expect(try read(others).s3?.credentials?.sessionToken == nil)
    }

    @Test("an endpoint without a scheme takes it from S3_USE_SSL, and one with a scheme keeps it")
    func endpoints() throws {
        func endpoint(_ value: String, _ ssl: String?) throws -> Configuration {
            var variables = ["S3_BUCKET": "bbb", "S3_ENDPOINT_URL": value]
            variables["S3_USE_SSL"] = ssl
            return try read(variables)
        }
        #expect(try endpoint("minio:9000", nil).s3?.endpoint == "https://minio:9000")
        #expect(try endpoint("minio:9000", "false").s3?.endpoint == "http://minio:9000")
        #expect(try endpoint("minio:9000", "Yes").s3?.endpoint == "https://minio:9000")
        #expect(try endpoint("http://minio", "true").s3?.endpoint == "http://minio")
        #expect(
            try endpoint("http://minio", "true").notes == [
                "S3_USE_SSL has no effect: S3_ENDPOINT_URL begins with http://."
            ])
        #expect(try endpoint("HTTPS://minio", nil).s3?.endpoint == "https://minio")
    }

    @Test(
        "a wrong value names its variable, and what is possible",
        arguments: [
            (["STORAGE_STRATEGY": "s3_primry"], "STORAGE_STRATEGY", "Did you mean s3_primary?"),
            (["STORAGE_STRATEGY": "everywhere"], "STORAGE_STRATEGY", "Choose one of local_primary"),
            (["STORAGE_TYPE": "gcs"], "STORAGE_TYPE", "database, directory, s3, cloudinary"),
            (["ENVIRONMENT": "producton"], "ENVIRONMENT", "Did you mean production?"),
            (["HYBRID_SIZE_THRESHOLD_MB": "10MB"], "HYBRID_SIZE_THRESHOLD_MB", "such as 10"),
            (["HYBRID_SIZE_THRESHOLD_MB": "-1"], "HYBRID_SIZE_THRESHOLD_MB", "such as 10"),
            (["HYBRID_SIZE_THRESHOLD_MB": "nan"], "HYBRID_SIZE_THRESHOLD_MB", "such as 10"),
            (["S3_BUCKET": "bbb", "S3_USE_SSL": "maybe"], "S3_USE_SSL", "true or false"),
            (["S3_BUCKET": "bbb", "S3_ADDRESSING_STYLE": "vitual"], "S3_ADDRESSING_STYLE", "virtual"),
            (["S3_BUCKET": "s3://shop/media"], "S3_BUCKET", "name alone"),
            (["S3_BUCKET": "bbb", "S3_ENDPOINT_URL": "ftp://x"], "S3_ENDPOINT_URL", "https://host"),
            (["S3_BUCKET": "bbb", "S3_ENDPOINT_URL": "https://host/bucket"], "S3_ENDPOINT_URL", "without a path"),
            (["STORAGE_DIR": "~/media"], "STORAGE_DIR", "whole path"),
            (["STORAGE_DIR": "/"], "STORAGE_DIR", "/var/lib"),
            (["STORAGE_TYPE": "s3"], "S3_BUCKET_NAME", "Set S3_BUCKET_NAME"),
            (["STORAGE_TYPE": "local"], "STORAGE_DIR", "Set STORAGE_DIR"),
            (["STORAGE_TYPE": "cloudinary"], "CLOUDINARY_URL", "Set CLOUDINARY_URL"),
        ])
    func wrong(variables: [String: String], variable: String, hint: String) {
        let error = refusal(variables)
        #expect(error?.variable == variable)
        #expect(error?.problem.contains(variable) == true)
        #expect(error?.hint.contains(hint) == true, "\(error?.hint ?? "")")
    }

    @Test("half of a pair of keys is an error, and names the half that is missing")
    func halves() {
        #expect(refusal(["S3_BUCKET": "bbb", "S3_ACCESS_KEY_ID": "x"])?.variable == "S3_SECRET_ACCESS_KEY")
        #expect(refusal(["S3_BUCKET": "bbb", "AWS_SECRET_ACCESS_KEY": "x"])?.variable == "AWS_ACCESS_KEY_ID")
        #expect(refusal(["CLOUDINARY_API_KEY": "x"])?.variable == "CLOUDINARY_CLOUD_NAME")
    }

    @Test("Cloudinary is read from its URL or from its parts")
    func cloudinary() throws {
        let fromURL = try #require(try read(["CLOUDINARY_URL": "cloudinary://123:abc@shop"]).cloudinary)
        #expect(fromURL.cloudName == "shop" && fromURL.apiKey.value == "123" && fromURL.apiSecret.value == "abc")
        let parts = try read([
            "CLOUDINARY_CLOUD_NAME": "shop", "CLOUDINARY_API_KEY": "123", "CLOUDINARY_API_SECRET": "abc",
        ])
        #expect(parts.cloudinary?.apiSecret.value == "abc")
        // A store of the database names its cloud itself.
        #expect(try read(["CLOUDINARY_API_KEY": "123", "CLOUDINARY_API_SECRET": "abc"]).cloudinary == nil)
        for url in [
            "https://shop", "cloudinary://shop", "cloudinary://123@shop", "cloudinary://123:abc@",
            "cloudinary://:abc@x",
        ] {
            #expect(refusal(["CLOUDINARY_URL": url])?.problem.contains("abc") == false)
        }
    }

    @Test("what has no effect is noted")
    func notes() throws {
        let keys = try read(["S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "b", "ENVIRONMENT": "production"])
        #expect(keys.notes.isEmpty)
        let idle = keys.idle(besides: ["directory"]).map { $0.text.prefix(16) }
        #expect(idle == ["S3_ACCESS_KEY_ID", "ENVIRONMENT is p"])
        #expect(keys.idle(besides: ["cloudinary"]).map { $0.text.prefix(16) } == ["S3_ACCESS_KEY_ID"])
        #expect(keys.idle(besides: ["directory", "s3"]).isEmpty)
        let whole = try read(["S3_BUCKET": "bbb", "S3_REGION": "x", "ENVIRONMENT": "production"])
        #expect(whole.idle(besides: []).isEmpty)
        #expect(
            try read(["S3_BUKET_NAME": "x"]).notes == [
                "S3_BUKET_NAME has no meaning here; did you mean S3_BUCKET_NAME?"
            ])
        #expect(try read(["S3_SOMETHING_ELSE": "x", "AWS_BUCKET": "x"]).notes.isEmpty)
        let mixed = try read(["S3_BUCKET": "bbb", "S3_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"])
        #expect(mixed.notes.count == 1)
    }

    @Test("no secret can be read from a description, a dump or an error")
    func secrets() throws {
        let variables = [
            "S3_BUCKET": "bbb", "S3_ACCESS_KEY_ID": "hidden-key", "S3_SECRET_ACCESS_KEY": "hidden-secret",
            "AWS_SESSION_TOKEN": "hidden-token", "CLOUDINARY_URL": "cloudinary://hidden1:hidden2@shop",
        ]
        let configuration = try read(variables)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hidden"))
        }
        #expect(configuration.secrets.count == 5)
        let endpoint = refusal(["S3_BUCKET": "bbb", "S3_ENDPOINT_URL": "https://hidden:hidden@host"])
        #expect(endpoint?.problem.contains("hidden") == false)
    }
}
