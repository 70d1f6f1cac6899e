import Foundation
import TestGround
import Testing

@Suite("Strategies, with a real worker and real stores")
struct StrategyTests {
    @Test("after an outage rows move by themselves, oldest first, and while it lasts one upload asks for all")
    func oldestFirst() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            try await shop.relay?.set("refuse")
            let worker = try shop.startWorker("--batch", "4")
            for id in 1...60 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await eventually("60 rows that wait for the store") {
                try await shop.count("offload.job where reason = 'store_unavailable'") == 60
            }
            let answers = try await shop.count("products_media where image_url like 'data:image/png;base64,%'")
            #expect(answers == 60)
            try await eventually("three pauses") {
                worker.logLines.count { $0.contains("store is left alone for a while") } >= 3
            }
            let cycles = worker.log.components(separatedBy: "store is left alone for a while")
            let asked = cycles[2].components(separatedBy: "S3 upload failed, falling back to base64").count - 1
            #expect(asked == 1, "\(asked) uploads asked in one cycle")

            // All wait for the end of the same pause, in whole seconds: where it ends with one, some wait for the next.
            try await eventually(within: .seconds(120), "60 rows that wait for a pause's end") {
                try await shop.count(
                    "offload.job where lease is null and ready_at > clock_timestamp() + interval '2 seconds'") == 60
            }
            let due = try await shop.strings("select key[1] from offload.job order by ready_at, key[1]::int")
                .compactMap { Int($0) }
            #expect(try await shop.value("select max(ready_at) - min(ready_at) <= '2 seconds' from offload.job"))
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(within: .seconds(120), worker)
            _ = try await worker.stop()
            let order = try await shop.strings(
                """
                select p.id::text from products p
                join offload.item i on i.key = array[p.id::text]
                join offload.replica r on r.object_hash = i.object_hash
                order by r.stored_at
                """
            ).compactMap { Int($0) }
            #expect(order.count == 60 && due.count == 60)
            #expect(Set(order.prefix(20)).isSubset(of: due.prefix(36)), "\(due)\nmoved as: \(order)")
            #expect(Set(order.suffix(20)).isDisjoint(with: due.prefix(24)), "\(due)\nmoved as: \(order)")
            try await shop.expectURLsOpen("select image_s3_url from products")
            try await shop.expectNoOrphans()
        }
    }

    @Test("with no S3 in the environment everything runs on the row itself, and then on a directory")
    func withoutS3() async throws {
        try await Shop.open { shop in
            let nothing = ["S3_ACCESS_KEY_ID": "", "S3_SECRET_ACCESS_KEY": ""]
            try await shop.run("create table products (id int primary key, image text)")
            try await shop.run("select offload.attach('products', 'image')")
            let picture = Picture.png(seed: 1)
            try await shop.run("insert into products values (1, $1), (2, $2)", [picture.dataURI, picture.base64])
            let ended = try await shop.work(nothing)
            #expect(ended.error.contains("S3 not configured, using the row itself"))
            // It measures, and changes nothing.
            #expect(try await shop.value("select image from products where id = 1") == picture.dataURI)
            #expect(
                try await shop.strings("select measured || ' ' || refused from offload.compression_stats") == ["2 0"])
            let saved: Int64 = try await shop.value("select replace_saves from offload.compression_stats")
            let before: Int64 = try await shop.value("select sum(length(image))::bigint from products")
            try await shop.run(
                "select offload.configure('products', 'image', source_policy => 'replace', originals => 'discard')")
            try await shop.work(nothing)
            let after: Int64 = try await shop.value("select sum(length(image))::bigint from products")
            // The two prefixes image/png and image/webp differ by a letter.
            #expect(abs(before - after - saved) <= 1, "said \(saved), saved \(before - after)")
            let texts = try await shop.strings("select image from products order by id")
            #expect(texts[0] == "data:image/webp;base64," + texts[1])
            #expect(webpSize([UInt8](try #require(Data(base64Encoded: texts[1])))) != nil)

            let scratch = try Scratch()
            try await shop.run("select offload.add_store('disk', 'directory', path => $1)", [scratch.path])
            try await shop.run("select offload.configure('products', 'image', local_store => 'disk')")
            try await shop.work(nothing)
            let url: String = try await shop.value("select image_url from products_media where id = 1")
            let stored = try Data(contentsOf: try #require(URL(string: url)))
            #expect(stored == Data(base64Encoded: texts[1]))
        }
    }

    @Test("a large file goes from its row to a store, to another store, and back into the row, byte for byte")
    func thereAndBack() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run(
                """
                select offload.add_store('other', 's3', endpoint => $1, bucket => $2, prefix => $3, addressing => 'path',
                  public_url => $4)
                """,
                [
                    shop.bucket.endpoint, shop.bucket.name, "other-" + shop.bucket.prefix,
                    "\(shop.bucket.endpoint)/\(shop.bucket.name)",
                ])
            try await shop.run("create table films (id int primary key, body bytea)")
            try await shop.run(
                """
                select offload.attach('films', 'body', kind => 'video', strategy => 's3_primary', stores => '{media}',
                  source_policy => 'clear', grace => '0')
                """)
            // Beyond what goes through memory.
            let film = Picture.video(18 << 20, seed: 7)
            try await shop.run("insert into films values (1, $1)", [film])
            let worker = try shop.startWorker()
            try await eventually("stores whose URLs are known to open") {
                try await shop.count("offload.store_check where opens") == 2
            }
            func moved(_ change: String, _ condition: String) async throws {
                try await shop.run("select offload.configure('films', 'body', \(change))")
                try await eventually("\(condition) after \(change)\n\(worker.log)") {
                    try await shop.count("films_media where \(condition)") == 1
                }
                try await shop.waitUntilDone(worker)
            }
            try await moved("grace => '0'", "body is null and body_url is not null")
            try await moved("stores => '{other}'", "body is null and body_url like '%/other-%'")
            try await shop.expectURLsOpen("select body_remote_url from films")
            try await moved("strategy => 'local_primary', source_policy => 'keep'", "body is not null")
            #expect(try await shop.count("films where body = $1 and body_remote_url is null", [film]) == 1)
            _ = try await worker.stop()
        }
    }

    @Test("what was kept at first is archived byte for byte before its source is cleared")
    func clearedLater() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            let original = Picture.png(seed: 5, width: 300, height: 200)
            try await shop.insertProduct(1, original)
            let worker = try shop.startWorker()
            try await eventually("a store whose URLs are known to open") {
                try await shop.count("offload.store_check where opens") == 1
            }
            try await shop.waitUntilDone(worker)
            #expect(try await shop.count("offload.replica") == 1)
            try await shop.run(
                """
                select offload.configure('products', 'image', source_policy => 'clear', originals => 'archive', grace => '0')
                """)
            try await eventually("a row without its source\n\(worker.log)") {
                try await shop.count("products where image is null and image_s3_url is not null") == 1
            }
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            try await shop.expectURLsOpen("select image_s3_url from products")
            let key: String = try await shop.value(
                "select r.key from offload.replica r join offload.item i on i.original_hash = r.object_hash")
            let archived = try await open("\(shop.bucket.endpoint)/\(shop.bucket.name)/\(shop.bucket.prefix)\(key)")
            #expect(archived.body == original)
            try await shop.expectNoOrphans()
        }
    }
}
