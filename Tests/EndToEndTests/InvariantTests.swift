import Foundation
import Postgres
import TestGround
import Testing

@Suite("What must always hold")
struct InvariantTests {
    // MARK: Nothing is lost

    @Test("a source that changes while its old bytes are being uploaded is not replaced by them")
    func changedSourceIsNotReplaced() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts(", source_policy => 'replace', originals => 'discard'")
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.relay?.set("hold")
            let worker = try shop.startWorker()
            try await shop.relay?.waitUntilHeld()
            let new = Picture.png(seed: 2).base64
            try await shop.run("update products set image = $1", [new])
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(worker)
            // What stands there now was made of the new bytes.
            #expect(
                try await shop.value(
                    """
                    select d.source_hash = sha256(decode($1, 'base64'))
                    from products p join offload.derivation d on d.object_hash = sha256(decode(p.image, 'base64'))
                    where d.source_hash <> d.object_hash
                    """, [new], as: Bool.self))
            try await shop.expectURLsOpen("select image_s3_url from products")
            _ = try await worker.stop()
        }
    }

    @Test("a source is replaced only by bytes that the store has answered for")
    func replacedByTheObject() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts(", source_policy => 'replace', originals => 'archive'")
            let original = Picture.png(seed: 1, width: 300, height: 200)
            try await shop.insertProduct(1, original)
            try await shop.relay?.set("cut")
            let worker = try shop.startWorker()
            try await eventually("an upload that failed for good") { worker.log.contains("S3 upload failed") }
            #expect(try await shop.value("select image from products", as: String.self) == original.base64)
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            // The row holds the object, and the untouched bytes lie in the store.
            let url: String = try await shop.value("select image_s3_url from products")
            let object = try await open(url).body
            #expect(try await shop.value("select image from products", as: String.self) == object.base64)
            let key: String = try await shop.value(
                "select r.key from offload.replica r join offload.item i on i.original_hash = r.object_hash")
            let archived = try await open("\(shop.bucket.endpoint)/\(shop.bucket.name)/\(shop.bucket.prefix)\(key)")
            #expect(archived.body == original)
            try await shop.expectNoOrphans()
        }
    }

    // MARK: Never a stale URL

    @Test("an update before the upload's end gets the new image's URL, and never the old one's")
    func updateDuringUpload() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            // Every URL that the row ever had.
            try await shop.run("create table history (url text)")
            try await shop.run(
                """
                create function remember() returns trigger language plpgsql as $$
                begin insert into history values (new.image_s3_url); return null; end $$
                """)
            try await shop.run(
                "create trigger remember after update on products for each row execute function remember()")
            let (old, new) = (Picture.png(seed: 1), Picture.png(seed: 2))
            try await shop.insertProduct(1, old)
            try await shop.relay?.set("hold")
            let worker = try shop.startWorker()
            try await shop.relay?.waitUntilHeld()
            try await shop.run("update products set image = $1", [new.base64])
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            let stale = try await shop.strings(
                """
                select h.url from history h
                join offload.replica r on h.url like '%' || r.key
                join offload.derivation d on d.object_hash = r.object_hash
                where d.source_hash = sha256($1)
                """, [old])
            #expect(stale.isEmpty)
            try await shop.expectURLsOpen("select image_s3_url from products")
            #expect(
                try await shop.value(
                    """
                    select d.source_hash = sha256($1) from products p
                    join offload.replica r on p.image_s3_url like '%' || r.key
                    join offload.derivation d on d.object_hash = r.object_hash
                    """, [new], as: Bool.self))
        }
    }

    @Test("an update that commits after the upload, but was begun before it, is not overwritten")
    func updateAroundUpload() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.relay?.set("hold")
            let worker = try shop.startWorker()
            try await shop.relay?.waitUntilHeld()
            let new = Picture.png(seed: 2)
            let writer = try await Connection.open(shop.address)
            try await writer.query("begin")
            try await writer.query("update products set image = $1", [new.base64])
            try await shop.relay?.set("ok")
            // The old bytes are there, and the worker meets the lock of a writer who is not done.
            try await eventually("the upload's end") {
                try await shop.count("offload.replica where state = 'stored'") == 1
            }
            try await eventually("a job that was put off") {
                try await shop.count("offload.job where lease is null and ready_at is not null") > 0
            }
            #expect(try await shop.count("products where image_s3_url is not null") == 0)
            try await writer.query("commit")
            await writer.close()
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(
                try await shop.value(
                    """
                    select d.source_hash = sha256($1) from products p
                    join offload.replica r on p.image_s3_url like '%' || r.key
                    join offload.derivation d on d.object_hash = r.object_hash
                    """, [new], as: Bool.self))
        }
    }

    // MARK: SQL is the API

    @Test("a rolled-back row leaves no job and no object, a deleted row's object is no longer referenced")
    func rollbackAndDelete() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            try await shop.run("begin")
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.run("savepoint s")
            try await shop.insertProduct(2, Picture.png(seed: 2))
            try await shop.run("rollback to s")
            try await shop.insertProduct(3, Picture.png(seed: 3))
            try await shop.run("commit")
            try await shop.run("begin")
            try await shop.insertProduct(4, Picture.png(seed: 4))
            try await shop.run("rollback")
            #expect(try await shop.count("offload.arrival") == 2)
            try await shop.work()
            #expect(try await shop.bucket.objects().count == 2)
            try await shop.run("delete from products where id = 1")
            try await shop.work()
            #expect(try await shop.count("offload.object where unreferenced_since is not null") == 1)
            // Kept until its retention is over.
            #expect(try await shop.bucket.objects().count == 2)
            try await shop.run("truncate products")
            try await shop.work()
            #expect(try await shop.count("offload.object where unreferenced_since is not null") == 2)
            #expect(try await shop.count("offload.item") == 0)
        }
    }

    // MARK: At least once, effects once

    @Test("the same image in many rows is uploaded once")
    func sameImage() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            let image = Picture.png(seed: 1)
            for id in 1...100 { try await shop.insertProduct(id, image) }
            try await shop.work()
            #expect(try await shop.relay?.count.uploads == 1)
            #expect(try await shop.count("products where image_s3_url is not null") == 100)
            #expect(try await shop.strings("select distinct image_s3_url from products").count == 1)
        }
    }

    @Test("an upload whose answer was lost is not a second object, and nothing of it stays behind")
    func lostAnswer() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...3 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.relay?.set("lost")
            let worker = try shop.startWorker("--lease", "2")
            try await eventually("uploads that failed for good") { worker.log.contains("S3 upload failed") }
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.bucket.objects().count == 3)
            try await shop.expectNoOrphans()
            try await shop.expectURLsOpen("select image_s3_url from products")
        }
    }

    // MARK: A notification only shortens the wait

    @Test("a row is offloaded soon after its commit, and without the doorbell a little later")
    func doorbell() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            let worker = try shop.startWorker()
            try await shop.waitUntilDozing()
            try await shop.insertProduct(1, Picture.png(seed: 1))
            // Unrung it would be found at the doze's end, ten seconds from its beginning.
            try await shop.waitUntilDone(within: .seconds(8), worker)

            try await shop.run("insert into offload.setting (name, value) values ('doorbell', 'off')")
            try await shop.run("select offload._generate(id) from offload.managed_table")
            #expect(
                try await shop.count("pg_proc where prorettype = 'trigger'::regtype and prosrc like '%pg_notify%'") == 0
            )
            try await shop.insertProduct(2, Picture.png(seed: 2))
            try await shop.waitUntilDone(within: .seconds(45), worker)
            _ = try await worker.stop()
        }
    }

    // MARK: The producer never fails

    @Test("the application writes on while the worker works on the very same rows")
    func producers() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            let images = (0..<5).map { Picture.png(seed: $0).base64 }
            for id in 1...30 {
                try await shop.run("insert into products values ($1, $2)", [Int32(id), images[id % 5]])
            }
            let worker = try shop.startWorker()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        let connection = try await Connection.open(shop.address)
                        for round in 0..<40 {
                            // In falling and rising order, several rows a transaction: the shape of deadlocks.
                            try await connection.query("begin isolation level repeatable read")
                            var ids = (0..<4).map { (writer * 7 + round * 3 + $0 * 5) % 30 + 1 }
                            ids = writer % 2 == 0 ? ids.sorted() : ids.sorted().reversed()
                            do {
                                for id in Set(ids).sorted(by: { (writer % 2 == 0) == ($0 < $1) }) where id % 4 == writer
                                {
                                    try await connection.query(
                                        "update products set image = $1 where id = $2",
                                        [images[(round + id) % 5], Int32(id)])
                                }
                                try await connection.query("commit")
                            } catch let error as PostgresError {
                                // A row that the worker wrote meanwhile: at this level Postgres itself says so, and any
                                // application at this level is ready for it. Nothing else may happen.
                                guard case .server(let error) = error, error.sqlState == "40001" else { throw error }
                                try await connection.query("rollback")
                            }
                        }
                        await connection.close()
                    }
                }
                try await group.waitForAll()
            }
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            let wrong = try await shop.count(
                """
                products p where not exists (
                  select from offload.replica r join offload.derivation d on d.object_hash = r.object_hash
                  where p.image_s3_url like '%' || r.key and d.source_hash = sha256(decode(p.image, 'base64')))
                """)
            #expect(wrong == 0)
            try await shop.expectURLsOpen("select image_s3_url from products")
            #expect(try await shop.count("offload.failures") == 0)
        }
    }

    @Test("a worker that meets a row in an application's hands writes the others, and waits for nobody")
    func meetsALock() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            try await shop.run(
                "insert into products (id, image) select i, $1 from generate_series(1, 3) i",
                [Picture.png(seed: 1).base64])
            try await shop.relay?.set("hold")
            let worker = try shop.startWorker()
            try await shop.relay?.waitUntilHeld()
            let writer = try await Connection.open(shop.address)
            try await writer.query("begin")
            try await writer.query("update products set image = $1 where id = 2", [Picture.png(seed: 2).base64])
            try await shop.relay?.set("ok")
            // The row in the middle is locked for as long as this takes.
            try await eventually("the URLs of its neighbours") {
                try await shop.count("products where id <> 2 and image_s3_url is not null") == 2
            }
            // Were their locks still held, this would be one half of a deadlock.
            try await writer.query("update products set image = $1 where id = 1", [Picture.png(seed: 3).base64])
            try await writer.query("update products set image = $1 where id = 3", [Picture.png(seed: 3).base64])
            try await writer.query("commit")
            await writer.close()
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.count("products where image_s3_url is null") == 0)
        }
    }

    // MARK: Secrets

    @Test("no secret is in a log, an error, the catalogue or the process list, after good runs and bad ones")
    func secrets() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            let role = "e2e_\(UUID().uuidString.lowercased().prefix(8))"
            try await shop.run("create role \(role) login password 'Passw0rd-of-the-database' superuser")
            let secrets = [
                TestServers.secretKey, "Passw0rd-of-the-database", "wrong-secret-0123456789abcdef",
                "tok-session-0123456789",
            ]
            var parts = try #require(URLComponents(string: shop.address))
            parts.user = role
            parts.password = secrets[1]
            let address = try #require(parts.string)
            var said: [String] = []
            var processes = ""

            try await shop.insertProduct(1, Picture.png(seed: 1))
            let worker = try shop.startWorker(environment: ["DATABASE_URL": address])
            try await shop.waitUntilDone(worker)
            for directory in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(directory) != nil {
                let line = FileManager.default.contents(atPath: "/proc/\(directory)/cmdline") ?? Data()
                let text = String(decoding: line, as: UTF8.self)
                // What else runs on this machine is not ours to judge.
                if text.hasPrefix(offload) || text.hasPrefix("postgres:") { processes += text + "\n" }
            }
            said.append("\(try await worker.stop())")
            // Bad runs: a refused signature, a store that answers rubbish, addresses that cannot be read or reached.
            try await shop.insertProduct(2, Picture.png(seed: 2))
            said.append("\(try await shop.work(["S3_SECRET_ACCESS_KEY": secrets[2], "DATABASE_URL": address]))")
            try await shop.relay?.set("status:400:RequestTimeTooSkewed")
            try await shop.insertProduct(3, Picture.png(seed: 3))
            said.append("\(try await shop.work(["AWS_SESSION_TOKEN": secrets[3], "DATABASE_URL": address]))")
            for broken in [
                address.replacing("postgresql://", with: "postgres//"),
                address.replacing("127.0.0.1:", with: "127.0.0.1:x"),
                address.replacing("127.0.0.1", with: "nowhere.invalid"),
                "host=127.0.0.1 password=\(secrets[1]) nonsense",
                address + "?no_such_option=1", "password='\(secrets[1])",
            ] {
                let ended = try await Program(
                    offload, ["work", "--until-empty"], environment: shop.environment(["DATABASE_URL": broken])
                ).end()
                #expect(
                    ended.status == 1 || ended.status == 64, "\(broken.replacing(secrets[1], with: "***")): \(ended)")
                said.append("\(ended)")
            }
            let dump = try await succeed("/usr/bin/pg_dump", "--schema=offload", "--inserts", shop.address)
            let catalogue = try await shop.strings(
                """
                select concat_ws(' ', query, application_name) from pg_stat_activity
                union all select prosrc from pg_proc where pronamespace = 'offload'::regnamespace
                union all select description from pg_description
                """)
            await #expect(throws: Never.self) { try await shop.run("drop role \(role)") }
            for secret in secrets {
                #expect(
                    !said.contains { $0.contains(secret) },
                    "\(said.first { $0.contains(secret) }?.replacing(secret, with: "***") ?? "")")
                #expect(!dump.contains(secret))
                #expect(!catalogue.contains { $0.contains(secret) })
                #expect(!processes.contains(secret))
            }
            // The search itself finds what is there.
            #expect(said.contains { $0.contains("S3 upload successful") })
            #expect(processes.contains("\(offload)\0work") && processes.contains("postgres:"))
        }
    }
}
