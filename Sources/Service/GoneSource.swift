import ObjectStore
import Offload
import Platform
import Postgres
import Signing

extension Batch {
    /// A value whose source was cleared: its object goes where it is wanted now, from a store that holds it, and into
    /// its row again where that is one of the places.
    func lookWithoutSource(
        _ job: Queue.Job, _ column: Queue.Column, _ url: String, _ row: [Log.Field]
    ) async throws -> ValueOutcome {
        var item = ItemResult(column: column.id, position: 0, adopted: url)
        let memory = try await workshop.queue.recall(job.id, column: column.id, position: 0, source: nil, url: url)
        guard let object = memory.object else { return .item(item) }
        if !memory.isPlaced {
            let stores = try await workshop.queue.wantedStores(
                for: column.id, sourceBytes: memory.originBytes ?? 0, object: object)
            if let obstacle = await workshop.placement.obstacle(among: stores) {
                return .putOff(obstacle, reason: "store_unavailable")
            }
            if let wait = try await copy(object, to: stores, row).putOff { return wait }
        }
        guard let content = memory.content else { return .item(item) }
        let bytes = try await workshop.queue.locate(content).first?.bytes ?? 0
        return try await workshop.memory.using(bytes * 3) {
            guard let bytes = try await workshop.placement.read(content, row) else { return Self.storeIsAway }
            item.content = column.isText ? text(for: bytes, asDataURI: memory.isDataURI ?? true) : bytes
            return .item(item)
        }
    }

    /// Small objects go through memory, large ones through a file.
    private func copy(
        _ hash: SHA256Digest, to stores: [Queue.WantedStore], _ row: [Log.Field]
    ) async throws -> Placement.Outcome {
        guard let known = try await workshop.queue.locate(hash).first else {
            return .unplaced(retryAfter: .seconds(30))
        }
        if known.bytes <= 16 << 20 {
            return try await workshop.memory.using(known.bytes * 2) {
                guard let bytes = try await workshop.placement.read(hash, row) else {
                    return .unplaced(retryAfter: .seconds(30))
                }
                let object = NewObject(
                    hash: hash, content: .bytes(bytes), mediaType: known.mediaType, width: known.width.map(Int.init),
                    height: known.height.map(Int.init))
                return try await place(object, in: stores, row)
            }
        }
        let file = try await OpenFile.temporary { try await workshop.placement.download(hash, to: $0, row) }
        guard let file else { return .unplaced(retryAfter: .seconds(30)) }
        var object = NewObject(
            hash: hash, content: .stream(count: known.bytes, next: { try file.read(4 << 20) }),
            mediaType: known.mediaType, width: known.width.map(Int.init), height: known.height.map(Int.init))
        object.rewind = { file.rewind() }
        let copy = object
        return try await workshop.memory.using(64 << 20) { try await place(copy, in: stores, row) }
    }
}

extension Placement {
    /// The bytes of an object, from the first store that gives exactly them; nil while none does.
    func read(_ hash: SHA256Digest, _ row: [Log.Field]) async throws -> [UInt8]? {
        try await reading(hash, row) { store, key, count in
            let bytes = try await store.get(key, limit: count)
            return SHA256.digest(bytes) == hash ? bytes : nil
        }
    }

    /// The same into a file. What sends it on tests the hash.
    func download(_ hash: SHA256Digest, to path: String, _ row: [Log.Field]) async throws -> Bool {
        try await reading(hash, row) { store, key, count in
            try await store.download(key, to: path).byteCount == count ? path : nil
        } != nil
    }

    private func reading<Answer: Sendable>(
        _ hash: SHA256Digest, _ row: [Log.Field],
        _ body: @Sendable (any ObjectStore, ObjectKey, Int) async throws -> Answer?
    ) async throws -> Answer? {
        for place in try await queue.locate(hash) {
            guard let (store, probe) = await registry.admitted(place.store, toRead: true) else { continue }
            do {
                let answer = try await body(store, ObjectKey(place.key), place.bytes)
                await registry.answered(place.store)
                if let answer { return answer }
                log.warning("a store holds other bytes than it should", ("store", place.store), ("object", place.key))
            } catch let error as StoreError {
                if error.kind == .cancelled {
                    if let probe { await registry.gaveUp(place.store, probe) }
                    throw CancellationError()
                }
                // What is missing or refused says nothing of the store's health.
                if error.kind == .unreachable {
                    await registry.failed(place.store, error)
                } else if let probe {
                    await registry.gaveUp(place.store, probe)
                }
                log.log(
                    .warning, "an object could not be read",
                    [("store", place.store)] + row + [("object", place.key), ("reason", "\(error)")])
            }
        }
        return nil
    }
}
