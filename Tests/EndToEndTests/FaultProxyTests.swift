import Foundation
import TestGround
import Testing

@Suite("What breaks between worker and store breaks nothing else")
struct FaultProxyTests {
    /// Four rows, two of them alike, whose sources are to be replaced and archived: three originals, and what became
    /// of them.
    private func products(_ shop: Shop) async throws -> [[UInt8]] {
        try await shop.attachProducts(", source_policy => 'replace', originals => 'archive', format => 'webp'")
        let originals = [1, 2, 3, 1].map { Picture.png(seed: $0, width: 120, height: 80) }
        for (id, image) in originals.enumerated() { try await shop.insertProduct(id + 1, image) }
        return originals
    }

    private static let objects: Int64 = 6

    /// No row without its image, no source replaced: each is as it was, or what its URL opens with.
    private func expectIntact(_ shop: Shop, _ originals: [[UInt8]]) async throws {
        for (id, original) in originals.enumerated() {
            let isIntact: Bool = try await shop.value(
                """
                select p.image = $2 and p.image_s3_url is null
                  or exists (
                    select from offload.item i
                    join offload.replica a on a.object_hash = i.original_hash and a.state = 'stored'
                    join offload.replica r on r.object_hash = i.object_hash and r.state = 'stored'
                    where i.key[1] = p.id::text and i.original_hash = sha256($3)
                      and i.object_hash = sha256(decode(p.image, 'base64')) and p.image_s3_url like '%' || r.key)
                from products p where id = $1
                """, [Int32(id + 1), original.base64, original])
            #expect(isIntact, "row \(id + 1)")
        }
        #expect(try await shop.count("products_media where image_url is null") == 0)
    }

    /// All is moved, opens, and lies in the bucket once.
    private func expectMoved(_ shop: Shop, _ originals: [[UInt8]]) async throws {
        try await expectIntact(shop, originals)
        #expect(try await shop.count("products where image_s3_url is not null") == originals.count)
        try await shop.expectURLsOpen("select image_s3_url from products")
        try await shop.expectNoOrphans()
        #expect(try await shop.bucket.objects().count == Self.objects)
        let unmatched = try await shop.count(
            "offload.replica r where r.etag is null or r.etag like '0000%' or r.state <> 'stored'")
        #expect(unmatched == 0)
    }

    private struct Stats {
        var puts, retries, failures: Int64
        var circuit: String
        var lastError: String?

        init(_ shop: Shop) async throws {
            let row = try await shop.run(
                "select puts, retries, failures, circuit, last_error from offload.store_stats where name = 'media'")[0]
            puts = try row.value(0)
            retries = try row.value(1)
            failures = try row.value(2)
            circuit = try row.value(3)
            lastError = try row.value(4)
        }
    }

    /// What happens to the first upload of each object, and whether it must be sent again.
    static let hiccups: [(fault: String, isRepeated: Bool)] = [
        ("cut", true), ("slow", false), ("delay:0.3", false), ("lost", true), ("truncate", true), ("etag", false),
        ("alter", true), ("status:500:InternalError", true), ("status:503:ServiceUnavailable", true),
        ("status:503:SlowDown:1", true), ("status:429:TooManyRequests", true),
    ]

    @Test("a fault that passes costs a second attempt at most, and no failure", arguments: hiccups)
    func hiccup(fault: String, isRepeated: Bool) async throws {
        try await Shop.open(withRelay: true) { shop in
            let originals = try await products(shop)
            try await shop.relay?.set("once-" + fault)
            let ended = try await shop.work()
            try await expectMoved(shop, originals)
            let stats = try await Stats(shop)
            #expect(stats.puts == Self.objects && stats.failures == 0, "\(stats)\n\(ended)")
            #expect(stats.circuit == "closed")
            // A kept connection that breaks before any answer is replaced below the store, which does not see it.
            let isUnseen = ["cut", "lost"].contains(fault)
            #expect(stats.retries <= (isRepeated ? Self.objects : 0), "\(stats)\n\(ended)")
            #expect(stats.retries >= (isRepeated && !isUnseen ? Self.objects : 0), "\(stats)\n\(ended)")
            let uploads = try await shop.relay?.count.uploads
            #expect(uploads.map(Int64.init) == Self.objects * (isRepeated ? 2 : 1))
        }
    }

    /// What lasts, and a word of it that the error has.
    static let outages = [
        ("closed", "connect"), ("refuse", "broke"), ("cut", "broke"), ("lost", "broke"), ("truncate", "head"),
        ("alter", "XAmzContentSHA256Mismatch"), ("status:500:InternalError", "InternalError"),
        ("status:503:SlowDown:1", "SlowDown"), ("status:403:AccessDenied", "AccessDenied"),
    ]

    @Test(
        "a fault that lasts leaves every row as it was, opens the circuit, and is got over by itself",
        arguments: outages)
    func outage(fault: String, word: String) async throws {
        try await Shop.open(withRelay: true) { shop in
            let originals = try await products(shop)
            try await shop.relay?.set(fault)
            let worker = try shop.startWorker()
            try await eventually(within: .seconds(40), "a circuit that is open: \(worker.log)") {
                try await Stats(shop).circuit != "closed"
            }
            try await expectIntact(shop, originals)
            #expect(try await shop.count("products where image_s3_url is not null") == 0)
            let troubled = try await Stats(shop)
            // A refusal would come again for every row: the first one is enough.
            #expect(troubled.failures >= (word == "AccessDenied" ? 1 : 3) && troubled.puts == 0, "\(troubled)")
            #expect(troubled.lastError?.contains(word) == true, "\(troubled)")

            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(within: .seconds(75), worker)
            let ended = try await worker.stop()
            try await expectMoved(shop, originals)
            let stats = try await Stats(shop)
            #expect(stats.puts == Self.objects && stats.circuit == "closed", "\(stats)\n\(ended)")
            #expect(try await shop.count("offload.failures") == 0)
        }
    }

    @Test("a bucket that vanishes under a worker costs no row its image, and is used again when it is back")
    func vanishingBucket() async throws {
        let bucket = Bucket(
            endpoint: try TestServers.s3, name: "vanishing-\(UUID().uuidString.lowercased())", prefix: "images/")
        try await bucket.make()
        try await Shop.open(bucket: bucket) { shop in
            try await shop.attachProducts()
            let worker = try shop.startWorker()
            try await eventually("a store that was tried") {
                try await shop.count("offload.store_stats where name = 'media' and is_reachable") == 1
            }
            try await eventually("a bucket from which the probe took its object") { try await bucket.isRemoved() }
            for id in 1...4 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await eventually(within: .seconds(40), "a circuit that is open") {
                try await Stats(shop).circuit != "closed"
            }
            #expect(try await Stats(shop).lastError?.contains("does not exist") == true)
            #expect(try await shop.count("products_media where image_url like 'data:image/png;base64,%'") == 4)

            try await bucket.make()
            try await shop.waitUntilDone(within: .seconds(75), worker)
            _ = try await worker.stop()
            try await shop.expectURLsOpen("select image_s3_url from products")
            try await shop.expectNoOrphans()
        }
    }
}

@Suite("A directory whose disk gets full")
struct FullDiskTests {
    @Test("what has room is stored whole, what has none stays in its row, and nothing is left half written")
    func fullDisk() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            let disk = scratch.path + "/disk"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            try await shop.run("select offload.add_store('disk', 'directory', path => $1)", [disk])
            try await shop.run("create table clips (id int primary key, clip bytea)")
            try await shop.run("select offload.attach('clips', 'clip', kind => 'video', stores => '{disk}')")
            // More than are under way at once.
            let clips = 30
            for id in 1...clips {
                try await shop.run(
                    "insert into clips values ($1, $2)", [Int32(id), Picture.video(600_000, seed: id)])
            }
            // 64 MiB of it are to stay free: three clips fit, and whoever asked for room beside them.
            let script = """
                mount -t tmpfs -o size=66m none "$1" && "$2" work --until-empty; echo "status $?"
                find "$1" -type f -printf 'file %s %m %P\\n'
                """
            let root = getuid() == 0 ? "-m" : "-rm"
            let ended = try await Program(
                "/usr/bin/unshare", [root, "/bin/sh", "-c", script, "sh", disk, offload],
                environment: shop.environment()
            ).end()
            let lines = ended.output.split(separator: "\n").map(String.init)
            let files = lines.filter { $0.hasPrefix("file ") }
            #expect(lines.contains("status 0"), "\(ended)")
            #expect((2..<clips).contains(files.count), "\(ended)")
            #expect(files.allSatisfy { $0.hasPrefix("file 600000 640 ") && !$0.contains(".offload-tmp") }, "\(files)")
            let stored = try await shop.count("offload.replica where state = 'stored'")
            #expect(stored == files.count)
            #expect(try await shop.count("clips where clip_remote_url is not null") == files.count)
            #expect(try await shop.count("clips where clip is not null") == clips)
            // Each of the others waits for a later try.
            let dead = try await shop.count("offload.job where died_at is not null")
            #expect(try await shop.count("offload.arrival") - dead >= clips - files.count)
            #expect(ended.error.contains("stay free"), "\(ended)")
            let row = try await shop.run(
                "select puts, failures, last_error from offload.store_stats where name = 'disk'")[0]
            #expect(try row.value(0, as: Int64.self) == Int64(files.count))
            #expect(try row.value(1, as: Int64.self) >= 1)
            #expect(try row.value(2, as: String.self).contains("no room"))
        }
    }
}
