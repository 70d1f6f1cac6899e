import Foundation
import HTTPTransfer
import ObjectStore
import Postgres
import Service
import TestGround
import Testing

extension Shop {
    /// The chain "Cloudinary first, then S3" for a new table `products(id, image, image_url_)`.
    ///
    /// - Parameter options: of the Cloudinary store, whose server does nothing twice here.
    func attachToCloudinary(
        _ server: CloudinaryServer, type: String = "text", settings: String = "",
        stores: String = "{cloudinary_main,media}",
        options: String = #"{"timeout": 60, "attempts": 1}"#
    ) async throws {
        try await addStore()
        try await run(
            """
            select offload.add_store('cloudinary_main', 'cloudinary', bucket => $1, endpoint => $2, public_url => $3,
              prefix => 'shop/', options => $4::text::jsonb)
            """, [CloudinaryServer.cloud, server.endpoint, server.publicURL, options])
        try await run("create table products (id int primary key, image \(type), image_s3_url varchar(500))")
        try await run(
            "select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '\(stores)' \(settings))"
        )
    }

    static let cloudinaryKeys = [
        "CLOUDINARY_API_KEY": CloudinaryServer.key, "CLOUDINARY_API_SECRET": CloudinaryServer.secret,
    ]

    /// Store and key of each copy of a row's object.
    func copies(of id: Int) async throws -> [(store: String, key: String)] {
        try await run(
            """
            select s.name, r.key
            from offload.item i
            join offload.replica r on r.object_hash = i.object_hash and r.state = 'stored'
            join offload.store s on s.id = r.store
            where i.key = array[$1] order by 1
            """, ["\(id)"]
        ).map { (store: try $0.value(0), key: try $0.value(1)) }
    }

    func source(of id: Int) async throws -> String {
        try await value("select image_source from products_media where id = $1", [Int32(id)])
    }

    func url(of id: Int) async throws -> String {
        try await value("select image_s3_url from products where id = $1", [Int32(id)])
    }

    /// No row of any table of ours, and nothing that was said, has any of these in it.
    func expectNowhere(_ secrets: [String], log: String) async throws {
        let tables = try await strings(
            """
            select c.oid::regclass::text from pg_class c
            where c.relnamespace = 'offload'::regnamespace and c.relkind in ('r', 'v') order by 1
            """)
        #expect(tables.count > 15)
        for secret in secrets {
            #expect(!log.contains(secret))
            for table in tables {
                #expect(try await count("\(table) t where position($1 in t::text) > 0", [secret]) == 0, "\(table)")
            }
        }
    }
}

@Suite("Cloudinary first, and S3 after")
struct CloudinaryTests {
    @Test("objects of each kind lie there, with what finds them again, and are deleted as what they are")
    func placed() async throws {
        let server = try CloudinaryServer()
        let secrets = [CloudinaryServer.secret, "cloudinary://\(CloudinaryServer.key):\(CloudinaryServer.secret)@shop"]
        try await Shop.open { shop in
            try await shop.attachToCloudinary(server, type: "bytea", settings: ", kind => 'file'")
            let contents = [Picture.png(seed: 1), Picture.video(100_000, seed: 2), Array("%PDF-1.7 a paper".utf8)]
            for (index, content) in contents.enumerated() {
                try await shop.run(
                    "insert into products (id, image) values ($1, $2)", [Int32(index + 1), content])
            }
            let environment = ["CLOUDINARY_URL": secrets[1]]
            let worker = try shop.startWorker(environment: environment)
            try await shop.waitUntilDone(worker)
            let command = try String(contentsOfFile: "/proc/\(worker.pid)/cmdline", encoding: .utf8)
            let ended = try await worker.stop()
            #expect(ended.error.contains("using Cloudinary for persistent storage"), "\(ended)")

            let types = ["image", "video", "raw"]
            for (index, content) in contents.enumerated() {
                let id = index + 1
                let response = try await open(try await shop.url(of: id))
                #expect(response.body == content)
                #expect(try await shop.source(of: id) == "cloudinary")
                let copies = try await shop.copies(of: id)
                #expect(copies.map(\.store) == ["cloudinary_main"])
                let asset = try #require(try await server.assets["\(types[index])/shop/\(copies[0].key)"])
                let recorded = try await shop.run(
                    """
                    select r.url, r.etag = md5($2), r.evidence, r.provider - 'version' - 'bytes' = $3::text::jsonb,
                      r.provider ->> 'version', r.provider ->> 'bytes'
                    from offload.replica r where r.key = $1
                    """,
                    [copies[0].key, content, "{\"resource_type\": \"\(types[index])\", \"type\": \"upload\"}"])
                #expect(try await recorded.first?.value(0, as: String.self) == shop.url(of: id))
                #expect(try recorded.first?.value(1, as: Bool.self) == true)
                #expect(try recorded.first?.value(2, as: String.self) == "checksum")
                #expect(try recorded.first?.value(3, as: Bool.self) == true)
                #expect(try recorded.first?.value(4, as: String.self) == "\(asset[1])")
                #expect(try recorded.first?.value(5, as: String.self) == "\(content.count)")
            }
            try await shop.expectNowhere(secrets, log: ended.error + ended.output + command)

            // Of equal bytes there is one asset, and a second pass asks for nothing.
            try await shop.run("insert into products (id, image) select 7, image from products where id = 2")
            try await shop.work(environment)
            #expect(try await shop.url(of: 7) == shop.url(of: 2))
            #expect(try await objects(server).count == 3)
            #expect(try await assets(server).values.map { $0[2] } == [1, 1, 1])

            let keys = try await (1...3).asyncMap { try await shop.copies(of: $0)[0].key }
            let left = try await deleteStoredObjects(
                keys, from: "cloudinary_main", on: shop.database, environment: environment)
            #expect(left.isEmpty)
            #expect(try await assets(server).isEmpty)
            let destroyed = try await server.deletions().filter {
                $0.parameters["public_id"]?.contains("probe") == false
            }
            #expect(
                Set(destroyed.map { "\($0.path.split(separator: "/")[2]) \($0.parameters["public_id"] ?? "")" })
                    == Set(zip(types, keys).map { "\($0) shop/\($1)" }))
        }
    }

    @Test(
        "what fails there goes to S3 in the same attempt, stays there, and is deleted there",
        arguments: ["status:500", "stall", "signature", "etag", "status:420", "status:420;Retry-After=600", "secret"])
    func failover(mode: String) async throws {
        let server = try CloudinaryServer()
        try await Shop.open { shop in
            try await shop.attachToCloudinary(
                server, options: #"{"timeout": \#(mode == "stall" ? 5 : 60), "attempts": 1}"#)
            if mode == "secret" { try await server.setSecret("changed") } else { try await server.set(mode) }
            try await shop.insertProduct(1, Picture.png(seed: 1))
            let ended = try await shop.work(Shop.cloudinaryKeys)
            // It ended with nothing that waits for another try.
            #expect(try await shop.count("offload.arrival") == 0)
            #expect(ended.error.contains("store=cloudinary_main") && ended.error.contains("S3 upload successful"))
            #expect(try await objects(server).count == 1)
            #expect(try await shop.copies(of: 1).map(\.store) == ["media"])
            #expect(try await shop.source(of: 1) == "s3")
            try await shop.expectURLsOpen("select image_s3_url from products")
            try await shop.expectNowhere([CloudinaryServer.secret], log: ended.error)

            // Cloudinary is back: what is elsewhere stays, and what is new goes to it.
            if mode == "secret" {
                try await server.setSecret(CloudinaryServer.secret)
            } else {
                try await server.set("ok")
            }
            let url = try await shop.url(of: 1)
            try await shop.run("update products set image = image")
            try await shop.run("select offload.retry()")
            try await shop.insertProduct(2, Picture.png(seed: 2))
            try await shop.work(Shop.cloudinaryKeys)
            #expect(try await shop.url(of: 1) == url)
            #expect(try await shop.copies(of: 1).map(\.store) == ["media"])
            #expect(try await shop.copies(of: 2).map(\.store) == ["cloudinary_main"])
            #expect(try await objects(server).count == 2)

            try await deleteEverywhere(shop, server)
        }
    }

    /// Each object is deleted at the provider that holds it, and nowhere else.
    private func deleteEverywhere(_ shop: Shop, _ server: CloudinaryServer) async throws {
        let environment = shop.environment(Shop.cloudinaryKeys)
        for id in 1...2 {
            for copy in try await shop.copies(of: id) {
                let left = try await deleteStoredObjects(
                    [copy.key], from: copy.store, on: shop.database, environment: environment)
                #expect(left.isEmpty)
            }
        }
        #expect(try await shop.bucket.objects().isEmpty)
        let key = try await shop.copies(of: 2)[0].key
        let destroyed = try await server.deletions().filter { $0.parameters["public_id"]?.contains("probe") == false }
        #expect(destroyed.map(\.path) == ["/v1_1/shop/image/destroy"])
        #expect(destroyed.first?.parameters["public_id"] == "shop/\(key)")
    }

    @Test(
        "a quota that is used up, and a secret that is wrong, are met once and not for each row",
        arguments: ["status:420", "secret"])
    func leftAlone(mode: String) async throws {
        let server = try CloudinaryServer()
        try await Shop.open { shop in
            try await shop.attachToCloudinary(server)
            if mode == "secret" { try await server.setSecret("changed") } else { try await server.set(mode) }
            let worker = try shop.startWorker(environment: Shop.cloudinaryKeys)
            for id in 1...6 {
                try await shop.insertProduct(id, Picture.png(seed: id))
                try await shop.waitUntilDone(worker)
            }
            let ended = try await worker.stop()
            // Once, and once more after each pause: a secret may be mended within seconds, a quota is not.
            let pauses = ended.error.split(separator: "\n").count { $0.contains("store is left alone") }
            #expect(mode == "secret" ? (1...4).contains(pauses) : pauses == 1, "\(ended)")
            #expect(try await objects(server).count == pauses, "\(ended)")
            #expect(try await shop.count("products where image_s3_url is null") == 0)
        }
    }

    @Test("with no other store rows wait, with their base64, and move by themselves")
    func alone() async throws {
        let server = try CloudinaryServer()
        try await Shop.open { shop in
            try await shop.attachToCloudinary(server, stores: "{cloudinary_main}")
            try await server.set("status:500")
            let worker = try shop.startWorker(environment: Shop.cloudinaryKeys)
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await eventually("a job that says what it waits for") {
                try await shop.count("offload.job where reason = 'store_unavailable' and lease is null") == 1
            }
            #expect(try await shop.source(of: 1) == "base64")
            try await server.set("ok")
            try await shop.run("update offload.job set ready_at = now()")
            try await shop.waitUntilDone(worker)
            #expect(try await shop.source(of: 1) == "cloudinary")
            _ = try await worker.stop()
        }
    }

    @Test("a stream that Cloudinary took and lost goes to S3 whole, in the same attempt")
    func streamedFailover() async throws {
        let server = try CloudinaryServer()
        try await Shop.open { shop in
            try await shop.attachToCloudinary(server, type: "bytea", settings: ", kind => 'video'")
            try await server.set("status:500")
            let video = Picture.video(20_000_000, seed: 3)
            try await shop.run("insert into products (id, image) values (1, $1)", [video])
            let ended = try await shop.work(Shop.cloudinaryKeys)
            #expect(try await shop.count("offload.arrival") == 0, "\(ended)")
            #expect(try await shop.copies(of: 1).map(\.store) == ["media"])
            #expect(try await open(try await shop.url(of: 1)).body == video)
        }
    }

    @Test("a video of more than 100 MB goes up in chunks, and never is whole in memory")
    func largeVideo() async throws {
        let server = try CloudinaryServer()
        try await Shop.open { shop in
            try await shop.attachToCloudinary(
                server, type: "bytea", settings: ", kind => 'video', max_bytes => 2000000000",
                options: #"{"timeout": 30}"#)
            // Made where it is stored, of pieces that differ.
            try await shop.run("alter table products alter image set storage external")
            try await shop.run(
                """
                insert into products (id, image)
                select 1, '\\x00000018667479706d703432'::bytea || string_agg(sha256(n::text::bytea) || sha256((-n)::text::bytea)
                  || repeat(to_char(n, 'FM0000000'), 142)::bytea, ''::bytea order by n)
                from generate_series(1, 95000) n
                """)
            let worker = try shop.startWorker(environment: Shop.cloudinaryKeys)
            try await shop.waitUntilDone(worker)
            let peak = try worker.memory(peak: true)
            let ended = try await worker.stop()
            let count: Int32 = try await shop.value("select length(image) from products")
            #expect(count > 100_000_000)
            #expect(try await shop.copies(of: 1).map(\.store) == ["cloudinary_main"], "\(ended)")
            #expect(try await server.uploads().filter { $0.headers["content-range"] != nil }.count == 6)
            let etag: String = try await shop.value("select r.etag from offload.replica r where r.state = 'stored'")
            #expect(try await etag == shop.value("select md5(image) from products"))
            print("a worker's peak with \(count) bytes in chunks: \(peak / 1024) MiB")
            #expect(peak < 200 * 1024)
        }
    }

    /// Without a worker's probe: where it was stopped in that, a later one removes it.
    private func assets(_ server: CloudinaryServer) async throws -> [String: [Int]] {
        try await server.assets.filter { !$0.key.contains("offload-probe-") }
    }

    /// Uploads, those of a worker's probe left out.
    private func objects(_ server: CloudinaryServer) async throws -> [CloudinaryServer.Call] {
        try await server.uploads().filter { $0.parameters["public_id"]?.contains("offload-probe-") == false }
    }
}

extension Sequence {
    fileprivate func asyncMap<Answer>(_ body: (Element) async throws -> Answer) async throws -> [Answer] {
        var answers: [Answer] = []
        for element in self { answers.append(try await body(element)) }
        return answers
    }
}
