import Foundation
import TestGround
import Testing

@Suite("When a server is away")
struct OutageTests {
    @Test("while S3 is down rows answer with base64, and the move happens by itself when it is up")
    func s3Down() async throws {
        try await PrivateS3.run { server in
            let bucket = Bucket(endpoint: server.endpoint, name: "shop", prefix: "images/")
            try await bucket.make()
            try await Shop.open(bucket: bucket) { shop in
                try await shop.attachProducts()
                let worker = try shop.startWorker()
                try await shop.insertProduct(1, Picture.png(seed: 1))
                try await shop.waitUntilDone(worker)
                try await server.stop()

                for id in 2...6 { try await shop.insertProduct(id, Picture.png(seed: id)) }
                try await eventually("the log's word of it") {
                    worker.log.contains("S3 upload failed, falling back to base64")
                }
                #expect(
                    try await shop.strings("select distinct image_source from products_media where id > 1") == [
                        "base64"
                    ])
                #expect(
                    try await shop.count(
                        "products_media where id > 1 and image_url not like 'data:image/png;base64,%'") == 0)
                try await eventually("jobs that say what they wait for") {
                    try await shop.count("offload.job where reason = 'store_unavailable' and lease is null") == 5
                }
                try await shop.insertProduct(7, Picture.png(seed: 7))
                #expect(try await shop.count("offload.failures where is_dead or reason <> 'store_unavailable'") == 0)

                try await server.start()
                let up = ContinuousClock.now
                try await shop.waitUntilDone(within: .seconds(75), worker)
                print("moved \(ContinuousClock.now - up) after the store was up")
                try await shop.expectURLsOpen("select image_s3_url from products")
                try await shop.expectNoOrphans()
                let lines = try await worker.stop().error.split(separator: "\n")
                #expect(lines.count < 60, "\(lines.count) lines")
                #expect(lines.contains { $0.contains("store is back") || $0.contains("S3 upload successful") })
            }
        }
    }

    @Test("503, cut and delayed uploads are tried again", arguments: ["status:503:SlowDown", "cut", "delay:1.5"])
    func troubledUploads(mode: String) async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...4 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            try await shop.relay?.set(mode)
            let worker = try shop.startWorker()
            try await eventually("uploads in trouble") {
                let isDelayed = mode.hasPrefix("delay")
                let uploads = try await shop.relay?.count.uploads ?? 0
                return uploads >= 4 && (isDelayed || worker.log.contains("S3 upload failed, falling back to base64"))
            }
            try await shop.relay?.set("ok")
            try await shop.waitUntilDone(within: .seconds(75), worker)
            _ = try await worker.stop()
            try await shop.expectURLsOpen("select image_s3_url from products")
            try await shop.expectNoOrphans()
        }
    }

    @Test("a worker goes on by itself when Postgres was restarted, and does not fill the log meanwhile")
    func postgresRestarted() async throws {
        try await PrivatePostgres.run { server in
            try await Shop.open(on: server) { shop in
                try await shop.attachProducts()
                let worker = try shop.startWorker()
                try await shop.insertProduct(1, Picture.png(seed: 1))
                try await shop.waitUntilDone(worker)
                try await shop.waitUntilDozing()
                await shop.database.close()
                let before = worker.logLines.count
                let start = ContinuousClock.now
                try await server.stop("fast")
                try await eventually("word of the lost session") { worker.logLines.count > before }
                try await server.start()
                let up = ContinuousClock.now
                try await shop.reopened(on: server) { shop in
                    try await shop.insertProduct(2, Picture.png(seed: 2))
                    try await shop.waitUntilDone(within: .seconds(20), worker)
                    print("worked again \(ContinuousClock.now - up) after Postgres was up")
                    let seconds = Int((ContinuousClock.now - start).components.seconds) + 1
                    let complaints = worker.logLines.dropFirst(before).filter {
                        $0.contains("warning") || $0.contains("error")
                    }
                    #expect(complaints.count <= seconds + 1, "\(complaints.joined(separator: "\n"))")
                    try await shop.expectURLsOpen("select image_s3_url from products")
                }
                let ended = try await worker.stop()
                #expect(ended.status == 0)
            }
        }
    }
}
