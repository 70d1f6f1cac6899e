import ImageCodec
import Platform

extension Batch {
    /// Makes the object of a source, unless the source is its own, and brings it where it is wanted.
    func bring(
        _ source: [UInt8], _ raw: [UInt8], _ item: ItemResult, _ memory: Queue.Memory, _ replaces: Bool,
        _ column: Queue.Column, _ row: [Log.Field]
    ) async throws -> ValueOutcome {
        var item = item
        let stores = try await workshop.queue.wantedStores(
            for: column.id, sourceBytes: memory.originBytes ?? Int64(source.count), object: memory.object)
        if let obstacle = await workshop.placement.obstacle(among: stores) {
            return .putOff(obstacle, reason: "store_unavailable")
        }
        let object: NewObject
        do {
            if memory.object == item.source {
                object = NewObject(source, mediaType: mediaType(of: source))
                item.detail = memory.detail
            } else {
                (object, item.detail) = try await optimised(source, for: column)
            }
        } catch let refusal as Refusal {
            // These say something of the moment, and nothing of the value.
            if refusal.code == .cancelled { throw CancellationError() }
            if refusal.code == .outOfMemory { return .putOff(.seconds(30), reason: nil) }
            return refuse(&item, refusal.code.rawValue, refusal.detail, row)
        }
        item.object = object.hash
        let isChanged = object.hash != item.source
        let goes = column.sourcePolicy != "keep" && !memory.keepsSource
        if isChanged, goes, column.kind == "image", column.keepsOriginals {
            if let wait = try await archive(source, for: column, row) { return wait }
        }
        if let wait = try await place(object, in: stores, row).putOff { return wait }
        if replaces, isChanged, item.content == nil, case .bytes(let bytes) = object.content {
            item.content = column.isText ? text(for: bytes, asDataURI: item.isDataURI ?? true) : bytes
        }
        return .item(item)
    }

    /// Brings the untouched bytes into a store before they go; returns how long to wait where none takes them.
    func archive(
        _ source: [UInt8], for column: Queue.Column, _ row: [Log.Field]
    ) async throws -> ValueOutcome? {
        let stores = try await workshop.queue.archiveStores(for: column.id)
        let original = NewObject(source, mediaType: mediaType(of: source))
        return try await workshop.placement.place(original, in: stores, row: row).putOff
    }

    func place(
        _ object: NewObject, in stores: [Queue.WantedStore], _ row: [Log.Field]
    ) async throws -> Placement.Outcome {
        if stores.isEmpty {
            try await workshop.queue.announce(object)
            return .placed
        }
        return try await workshop.placement.place(object, in: stores, row: row)
    }

    private func optimised(_ source: [UInt8], for column: Queue.Column) async throws -> (NewObject, note: String?) {
        guard column.kind == "image" else { return (NewObject(source, mediaType: mediaType(of: source)), nil) }
        var policy = Policy()
        policy.format = Policy.Format(rawValue: column.format) ?? .smallest
        policy.maxEdge = Int(column.maxEdge)
        policy.maxBytes = Int(column.maxBytes)
        policy.qualities = column.qualities.map(Int.init)
        policy.flatten = column.flatten
        policy.background = Policy.Color(html: column.background) ?? .white
        policy.fast = column.effort == "fast"
        policy.acceptTruncated = column.acceptTruncated
        let chosen = policy
        let optimized = try await workshop.decoding.using(decodingMemory(of: source.span, policy: chosen)) {
            try await workshop.cores.run { () throws(Refusal) in try optimize(source, policy: chosen) }
        }
        let object = NewObject(
            optimized.bytes, mediaType: optimized.mediaType.rawValue, width: optimized.width, height: optimized.height)
        return (object, optimized.note)
    }
}

extension Placement.Outcome {
    /// What it means for the value whose object it was; nil: it can be completed.
    var putOff: Batch.ValueOutcome? {
        switch self {
        case .placed, .degraded: nil
        case .busy(let delay): .putOff(delay, reason: nil)
        case .unplaced(let delay): .putOff(delay, reason: "store_unavailable")
        }
    }
}
