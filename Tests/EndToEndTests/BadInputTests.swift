import Foundation
import TestGround
import Testing

@Suite("Rows that cannot be offloaded")
struct BadInputTests {
    @Test("of 100 rows 7 are broken in 7 ways: they stay as they are and say why, and the 93 others are offloaded")
    func sevenWays() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            let url = "\(shop.bucket.endpoint)/\(shop.bucket.name)/\(shop.bucket.prefix)"
            // Room for a WebP's URL, and not for a PNG's folder name more.
            try await shop.run("create table products (id int primary key, image text, image_s3_url varchar(500))")
            try await shop.run("create table labels (id int primary key, image text, url varchar(\(url.count + 20)))")
            let photo = try Data(
                contentsOf: URL(filePath: TestServers.project + "/Tests/Fixtures/images/jpeg_420.jpg"))
            let broken: [(id: Int, value: String, reasons: Set<String>)] = [
                (10, Array("These are words and no image.".utf8).base64, ["not_an_image"]),
                (20, "iVBORw0KGgo*" + String(repeating: "AAAA", count: 40), ["not_base64"]),
                (30, Array(photo.prefix(photo.count / 2)).base64, ["truncated", "corrupt"]),
                (40, Picture.bomb(width: 30_000, height: 30_000).base64, ["too_many_pixels"]),
                (
                    50, (Array("II*\0".utf8) + Picture.noise(200, seed: 1)).base64,
                    ["unsupported_format", "not_an_image"]
                ),
                (60, "", ["empty"]),
            ]
            for id in 1...99 {
                let value = broken.first { $0.id == id }?.value ?? Picture.png(seed: id).base64
                try await shop.run("insert into products values ($1, $2)", [Int32(id), value])
            }
            try await shop.run("insert into labels values (100, $1)", [Picture.png(seed: 100).base64])
            let rows = "select md5(products::text) from products where id in (10, 20, 30, 40, 50, 60) order by id"
            let label = "select md5(labels::text) from labels"
            let before = try await shop.strings(rows)
            let labelBefore = try await shop.strings(label)
            try await shop.run(
                "select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}')")
            try await shop.run("select offload.attach('labels', 'image', url_column => 'url', stores => '{media}')")
            let ended = try await shop.work()

            #expect(try await shop.strings(rows) == before)
            #expect(try await shop.strings(label) == labelBefore)
            #expect(try await shop.count("products where image_s3_url is not null") == 93)
            try await shop.expectURLsOpen(
                "select image_s3_url from products where image_s3_url is not null and id < 15")

            let failures = try await shop.run(
                "select relation::text, key[1], column_name, reason, detail, remedy from offload.failures order by key[1]::int"
            )
            try #require(failures.count == 7)
            for (failure, row) in zip(failures, broken) {
                #expect(try failure.value(0, as: String.self) == "products")
                #expect(try failure.value(1, as: String.self) == "\(row.id)")
                #expect(try failure.value(2, as: String.self) == "image")
                let reason: String = try failure.value(3)
                #expect(row.reasons.contains(reason), "row \(row.id): \(reason)")
                #expect(try !failure.value(4, as: String.self).isEmpty)
                #expect(try !failure.value(5, as: String.self).isEmpty)
                #expect(ended.error.contains("key=\(row.id) column=image reason=\(reason)"))
            }
            let long = failures[6]
            #expect(try long.value(0, as: String.self) == "labels")
            #expect(try long.value(3, as: String.self) == "url_too_long")
            let detail: String = try long.value(4)
            #expect(detail.contains("\(url.count + 20)"), "\(detail)")
            // An empty text is no image that failed; or it is one, and says so: both are stated above.
            let again = try await shop.work()
            #expect(!again.error.contains("left as it was"), "what was refused is not tried again by itself")
        }
    }

    @Test("a row whose trigger refuses the URL fails alone, and its neighbours go on")
    func refusingTrigger() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts(", max_attempts => 2")
            try await shop.run(
                """
                create function refuse() returns trigger language plpgsql as $$
                begin
                  if new.id in (7, 23) and new.image_s3_url is not null then
                    raise exception 'row % is frozen', new.id;
                  end if;
                  return new;
                end $$
                """)
            try await shop.run("create trigger refuse before update on products for each row execute function refuse()")
            for id in 1...40 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            let worker = try shop.startWorker()
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.count("products where image_s3_url is not null") == 38)
            let failures = try await shop.strings(
                "select concat_ws(' ', key[1], reason, detail, is_dead) from offload.failures order by key[1]::int")
            #expect(failures == ["7 not_writable row 7 is frozen t", "23 not_writable row 23 is frozen t"])
            try await shop.run("drop trigger refuse on products")
            try await shop.run("select offload.retry('products')")
            try await shop.work()
            #expect(try await shop.count("products where image_s3_url is null") == 0)
        }
    }

    @Test("a table that cannot be read does not hold up another")
    func unreadableTable() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts(", max_attempts => 2")
            try await shop.run("create table secrets (id int primary key, image bytea)")
            try await shop.run("select offload.attach('secrets', 'image', stores => '{media}', max_attempts => 2)")
            for id in 1...10 {
                try await shop.insertProduct(id, Picture.png(seed: id))
                try await shop.run("insert into secrets values ($1, $2)", [Int32(id), Picture.png(seed: id)])
            }
            // What reads the table is broken, as by an upgrade of the table that went wrong.
            let fetch = try await shop.value(
                "select format('offload._fetch_%s', id) from offload.managed_table where relation = 'secrets'::regclass",
                as: String.self)
            try await shop.run("alter function \(fetch)(jsonb, bigint) rename to gone")
            let worker = try shop.startWorker()
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.count("products where image_s3_url is not null") == 10)
            #expect(try await shop.count("offload.failures where relation = 'secrets'::regclass and is_dead") == 10)
        }
    }

    @Test("triggers of the table's own find what the application's search path names")
    func triggersOfTheTablesOwn() async throws {
        try await Shop.open { shop in
            try await shop.run("create table audit (note text)")
            try await shop.run(
                "create function describe(text) returns text language sql as $$ select 'url ' || ($1 is not null) $$")
            try await shop.run(
                """
                create function log_change() returns trigger language plpgsql as $$
                begin insert into audit values (describe(new.image_s3_url)); return new; end $$
                """)
            try await shop.attachProducts()
            try await shop.run(
                "create trigger audit_after after update on products for each row execute function log_change()")
            try await shop.run(
                "create trigger audit_before before update on products for each row execute function log_change()")
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.work()
            #expect(try await shop.strings("select note from audit") == ["url true", "url true"])
            #expect(try await shop.count("offload.failures") == 0)
        }
    }
}
