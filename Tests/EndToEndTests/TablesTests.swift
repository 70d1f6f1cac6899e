import Foundation
import Postgres
import Testing

@Suite("Tables that people have")
struct TablesTests {
    @Test("products with base64, half of them with URLs of an older system, get URLs that open")
    func products() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table products (id serial primary key, image text, image_s3_url varchar(500))")
            let forms: [([UInt8]) -> String] = [\.base64, \.brokenBase64, \.dataURI]
            for id in 1...12 {
                let image = forms[id % 3](Picture.png(seed: id, width: 1600, height: 800))
                try await shop.run(
                    "insert into products (image, image_s3_url) values ($1, $2)",
                    [image, id > 6 ? "https://old.example/\(id).jpg" : nil])
            }
            let before = try await shop.strings("select image from products order by id")
            try await shop.run(
                "select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}')")
            let ended = try await shop.work()
            #expect(ended.error.contains("S3 upload successful"))
            #expect(ended.error.contains("using S3 for persistent storage"))

            let urls = try await shop.strings("select image_s3_url from products where id <= 6 order by id")
            #expect(Set(urls).count == 6)
            for url in urls {
                #expect(url.hasPrefix("\(shop.bucket.endpoint)/\(shop.bucket.name)/\(shop.bucket.prefix)"))
                let response = try await open(url)
                #expect(response[header: "content-type"] == "image/webp")
                #expect(response[header: "cache-control"] == "public, max-age=31536000, immutable")
                let size = try #require(webpSize(response.body))
                #expect(size == (1024, 512))
            }
            try await shop.expectURLsOpen("select image_s3_url from products where id <= 6")
            try await shop.expectNoOrphans()
            #expect(try await shop.strings("select image from products order by id") == before)
            #expect(
                try await shop.strings("select image_s3_url from products where id > 6 order by id")
                    == (7...12).map { "https://old.example/\($0).jpg" })
            #expect(try await shop.bucket.objects().count == 6)

            let media = try await shop.strings("select distinct image_source from products_media order by 1")
            #expect(media == ["foreign", "s3"])
            let summary: String = try await shop.value(
                "select replace(offload.storage_summary('products', 'image')::text, ' ', '')")
            #expect(
                summary == """
                    {"total_products":12,"with_s3":12,"with_base64":12,"with_both":12,"with_neither":0,\
                    "s3_coverage":"100%"}
                    """)
        }
    }

    @Test("a second run makes no upload and updates no row")
    func secondRun() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...8 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.work()
            let rows =
                "select string_agg(concat(id, ' ', xmin, ' ', ctid, ' ', image_s3_url), ',' order by id) from products"
            let before: String = try await shop.value(rows)
            let objects = try await shop.bucket.objects()
            #expect(try await shop.relay?.count.uploads == 8)

            // Everything is looked at again: as jobs, as a sweep, and as rows that are saved unchanged.
            try await shop.run(
                "insert into offload.arrival (managed_table, key) select 1, array[id::text] from products")
            try await shop.run("select offload.sweep('products')")
            try await shop.work()
            #expect(try await shop.value(rows, as: String.self) == before)
            #expect(try await shop.relay?.count.uploads == 8)
            #expect(try await shop.bucket.objects() == objects)
        }
    }

    @Test("bytea columns of two tables hold what they held, and their URLs open")
    func bytea() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run(
                "create table users (id uuid primary key default gen_random_uuid(), profile_photo_data bytea)")
            try await shop.run("create table organizations (id bigint primary key, logo_data bytea not null)")
            for id in 1...4 {
                try await shop.run("insert into users (profile_photo_data) values ($1)", [Picture.png(seed: id)])
                try await shop.run(
                    "insert into organizations values ($1, $2)",
                    [Int64(id), Picture.png(seed: id, width: 40, height: 90)])
            }
            for (table, column) in [("users", "profile_photo_data"), ("organizations", "logo_data")] {
                try await shop.run(
                    "select offload.attach($1::text::regclass, $2, stores => '{media}')", [table, column])
            }
            let before = try await shop.strings(
                "select md5(profile_photo_data) from users union all select md5(logo_data) from organizations order by 1"
            )
            try await shop.work()
            try await shop.expectURLsOpen("select profile_photo_data_remote_url from users")
            try await shop.expectURLsOpen("select logo_data_remote_url from organizations")
            #expect(try await shop.count("users where profile_photo_data_remote_url is null") == 0)
            #expect(try await shop.count("organizations where logo_data_remote_url is null") == 0)
            #expect(
                try await shop.strings(
                    "select md5(profile_photo_data) from users union all select md5(logo_data) from organizations order by 1"
                )
                    == before)
            try await shop.expectNoOrphans()
        }
    }

    @Test("arrays get arrays of URLs, of the same length and positions")
    func arrays() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table parts (id int primary key, image_data bytea[], drawings text[])")
            let images = (1...3).map { Picture.png(seed: $0) }
            try await shop.run(
                "insert into parts values (1, array[$1, null, $2, $1], array[$3, null]), (2, '{}', null), (3, null, array[$4])",
                [images[0], images[1], images[2].base64, images[0].dataURI])
            try await shop.run("select offload.attach('parts', 'image_data', stores => '{media}')")
            try await shop.run("select offload.attach('parts', 'drawings', stores => '{media}')")
            try await shop.work()
            let row = try await shop.run(
                "select image_data_remote_urls, drawings_remote_urls from parts where id = 1")[0]
            let urls: [String?] = try row.value(0)
            let drawings: [String?] = try row.value(1)
            try #require(urls.count == 4 && drawings.count == 2)
            #expect(urls[0] != nil && urls[0] == urls[3] && urls[2] != nil && urls[2] != urls[0] && urls[1] == nil)
            #expect(drawings[0] != nil && drawings[1] == nil)
            #expect(
                try await shop.value("select drawings_remote_urls[1] from parts where id = 3", as: String.self)
                    == urls[0])
            #expect(try await shop.bucket.objects().count == 3)
            try await shop.expectURLsOpen(
                "select u from parts, unnest(image_data_remote_urls || drawings_remote_urls) u where u is not null")
        }
    }

    @Test("videos keep their bytes, the large ones in parts")
    func videos() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            for table in ["support_videos", "part_videos"] {
                try await shop.run("create table \(table) (id int primary key, video_data bytea)")
                try await shop.run("alter table \(table) alter column video_data set storage external")
                try await shop.run(
                    "select offload.attach($1::text::regclass, 'video_data', kind => 'video', stores => '{media}')",
                    [table])
            }
            let small = Picture.video(3 << 20, seed: 1)
            try await shop.run("insert into support_videos values (1, $1)", [small])
            // 45 MB, made by the server.
            try await shop.run(
                """
                insert into part_videos
                select 1, substr($1, 1, 64) || string_agg(decode(md5(i::text) || md5((-i)::text), 'hex'), '' order by i)
                from generate_series(1, 1400000) i
                """, [small])
            try await shop.work()
            for table in ["support_videos", "part_videos"] {
                let row = try await shop.run(
                    "select video_data_remote_url, encode(sha256(video_data), 'hex'), octet_length(video_data) from \(table)"
                )[0]
                let url: String = try row.value(0)
                let response = try await open(url)
                #expect(response[header: "content-type"] == "video/mp4")
                #expect(response.byteCount == Int(try row.value(2, as: Int32.self)))
                #expect(url.contains(try row.value(1, as: String.self)))
                #expect(url.hasSuffix(".mp4"))
            }
            try await shop.expectURLsOpen("select video_data_remote_url from part_videos")
            try await shop.expectNoOrphans()
        }
    }

    @Test("two managed columns of a row are written back together")
    func twoColumns() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table cards (id int primary key, front text, back bytea, note text)")
            try await shop.run("select offload.attach('cards', 'front', stores => '{media}')")
            try await shop.run("select offload.attach('cards', 'back', stores => '{media}')")
            try await shop.run(
                "insert into cards values (1, $1, $2), (2, null, $2), (3, $1, null)",
                [Picture.png(seed: 1).base64, Picture.png(seed: 2)])
            try await shop.work()
            let urls = try await shop.strings(
                "select concat(front_remote_url is not null, back_remote_url is not null) from cards order by id")
            #expect(urls == ["tt", "ft", "tf"])
            let version: String = try await shop.value("select xmin::text from cards where id = 1")
            try await shop.run("update cards set note = 'x' where id = 2")
            try await shop.work()
            #expect(try await shop.value("select xmin::text from cards where id = 1", as: String.self) == version)
        }
    }

    @Test("composite and odd keys find their rows again")
    func keys() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run(
                """
                create table "Odd ""Table" (
                  "Key" timestamptz, part numeric, name text, img bytea, primary key ("Key", part, name))
                """)
            try await shop.run("select offload.attach('\"Odd \"\"Table\"', 'img', stores => '{media}')")
            try await shop.run("set timezone to 'Asia/Kathmandu'")
            try await shop.run(
                """
                insert into "Odd ""Table" values
                  ('2024-03-31 02:30:00.123456+01', 1.00, 'it''s "quoted", {braces} and \\', $1),
                  ('infinity', -0.5, '', $1), ('2024-03-31 02:30:00.123456+01', 1.000, 'NULL', $1)
                """, [Picture.png(seed: 5)])
            try await shop.work(["PGTZ": "America/New_York"])
            #expect(try await shop.count("\"Odd \"\"Table\" where img_remote_url is not null") == 3)
            #expect(try await shop.bucket.objects().count == 1)
            #expect(try await shop.count("offload.failures") == 0)
        }
    }
}
