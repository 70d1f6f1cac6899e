import Foundation
import Postgres
import TestGround
import Testing

@Suite("A worker among others, in its bounds")
struct WorkerTests {
    @Test("two workers share 300 rows, and nothing is done twice")
    func twoWorkers() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            try await shop.run("select offload.backfill(managed_table) from offload.backfill")
            try await shop.run("create table writes (id int)")
            try await shop.run(
                "create function note() returns trigger language plpgsql as $$ begin insert into writes values (new.id); return null; end $$"
            )
            try await shop.run("create trigger note after update on products for each row execute function note()")
            // The lease makes them tell every second what they did.
            let workers = [
                try shop.startWorker("--batch", "10", "--lease", "3"),
                try shop.startWorker("--batch", "10", "--lease", "3"),
            ]
            try await shop.waitUntilListening(2)
            // 30 images, each in ten rows: both workers meet the same bytes.
            let images = (0..<30).map { Picture.png(seed: $0).base64 }
            try await shop.run(
                "insert into products select n, ($1::text[])[1 + n % 30] from generate_series(1, 300) n", [images])
            try await shop.waitUntilDone(workers[0])
            var done: [Int] = []
            try await eventually("workers that told all that they did") {
                done = try await shop.strings("select completed::text from offload.worker").compactMap { Int($0) }
                return done.reduce(0, +) == 300
            }
            #expect(done.count == 2 && !done.contains(0), "\(done)")
            for worker in workers { #expect(try await worker.stop().status == 0) }
            #expect(try await shop.count("products where image_s3_url is null") == 0)
            #expect(try await shop.count("writes") == 300)
            #expect(try await shop.relay?.count.uploads == 30)
            try await shop.expectNoOrphans()
        }
    }

    @Test("a worker tells once what in its environment has no effect, and is listed no more when it has ended")
    func tellsMisspellings() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            let ended = try await shop.work(["S3_BUKET_NAME": "shop", "ENVIRONMENT": "production"])
            #expect(ended.error.ranges(of: "did you mean S3_BUCKET_NAME?").count == 1, "\(ended.error)")
            #expect(!ended.error.contains("names a bucket"), "its keys are for a store of the database")
            #expect(!ended.error.contains("no remote store"), "\(ended.error)")
            #expect(try await shop.count("offload.worker") == 0)
        }
    }

    @Test("SIGTERM ends a worker whose uploads hang within ten seconds, and its leases are given back")
    func stopsInTime() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...100 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.relay?.set("hold")
            // More rows than slots: the worker waits for one of its own, too.
            let worker = try shop.startWorker("--batch", "4")
            try await shop.relay?.waitUntilHeld(12)
            let start = ContinuousClock.now
            let ended = try await worker.stop(within: .seconds(10))
            print("stopped within \(ContinuousClock.now - start)")
            #expect(ended.status == 0 && !ended.wasKilled, "\(ended)")
            #expect(try await shop.count("offload.job where lease is not null") == 0)
            #expect(
                try await shop.count("offload.replica where state = 'uploading' and leased_until > clock_timestamp()")
                    == 0)
            #expect(try await shop.count("offload.job where attempts > 0") == 0)
            try await shop.relay?.set("ok")
            try await shop.work()
            #expect(try await shop.count("products where image_s3_url is null") == 0)
            try await shop.expectNoOrphans()
        }
    }

    @Test("SIGTERM lets a worker finish what can be finished")
    func finishesWhatItHas() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...5 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.relay?.set("hold")
            let worker = try shop.startWorker()
            try await shop.relay?.waitUntilHeld(5)
            worker.send(SIGTERM)
            try await eventually("word of the stop") { worker.log.contains("stopping") }
            try await shop.relay?.set("ok")
            #expect(try await worker.end(within: .seconds(10)).status == 0)
            #expect(try await shop.count("products where image_s3_url is not null") == 5)
        }
    }

    @Test("--until-empty ends with 0 when nothing is ready, and says how many rows wait")
    func untilEmpty() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            #expect(try await shop.work().output.contains("0 rows done"))
            for id in 1...3 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.relay?.set("status:403:AccessDenied")
            let waiting = try await shop.work()
            #expect(waiting.output.contains("3 wait for a later try"), "\(waiting)")
            #expect(waiting.error.contains("S3 upload failed, falling back to base64"))
        }
    }

    @Test("an idle worker asks one question in five seconds at most, and takes little memory")
    func idle() async throws {
        try await PrivatePostgres.run(options: "log_statement = all") { server in
            try await Shop.open(on: server) { shop in
                try await shop.attachProducts()
                let worker = try Program(offload, ["work"], environment: shop.environment())
                try await shop.waitUntilDozing()
                try await eventually("little memory before the first row") { try worker.memory() < 20 << 10 }
                try await shop.insertProduct(1, Picture.png(seed: 1))
                try await shop.waitUntilDone(worker)
                // It keeps what a row needed until a whole doze brought no other.
                try await eventually("little memory after it") { try worker.memory() < 20 << 10 }
                try await server.waitUntilQuiet()
                let seconds = 35
                let start = try await shop.logTime()
                let end = try await shop.logTime(in: seconds)
                // More than a whole round of what it does when nobody rings. It wakes in it, and soon falls asleep again.
                var memory: [Int] = []
                try await eventually(within: .seconds(90), "a round's end", every: .milliseconds(500)) {
                    memory.append(try worker.memory())
                    return try await shop.logTime() > end
                }
                let usual = memory.sorted()[memory.count / 2]
                let asked = server.questions(from: start, to: end)
                print("\(asked.count) questions in \(seconds) s, \(usual) kB of memory")
                #expect(asked.count <= seconds / 5 + 1, "\(asked.joined(separator: "\n"))")
                #expect(usual < 20 << 10)
                _ = try await worker.stop()
            }
        }
    }

    @Test("the memory of a worker stays within bounds while values of 1 to 60 MB pass through it")
    func boundedMemory() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table files (id int primary key, data bytea)")
            try await shop.run("alter table files alter column data set storage external")
            try await shop.run("select offload.attach('files', 'data', kind => 'file', stores => '{media}')")
            let sizes = [1, 60, 2, 5, 8, 13, 45, 20, 1, 30, 3, 34]
            for (id, megabytes) in sizes.enumerated() {
                try await shop.run(
                    """
                    insert into files
                    select $1, string_agg(decode(repeat(md5($1::text || i::text), 2048), 'hex'), '' order by i)
                    from generate_series(1, $2::int * 32) i
                    """, [Int32(id), Int32(megabytes)])
            }
            let worker = try shop.startWorker("--memory", "64")
            var peak = 0
            try await eventually(within: .seconds(120), "all files moved") {
                peak = max(peak, try worker.memory(peak: true))
                return try await shop.count("offload.arrival") == 0
            }
            print("peak \(peak >> 10) MB with 64 MB set, for \(sizes.reduce(0, +)) MB")
            // What is set, the program itself, and one value that is in nobody's budget while it is sent or received.
            #expect(peak < 224 << 10)
            _ = try await worker.stop()
            #expect(try await shop.count("files where data_remote_url is null") == 0)
            let wrong = try await shop.count(
                "files f where position(encode(sha256(f.data), 'hex') in f.data_remote_url) = 0")
            #expect(wrong == 0)
            try await shop.expectNoOrphans()
        }
    }

    @Test("an upload that takes longer than its lease keeps it, and no second worker begins it again")
    func longUpload() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            try await shop.relay?.set("hold")
            let workers = try (1...2).map { _ in try shop.startWorker("--lease", "5") }
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await eventually("an upload under way") { try await shop.relay?.count.held == 1 }
            let start = ContinuousClock.now
            try await eventually("the end of three leases", every: .milliseconds(200)) {
                ContinuousClock.now - start > .seconds(16)
            }
            #expect(try await shop.count("offload.job where lease is not null and attempts = 1") == 1)
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone()
            #expect(try await shop.relay?.count.uploads == 1)
            for worker in workers { _ = try await worker.stop() }
            try await shop.expectURLsOpen("select image_s3_url from products")
            try await shop.expectNoOrphans()
        }
    }

    @Test("a value that is read in parts and a small one of the same row arrive both")
    func partsBesideWhole() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table parts (id int primary key, film bytea, cover bytea)")
            try await shop.run("select offload.attach('parts', 'film', kind => 'video', stores => '{media}')")
            try await shop.run("select offload.attach('parts', 'cover', stores => '{media}')")
            try await shop.run(
                """
                insert into parts
                select 1, string_agg(decode(repeat(md5(i::text), 2048), 'hex'), '' order by i), $1
                from generate_series(1, 20 * 32) i
                """, [Picture.png(seed: 1)])
            let ended = try await shop.work()
            #expect(ended.output.contains("0 failed, 0 wait"), "\(ended)")
            #expect(try await shop.count("parts where film_remote_url is null or cover_remote_url is null") == 0)
            let wrong = try await shop.count(
                "parts where position(encode(sha256(film), 'hex') in film_remote_url) = 0")
            #expect(wrong == 0)
            try await shop.expectURLsOpen("select unnest(array[film_remote_url, cover_remote_url]) from parts")
            try await shop.expectNoOrphans()
        }
    }

    @Test("a row with a value in parts and one that is held passes where the memory is enough for one of them")
    func memoryIsTakenOnce() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table parts (id int primary key, cover bytea, film bytea)")
            for column in ["cover", "film"] {
                try await shop.run("select offload.attach('parts', $1, kind => 'file', stores => '{media}')", [column])
            }
            try await shop.run(
                """
                insert into parts
                select 1, decode(repeat(md5('cover'), 65536), 'hex'),
                  string_agg(decode(repeat(md5(i::text), 2048), 'hex'), '' order by i)
                from generate_series(1, 20 * 32) i
                """)
            let worker = try shop.startWorker("--memory", "64")
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.count("parts where film_remote_url is null or cover_remote_url is null") == 0)
        }
    }

    @Test("an upload that a dead worker held is waited for, and no spare store gets the object")
    func leaseOfTheDead() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.addStore()
            try await shop.addDirectory("spare", at: scratch.path)
            try await shop.run("create table papers (id int primary key, body bytea)")
            try await shop.run("select offload.attach('papers', 'body', kind => 'file', stores => '{media,spare}')")
            let decision: String = try await shop.value(
                """
                select decision
                from offload.begin_upload(sha256('paper'), 5, 'application/octet-stream', 'media', lease_for => '3 s')
                """)
            #expect(decision == "upload")
            try await shop.run("insert into papers values (1, 'paper')")
            let worker = try shop.startWorker()
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            let places = try await shop.strings(
                "select s.name || ' ' || r.state from offload.replica r join offload.store s on s.id = r.store")
            #expect(places == ["media stored"])
        }
    }

    @Test("what an upload left in a store long ago is removed when the store is opened")
    func leftovers() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.addDirectory("disk", at: scratch.path)
            let directory = scratch.path + "/.offload-tmp"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for (name, age) in [("old", 90_000.0), ("new", 80_000.0)] {
                #expect(FileManager.default.createFile(atPath: directory + "/" + name, contents: Data("part".utf8)))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: directory + "/" + name)
            }
            let worker = try shop.startWorker()
            try await eventually("the sweep") { !FileManager.default.fileExists(atPath: directory + "/old") }
            #expect(FileManager.default.fileExists(atPath: directory + "/new"))
            _ = try await worker.stop()
        }
    }

    @Test("a million rows are attached in under a second, and queued in the background while writers go on")
    func millionRows() async throws {
        try await Shop.open(alone: true) { shop in
            try await shop.addStore()
            // Its lock would be waited for.
            try await shop.run(
                "create table products (id int primary key, image text, name text) with (autovacuum_enabled = off)")
            // One row of 500 has an image, so that the test is over soon; all of them are looked at.
            try await shop.run(
                "insert into products select i, case when i % 500 = 0 then $1 end, 'n' from generate_series(1, 1000000) i",
                [Picture.png(seed: 1).base64])
            let start = ContinuousClock.now
            try await shop.run("select offload.attach('products', 'image', stores => '{media}')")
            let attached = ContinuousClock.now - start
            print("attached in \(attached)")
            #expect(attached < .seconds(1))
            let worker = try shop.startWorker()
            let writer = try await Connection.open(shop.address)
            var (slowest, writes) = (Duration.zero, 0)
            try await eventually(within: .seconds(150), "a finished backfill") {
                let begun = ContinuousClock.now
                try await writer.query("update products set name = 'm' where id = $1", [Int32(writes % 1_000_000 + 1)])
                try await writer.query("insert into products values ($1, null, 'new')", [Int32(2_000_000 + writes)])
                slowest = max(slowest, ContinuousClock.now - begun)
                writes += 1
                return try await shop.count("offload.backfill where state = 'complete'") == 1
            }
            print("backfill took \(ContinuousClock.now - start), \(writes) writes meanwhile, the slowest \(slowest)")
            #expect(slowest < .seconds(2))
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            await writer.close()
            #expect(try await shop.count("products where image is not null and image_remote_url is null") == 0)
            #expect(
                try await shop.value("select total from offload.storage_stats", as: Int64.self) == 1_000_000
                    + Int64(writes))
        }
    }

    @Test("a retry is taken when it is due, and not when the next doze ends")
    func retryIsTimely() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            let worker = try shop.startWorker()
            try await shop.waitUntilDozing()
            try await shop.relay?.set("status:403:AccessDenied")
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await eventually("a job that waits") {
                try await shop.count("offload.job where ready_at is not null") == 1
            }
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(within: .seconds(15), worker)
            _ = try await worker.stop()
        }
    }
}
