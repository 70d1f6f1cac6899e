import Foundation
import ObjectStore
import Postgres
import Signing
import TestGround
import Testing

@testable import Service

@Suite("Bringing objects to stores")
struct PlacementTests {
    @Test("who waits for the upload of a batch that is ended then uploads itself")
    func endedUnderTheOther() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            let root = FileManager.default.temporaryDirectory.appending(path: fresh.name).path
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: root) }
            try await fresh.run("select offload.add_store('disk', 'directory', path => '\(root)')")
            let pool = ConnectionPool(fresh.url, settings: Connection.Settings(), limit: 3)
            let log = Log(write: { _ in })
            let queue = Queue(pool: pool, log: log)
            let registry = StoreRegistry(environment: [:], log: log)
            _ = await registry.update(try await queue.stores().known)
            let placement = Placement(
                queue: queue, registry: registry, uploads: Allowance(2), lease: .seconds(60), log: log)
            let stores = [Queue.WantedStore(name: "disk", kind: "directory", isLocal: false, holds: false)]

            let bytes = Array("paper".utf8)
            let (begun, begin) = AsyncStream<Void>.makeStream()
            let hanging = NewObject(
                hash: SHA256.digest(bytes),
                content: .stream(count: bytes.count) {
                    begin.yield()
                    try await Task.sleep(for: .seconds(60))
                    return bytes
                }, mediaType: "text/plain")
            let first = Task { try await placement.place(hanging, in: stores, row: []) }
            for await _ in begun { break }
            let second = Task {
                try await placement.place(NewObject(bytes, mediaType: "text/plain"), in: stores, row: [])
            }
            // The actor takes calls in their order: once these are answered, the second waits for the first.
            for _ in 1...100 { _ = await placement.obstacle(among: []) }
            first.cancel()
            await #expect(throws: CancellationError.self) { _ = try await first.value }
            #expect(try await second.value == .placed)
            await pool.close()
        }
    }
}
