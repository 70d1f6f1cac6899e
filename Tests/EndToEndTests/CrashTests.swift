import Foundation
import TestGround
import Testing

@Suite("A crash anywhere costs a lease, nothing more")
struct CrashTests {
    static let steps = ["claimed", "fetched", "upload-begun", "uploaded", "upload-finished", "encoded", "completed"]

    @Test("after kill -9 at any step a worker finishes everything, and nothing is lost or left over", arguments: steps)
    func killed(step: String) async throws {
        try await Shop.open { shop in
            try await shop.attachProducts(", source_policy => 'replace', originals => 'archive'")
            let originals = (1...6).map { Picture.png(seed: $0 % 4, width: 120, height: 80) }
            for (id, image) in originals.enumerated() { try await shop.insertProduct(id + 1, image) }
            try await shop.run("insert into products values (7, 'no base64'), (8, null)")

            let dying = try shop.startWorker(
                "--until-empty", "--lease", "2", environment: ["OFFLOAD_FAILPOINT": step])
            let ended = try await dying.end()
            #expect(ended.wasKilled && ended.status == SIGKILL, "\(ended)")
            // Each row reads as before or as after, and nothing between.
            #expect(try await shop.count("products_media where id < 7 and image_url is null") == 0)

            let worker = try shop.startWorker("--lease", "2")
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.count("products where id < 7 and image_s3_url is not null") == 6)
            try await shop.expectURLsOpen("select image_s3_url from products where image_s3_url is not null")
            try await shop.expectNoOrphans()
            #expect(try await shop.count("offload.replica where state <> 'stored'") == 0)
            #expect(try await shop.strings("select array_to_string(key, ',') from offload.failures") == ["7"])
            for (id, original) in originals.enumerated() {
                let archived = try await shop.count(
                    """
                    offload.item i join offload.replica r on r.object_hash = i.original_hash and r.state = 'stored'
                    join products p on p.id = $2 and p.id::text = i.key[1]
                    where i.original_hash = sha256($1) and i.object_hash = sha256(decode(p.image, 'base64'))
                    """, [original, Int32(id + 1)])
                #expect(archived == 1, "row \(id + 1)")
            }
        }
    }

    @Test("a worker that is killed in the middle of an upload leaves its rows to another")
    func killedInTheMiddle() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...5 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.relay?.set("hold")
            let dying = try shop.startWorker("--lease", "2")
            try await shop.relay?.waitUntilHeld(5)
            let other = try shop.startWorker("--lease", "2")
            dying.send(SIGKILL)
            _ = try await dying.end()
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(other)
            _ = try await other.stop()
            try await shop.expectURLsOpen("select image_s3_url from products")
            #expect(try await shop.count("products where image_s3_url is null") == 0)
            try await shop.expectNoOrphans()
        }
    }

    @Test("kill -9 of Postgres under a working worker loses nothing")
    func killedPostgres() async throws {
        try await PrivatePostgres.run { server in
            try await Shop.open(on: server) { shop in
                try await shop.attachProducts()
                for id in 1...60 { try await shop.insertProduct(id, Picture.png(seed: id)) }
                let worker = try shop.startWorker("--lease", "2")
                try await eventually("the first URLs") {
                    try await shop.count("products where image_s3_url is not null") > 0
                }
                await shop.database.close()
                try await server.restart("immediate")
                try await shop.reopened(on: server) { shop in
                    try await shop.waitUntilDone(worker)
                    _ = try await worker.stop()
                    #expect(try await shop.count("products where image_s3_url is null") == 0)
                    try await shop.expectURLsOpen("select image_s3_url from products")
                    try await shop.expectNoOrphans()
                }
            }
        }
    }
}
