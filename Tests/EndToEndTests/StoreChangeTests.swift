import Foundation
import Postgres
import TestGround
import Testing

@Suite("Stores that change")
struct StoreChangeTests {
    @Test("the environment offers stores once, says so, and warns where it disagrees")
    func environment() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            let s3 = [
                "S3_ENDPOINT_URL": shop.bucket.endpoint, "S3_BUCKET_NAME": shop.bucket.name,
                "S3_ADDRESSING_STYLE": "path", "STORAGE_DIR": scratch.path,
            ]
            let first = try await shop.work(s3)
            #expect(first.error.contains("the environment offers the store default_s3"), "\(first)")
            #expect(first.error.contains("using S3 for persistent storage store=default_s3"))
            #expect(first.error.contains("using local filesystem storage store=default_directory"))
            let second = try await shop.work(s3)
            #expect(!second.error.contains("offers") && !second.error.contains("disagrees"), "\(second)")
            let other = try await shop.work(s3.merging(["S3_BUCKET_NAME": "another"]) { $1 })
            #expect(other.error.contains("disagrees") && other.error.contains("environment=another"), "\(other)")
            let bucket: String = try await shop.value("select bucket from offload.store where name = 'default_s3'")
            #expect(bucket == shop.bucket.name)

            try await shop.run("create table products (id int primary key, image text)")
            try await shop.run("select offload.attach('products', 'image', stores => '{default_s3}')")
            try await shop.insertProduct(1, Picture.png(seed: 901))
            try await shop.work(s3)
            try await shop.expectURLsOpen("select image_remote_url from products")
            let key: String = try await shop.value("select key from offload.replica")
            try await shop.run("delete from offload.replica")
            _ = try await shop.command("store", "rm", "default_s3", key)
        }
    }

    @Test("URLs are written anew after a kill in the middle, and foreign ones never")
    func rewriteAfterKill() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            try await shop.insertProduct(0, Picture.png(seed: 1))
            try await shop.work()
            // Thousands of rows of the one object.
            try await shop.run(
                """
                insert into products (id, image) select n, (select image from products where id = 0)
                from generate_series(1, 3000) n
                """)
            try await shop.run("insert into products values (-1, null, 'https://elsewhere.example/x.png')")
            try await shop.work()
            try await shop.run("select offload.configure_store('media', public_url => 'https://cdn.example')")
            try await shop.run("select offload.rewrite_urls('media')")
            // A row that somebody holds is waited for: the worker cannot be done before it is killed.
            let holder = try await Connection.open(shop.address)
            try await holder.query("begin")
            try await holder.query("select from products where id = 3000 for update")
            let worker = try shop.startWorker()
            let written = "products where image_s3_url like 'https://cdn.example/%'"
            try await eventually("a batch", every: .milliseconds(2)) { try await shop.count(written) > 0 }
            worker.send(SIGKILL)
            #expect(try await worker.end().wasKilled)
            try await eventually("the end of its session") {
                // Of this database: other tests have workers on the same server.
                try await shop.count(
                    "pg_stat_activity where application_name = 'offload work' and datname = current_database()") == 0
            }
            let before = try await shop.count(written)
            // The first batch has the foreign one.
            #expect(before % 500 == 499 || before == 3000, "whole batches: \(before)")
            await holder.close()
            try await shop.work()
            #expect(try await shop.count(written) == 3001)
            #expect(try await shop.count("products where image_s3_url = 'https://elsewhere.example/x.png'") == 1)
            #expect(try await shop.count("offload.store_progress where state = 'complete' and done = 3001") == 1)
            #expect(try await shop.count("offload.arrival") == 0)
        }
    }

    @Test("a drained store gives every object to the other, and can be dropped")
    func drain() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.attachProducts()
            for id in 1...12 { try await shop.insertProduct(Int(id), Picture.png(seed: 100 + id)) }
            try await shop.run("create table films (id int primary key, film bytea)")
            try await shop.run("select offload.attach('films', 'film', kind => 'video', stores => '{media}')")
            try await shop.run("insert into films values (1, $1)", [Picture.video(9_000_000, seed: 4)])
            try await shop.work()
            #expect(try await shop.bucket.objects().count == 13)

            let root = scratch.path + "/root"
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            try await shop.addDirectory("disk", at: root)
            try await shop.run("select offload.drain_store('media', target => 'disk')")
            try await shop.insertProduct(13, Picture.png(seed: 200))
            let worker = try shop.startWorker()
            try await eventually("the end of the drain") {
                try await shop.count("offload.store_progress where work = 'drain' and state = 'complete'") == 1
            }
            // The database knows it before the log does.
            try await eventually("word of it") { worker.log.contains("store is drained store=media") }
            _ = try await worker.stop()
            #expect(try await shop.count("products where image_s3_url like 'file://\(root)/%'") == 13)
            for path in try await shop.strings("select substr(film_remote_url, 8) from films") {
                let bytes = try #require(FileManager.default.contents(atPath: path))
                #expect([UInt8](bytes) == Picture.video(9_000_000, seed: 4))
            }
            #expect(
                try await shop.count("offload.replica r join offload.store s on s.id = r.store where s.name = 'media'")
                    == 0)
            #expect(try await shop.bucket.objects().count == 13, "bytes are left to the bucket's owner")
            try await shop.run("select offload.drop_store('media')")
        }
    }

    @Test("a drain goes on after its worker was killed in an upload, and copies nothing twice")
    func drainAfterKill() async throws {
        try await Shop.open(withRelay: true) { shop in
            let scratch = try Scratch()
            let root = scratch.path + "/root"
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            try await shop.addDirectory("disk", at: root)
            try await shop.addStore()
            try await shop.run("create table products (id int primary key, image text, image_s3_url text)")
            try await shop.run(
                "select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{disk}')")
            for id in 1...8 { try await shop.insertProduct(id, Picture.png(seed: 300 + id)) }
            try await shop.work()
            let relay = try #require(shop.relay)
            try await relay.set("hold")
            try await shop.run("select offload.drain_store('disk', target => 'media')")
            let worker = try shop.startWorker("--lease", "2")
            try await relay.waitUntilHeld()
            worker.send(SIGKILL)
            _ = try await worker.end()
            try await relay.set("ok")
            let next = try shop.startWorker("--lease", "2")
            try await eventually("the end of the drain") {
                try await shop.count("offload.store_progress where work = 'drain' and state = 'complete'") == 1
            }
            _ = try await next.stop()
            try await shop.expectURLsOpen("select image_s3_url from products")
            #expect(try await shop.count("products where image_s3_url like 'http://%'") == 8)
            #expect(try await shop.bucket.objects().count == 8)
            try await shop.run("select offload.drop_store('disk')")
        }
    }

    @Test("what the drained store no longer has is told, and the store that takes the rest is not blamed")
    func drainOfWhatIsMissing() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.addDirectory("disk", at: scratch.path)
            try await shop.addStore()
            try await shop.run("create table files (id int primary key, body bytea)")
            try await shop.run("select offload.attach('files', 'body', kind => 'file', stores => '{disk}')")
            // Beyond what a drain takes through memory, too.
            try await shop.run(
                "insert into files select n, decode(repeat(md5(n::text), n * 65536), 'hex') from generate_series(1, 5) n"
            )
            try await shop.work()
            let keys = try await shop.strings("select key from offload.replica order by key")
            #expect(keys.count == 5)
            let lost = try await shop.strings(
                "select key from offload.replica r join files f on sha256(f.body) = r.object_hash where f.id in (1, 5)")
            for key in lost { try FileManager.default.removeItem(atPath: scratch.path + "/" + key) }
            try await shop.run("select offload.drain_store('disk', target => 'media')")
            let worker = try shop.startWorker()
            try await eventually("the others\n\(worker.log)") {
                try await shop.count(
                    "offload.replica r join offload.store s on s.id = r.store where s.name = 'media' and state = 'stored'"
                )
                    == 3
            }
            try await eventually("what failed") { worker.log.contains("an object was not moved") }
            _ = try await worker.stop()
            #expect(try await shop.count("offload.store_stats where name = 'media' and failures > 0") == 0)
            #expect(try await shop.count("offload.store_stats where name = 'media' and puts = 3") == 1)
        }
    }

    @Test("a worker removes uploads in parts that were cut short a day ago, each day, and no younger ones")
    func sweptUploads() async throws {
        try await Shop.open(withRelay: true) { shop in
            let scratch = try Scratch()
            try await shop.addStore()
            try await succeed("/usr/bin/truncate", "-s", "70M", scratch.path + "/file")
            let relay = try #require(shop.relay)
            try await relay.set("hold")
            let key = "uploads/\(String(repeating: "a", count: 64)).mp4"
            let program = try Program(
                offload, ["store", "put", "media", key, scratch.path + "/file"], environment: shop.environment())
            try await relay.waitUntilHeld()
            program.send(SIGKILL)
            #expect(try await program.end().wasKilled)
            try await relay.set("ok")
            #expect(try await shop.bucket.unfinishedUploads() == 1)
            // It opens the store, and looks.
            let ended = try await shop.work()
            #expect(ended.error.contains("store answers store=media"), "\(ended)")
            #expect(try await shop.bucket.unfinishedUploads() == 1, "somebody may be at it still")

            let worker = try shop.startWorker(environment: ["OFFLOAD_SWEEP_SECONDS": "1"])
            func removals() -> Int {
                worker.log.components(separatedBy: "that were cut short are removed store=media count=1").count - 1
            }
            try await eventually("word of the first") { removals() > 0 }
            #expect(try await shop.bucket.unfinishedUploads() == 0)
            // The sweep at the opening and the first of each day's may meet the same one.
            let before = removals()
            try await shop.bucket.beginUpload("uploads/b.mp4")
            try await eventually("the next is removed") { try await shop.bucket.unfinishedUploads() == 0 }
            try await eventually("word of the next") { removals() > before }
            #expect(try await worker.stop().status == 0)
            #expect(try await shop.bucket.objects().isEmpty)
        }
    }

    @Test("what a disabled store holds comes back into its row, and nothing new goes there")
    func disabledIsRead() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table files (id int primary key, body bytea)")
            try await shop.run(
                """
                select offload.attach('files', 'body', kind => 'file', strategy => 's3_primary', stores => '{media}',
                  source_policy => 'clear', grace => '0')
                """)
            try await shop.run("insert into files values (1, 'paper')")
            let worker = try shop.startWorker()
            try await eventually("a URL that opens") {
                try await shop.count("offload.store_check where opens") == 1
            }
            try await shop.run("select offload.configure('files', 'body')")
            try await eventually("an empty row\n\(worker.log)") {
                try await shop.count("files where body is null and body_remote_url is not null") == 1
            }
            try await shop.waitUntilDone(worker)
            try await shop.run("select offload.disable_store('media')")
            try await shop.run("insert into files values (2, 'scissors')")
            try await shop.run(
                "select offload.configure('files', 'body', strategy => 'local_primary', source_policy => 'keep')")
            try await eventually("the source\n\(worker.log)") {
                try await shop.count("files where id = 1 and body = 'paper'") == 1
            }
            _ = try await worker.stop()
            #expect(try await shop.count("offload.replica") == 1)
        }
    }
}

extension Program {
    /// In kilobytes; nil once it has ended.
    fileprivate var peakMemory: Int? {
        let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) }
    }
}

@Suite("Large objects", .serialized)
struct LargeObjectTests {
    @Test("a file of 1 GiB goes up in parts in less than 100 MB")
    func gibibyteFile() async throws {
        try await Shop.open(alone: true) { shop in
            let scratch = try Scratch()
            try await shop.addStore()
            let path = scratch.path + "/file"
            try await succeed("/usr/bin/truncate", "-s", "1G", path)
            let program = try Program(
                offload, ["store", "put", "media", "large", path], environment: shop.environment())
            var peak = 0
            while program.isRunning {
                peak = max(peak, program.peakMemory ?? 0)
                try await Task.sleep(for: .milliseconds(20))
            }
            let ended = try await program.end()
            #expect(ended.status == 0, "\(ended)")
            let head = try await shop.command("store", "head", "media", "large")
            #expect(head.output.contains("bytes     1073741824\n") && head.output.contains("-"), "\(head)")
            #expect(peak > 0 && peak < 100_000, "\(peak) kB")
            _ = try await shop.command("store", "rm", "media", "large")
        }
    }

    @Test("a drain of large objects stays within the worker's memory, and leaves the old store's bytes")
    func drainOfLargeObjects() async throws {
        try await Shop.open(alone: true) { shop in
            let scratch = try Scratch()
            try await shop.addDirectory("disk", at: scratch.path)
            try await shop.addStore()
            try await shop.run("create table files (id int primary key, body bytea)")
            try await shop.run("alter table files alter body set storage external")
            try await shop.run("select offload.attach('files', 'body', kind => 'file', stores => '{disk}')")
            // On both sides of what goes up in parts.
            for (id, megabytes) in [60, 60, 60, 90, 90].enumerated() {
                try await shop.run(
                    """
                    insert into files
                    select $1, convert_to(repeat(md5($1::text), $2 * 32768), 'UTF8')
                    """, [Int32(id), Int32(megabytes)])
            }
            try await shop.work()
            let files = try await shop.strings("select key from offload.replica order by key")
            #expect(files.count == 5)
            try await shop.run("select offload.drain_store('disk', target => 'media')")
            let worker = try shop.startWorker("--memory", "64")
            try await eventually(within: .seconds(120), "the end of the drain\n\(worker.log)") {
                try await shop.count("offload.store_progress where work = 'drain' and state = 'complete'") == 1
            }
            let peak = try worker.memory(peak: true)
            _ = try await worker.stop()
            print("peak \(peak >> 10) MB with 64 MB set, for a drain of 360 MB")
            // What is set, the program itself, and the parts of one object.
            #expect(peak < 160 << 10)
            #expect(try await shop.bucket.objects().values.sorted() == [60, 60, 60, 90, 90].map { $0 << 20 })
            for key in files {
                let size = try FileManager.default.attributesOfItem(atPath: scratch.path + "/" + key)[.size] as? Int
                #expect(try #require(size) >= 60 << 20, "\(key)")
            }
            let keys = try await shop.strings("select key from offload.replica")
            try await shop.run("delete from offload.replica")
            for key in keys { _ = try await shop.command("store", "rm", "media", key) }
        }
    }

    @Test("a value of 900 MB goes from its row to S3 in less than 250 MB")
    func largeRow() async throws {
        try await Shop.open(alone: true) { shop in
            try await shop.addStore()
            try await shop.run("create table files (id int primary key, body bytea)")
            try await shop.run("alter table files alter body set storage external")
            try await shop.run("select offload.attach('files', 'body', kind => 'file', stores => '{media}')")
            try await shop.run(
                "insert into files values (1, convert_to(repeat(md5('pg_offload'), 28125000), 'UTF8'))")
            let worker = try shop.startWorker()
            try await shop.waitUntilDone(within: .seconds(120), worker)
            let peak = try worker.memory(peak: true)
            _ = try await worker.stop()
            #expect(peak < 250_000, "\(peak) kB")
            #expect(try await shop.bucket.objects().values.sorted() == [900_000_000])
            let isWhole: Bool = try await shop.value(
                "select r.key like '%' || encode(sha256(f.body), 'hex') || '%' from offload.replica r, files f")
            #expect(isWhole)
            let key: String = try await shop.value("select key from offload.replica")
            try await shop.run("delete from offload.replica")
            _ = try await shop.command("store", "rm", "media", key)
        }
    }
}
