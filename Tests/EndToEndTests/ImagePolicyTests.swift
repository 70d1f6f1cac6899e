import Foundation
import TestGround
import Testing

@Suite("What a column says of its images")
struct ImagePolicyTests {
    @Test("effort, background and accept_truncated reach the picture, and each change makes it anew")
    func settings() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts(", format => 'webp'")
            let photo = try Data(
                contentsOf: URL(filePath: TestServers.project + "/Tests/Fixtures/images/jpeg_scaled.jpg"))
            let pictures: [[UInt8]] = [
                Array(photo), Picture.onTransparent([0, 0, 200]), Array(photo.prefix(photo.count * 2 / 3)),
            ]
            for (index, picture) in pictures.enumerated() { try await shop.insertProduct(index + 1, picture) }
            try await shop.work()
            try await expect(shop, pictures[0], [], row: 1)
            try await expect(shop, pictures[1], [], row: 2)
            #expect(try await shop.count("products where image_s3_url is not null") == 2)
            #expect(try await shop.strings("select key[1] from offload.failures") == ["3"])

            try await shop.run("select offload.configure('products', 'image', effort => 'fast')")
            try await shop.work()
            try await expect(shop, pictures[0], ["--fast"], row: 1)
            try await shop.run(
                "select offload.configure('products', 'image', effort => 'best', background => '#ff8000')")
            try await shop.work()
            try await expect(shop, pictures[0], [], row: 1)
            try await expect(shop, pictures[1], ["--background", "#ff8000"], row: 2)
            try await shop.run("select offload.configure('products', 'image', accept_truncated => true)")
            try await shop.work()
            try await expect(shop, pictures[2], ["--accept-truncated"], row: 3)
            #expect(try await shop.count("offload.failures") == 0)
            let notes = try await shop.strings("select note from offload.notes where key = '{3}'")
            #expect(notes.count == 1 && notes.first?.contains("the file is damaged") == true, "\(notes)")
            // Each was made once under each of its settings.
            let made = try await shop.strings("select count(*)::text from offload.derivation group by source_hash")
            #expect(Set(made) == ["4"], "\(made)")
        }
    }

    @Test("a graphic that is white on transparent keeps its transparency, and its row says so")
    func note() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts(", format => 'webp'")
            try await shop.insertProduct(1, Picture.onTransparent([255, 255, 255]))
            try await shop.insertProduct(2, Picture.onTransparent([200, 0, 0]))
            try await shop.work()
            try await shop.insertProduct(3, Picture.onTransparent([255, 255, 255]))
            try await shop.work()
            let notes = try await shop.strings(
                "select key[1] || ' ' || column_name || ': ' || note from offload.notes order by key")
            let text = "image: transparency is kept: on its background the picture would be nearly blank"
            #expect(notes == ["1 " + text, "3 " + text])
        }
    }

    /// The row's object is what `offload optimize` makes of the same picture with these options.
    private func expect(_ shop: Shop, _ picture: [UInt8], _ options: [String], row: Int) async throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "picture-\(UUID())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let source = scratch.appending(path: "source").path
        try Data(picture).write(to: URL(filePath: source))
        let ended = try await Program(
            offload, ["optimize", source, "--output", scratch.path + "/out", "--format", "webp"] + options,
            environment: [:]
        ).end(within: .seconds(60))
        try #require(ended.status == 0, "\(ended)")
        let expected = try Data(contentsOf: scratch.appending(path: "out/source.webp"))
        let hash: String = try await shop.value("select encode(sha256($1), 'hex')", [Array(expected)])
        let url: String = try await shop.value("select image_s3_url from products where id = $1", [Int32(row)])
        #expect(url.contains(hash), "row \(row) with \(options)")
    }
}
