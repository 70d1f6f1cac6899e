import Foundation
import TestGround
import Testing

@Suite("Setups that are wrong")
struct SetupTests {
    @Test("an address that is wrong is one clear line with a hint, and exit 1 or 64")
    func wrongAddress() async throws {
        let server = try TestServers.database
        let addresses = [
            "postgresql://postgres@127.0.0.1:1/shop", "postgresql://postgres@nowhere.invalid/shop",
            server + "_that_is_not_there", "mysql://root@127.0.0.1/shop",
        ]
        for address in addresses {
            let ended = try await Program(offload, ["work"], environment: ["DATABASE_URL": address]).end(
                within: .seconds(45))
            #expect(ended.status == 1 || ended.status == 64, "\(address): \(ended)")
            try expectClear(ended, hint: "hint: ")
        }
    }

    @Test("a missing schema is said, with the command that makes it")
    func missingSchema() async throws {
        let ended = try await Program(
            offload, ["work"], environment: ["DATABASE_URL": try TestServers.database]
        ).end()
        #expect(ended.status == 1)
        try expectClear(ended, hint: "offload install")
    }

    @Test("an older schema is said, with the command that brings it up")
    func olderSchema() async throws {
        try await Shop.open { shop in
            try await shop.run(
                "delete from offload.migration where number = (select max(number) from offload.migration)")
            let ended = try await Program(offload, ["work"], environment: shop.environment()).end()
            #expect(ended.status == 1)
            try expectClear(ended, hint: "offload install")
            #expect(ended.error.contains("version"))
        }
    }

    @Test("a wrong option or environment value is a usage error")
    func wrongUsage() async throws {
        try await Shop.open { shop in
            for (arguments, changes) in [
                (["work", "--until-emty"], [:]), (["work", "--lease", "soon"], [:]), (["wrok"], [:]),
                (["work"], ["STORAGE_STRATEGY": "nowhere"]),
            ] as [([String], [String: String])] {
                let ended = try await Program(offload, arguments, environment: shop.environment(changes)).end()
                #expect(ended.status == 64, "\(arguments) \(changes): \(ended)")
                try expectClear(ended, hint: "hint: ")
            }
        }
    }

    /// Rows stay, the log and `offload.store_stats` say what is wrong, and once it is mended the move happens.
    private func expectWaiting(_ shop: Shop, _ changes: [String: String] = [:], says words: [String]) async throws {
        try await shop.run("select offload.backfill(managed_table) from offload.backfill")
        try await shop.insertProduct(1, Picture.png(seed: 1))
        let ended = try await shop.work(changes)
        for word in words { #expect(ended.error.contains(word), "\(word) is not in:\n\(ended.error)") }
        #expect(ended.error.contains("S3 upload failed, falling back to base64"))
        #expect(ended.error.contains("hint="))
        #expect(ended.output.contains("1 wait for a later try"))
        #expect(try await shop.strings("select image_source from products_media") == ["base64"])
        #expect(try await shop.strings("select reason from offload.job") == ["store_unavailable"])
        #expect(
            try await shop.count("offload.store_stats where name = 'media' and not is_reachable and detail <> ''") == 1)
    }

    @Test("a refused secret leaves the rows as they are, and says so")
    func wrongSecret() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            try await expectWaiting(
                shop, ["S3_SECRET_ACCESS_KEY": "not-the-secret-0123"], says: ["SignatureDoesNotMatch", "store=media"])
            try await shop.run("update offload.job set ready_at = now()")
            try await shop.work()
            #expect(try await shop.count("products where image_s3_url is null") == 0)
        }
    }

    @Test("a bucket that vanished leaves the rows as they are, and says so")
    func vanishedBucket() async throws {
        let bucket = Bucket(
            endpoint: try TestServers.s3, name: "gone-\(UUID().uuidString.lowercased())", prefix: "a/")
        try await bucket.make()
        try await Shop.open(bucket: bucket) { shop in
            try await shop.attachProducts()
            try await bucket.remove()
            try await expectWaiting(shop, says: ["the bucket \(bucket.name) does not exist", "offload doctor"])
        }
    }

    @Test("a clock that is 20 minutes off leaves the rows as they are, and says so")
    func wrongClock() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            try await shop.relay?.set("skew:1200")
            try await expectWaiting(shop, says: ["RequestTimeTooSkewed", "20 minutes", "timedatectl"])
        }
    }

    @Test("a store without its credentials, and one of a kind that is not known, leave the rows as they are")
    func unknownKind() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            try await shop.run("select offload.add_store('cloud', 'cloudinary', bucket => 'demo')")
            try await shop.run("create table pictures (id int primary key, data bytea)")
            try await shop.run("select offload.attach('pictures', 'data', stores => '{cloud}')")
            try await shop.run("select offload.backfill(managed_table) from offload.backfill")
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.run("insert into pictures values (1, $1)", [Picture.png(seed: 1)])
            let ended = try await shop.work(["S3_ACCESS_KEY_ID": "", "S3_SECRET_ACCESS_KEY": ""])
            #expect(ended.error.contains("S3_ACCESS_KEY_ID is not set"), "\(ended.error)")
            #expect(ended.error.contains("store=cloud"))
            #expect(ended.output.contains("2 wait for a later try"), "\(ended)")
            #expect(try await shop.count("products where image_s3_url is not null or image is null") == 0)
        }
    }

    private func expectClear(_ ended: Program.Ended, hint: String) throws {
        let lines = ended.error.split(separator: "\n").filter { !$0.contains(" info: ") }
        #expect((1...2).contains(lines.count), "\(ended)")
        #expect(lines.last?.contains(hint) == true, "\(ended)")
        #expect(!ended.error.contains("PostgresError"), "\(ended)")
    }
}
