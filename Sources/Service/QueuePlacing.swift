import ObjectStore
import Postgres
import Signing

/// Where objects are wanted, and their way there.
extension Queue {
    struct WantedStore: Sendable {
        var name: String
        var kind: String
        var isLocal: Bool
        /// Whether it holds the object already.
        var holds: Bool
    }

    /// - Parameter object: nil: none is known yet.
    func wantedStores(
        for column: Int32, sourceBytes: Int64, object: SHA256Digest?
    ) async throws -> [WantedStore] {
        try await wishes.answer(Wish(column: column, bytes: sourceBytes, object: object?.bytes)) { wishes in
            try await stores(
                "offload.wanted_store(q.managed_column, q.source_bytes)", wishes)
        }
    }

    /// Where originals are archived.
    func archiveStores(for column: Int32) async throws -> [WantedStore] {
        try await stores("offload.archive_store(q.managed_column)", [Wish(column: column)])[0]
    }

    /// Where an item of a column is wanted.
    struct Wish: Sendable {
        var column: Int32
        var bytes: Int64?
        var object: [UInt8]?
    }

    private func stores(_ function: String, _ wishes: [Wish]) async throws -> [[WantedStore]] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                -- Each looked up by itself, whatever the planner expects: hashed, it would read all replicas.
                select q.n, w.store_name, w.store_kind, w.is_local, exists (
                  select from offload.replica r
                  where r.object_hash = q.object_hash and r.store = w.store and r.state = 'stored'
                  offset 0)
                from unnest($1::int[], $2::bigint[], $3::bytea[])
                  with ordinality q (managed_column, source_bytes, object_hash, n)
                cross join lateral \(function) w
                order by q.n, w.is_local, w.ordinal
                """, [wishes.map(\.column), wishes.map(\.bytes), wishes.map(\.object)])
        }
        var stores = Array(repeating: [WantedStore](), count: wishes.count)
        for row in rows {
            let (number, name, kind, isLocal, holds) = try row.decoded(as: (Int64, String, String, Bool, Bool).self)
            stores[Int(number) - 1].append(WantedStore(name: name, kind: kind, isLocal: isLocal, holds: holds))
        }
        return stores
    }

    /// A copy of an object in a store.
    struct Location: Sendable {
        var store: String
        var key: String
        var bytes: Int
        var mediaType: String
        var width: Int32?
        var height: Int32?
    }

    func locate(_ object: SHA256Digest) async throws -> [Location] {
        let rows = try await pool.using { connection in
            try await connection.query(
                "select store_name, key, bytes, media_type, width, height from offload.locate($1)", [object.bytes])
        }
        return try rows.decoded(as: (String, String, Int64, String, Int32?, Int32?).self).map {
            Location(store: $0.0, key: $0.1, bytes: Int($0.2), mediaType: $0.3, width: $0.4, height: $0.5)
        }
    }

    /// Objects that are wanted in no store; those that go to one are announced with their uploads.
    func announce(_ object: NewObject) async throws {
        try await announcements.answer(object) { objects in
            _ = try await pool.using { connection in
                // In one order: who announces the same objects waits for the other, and not each for each.
                try await connection.query(
                    """
                    select offload.announce_object(o.hash, o.bytes, o.media_type, o.width, o.height)
                    from (
                      select * from unnest($1::bytea[], $2::bigint[], $3::text[], $4::int[], $5::int[])
                        o (hash, bytes, media_type, width, height)
                      order by hash
                    ) o
                    """,
                    [
                        objects.map(\.hash.bytes), objects.map { Int64($0.byteCount) }, objects.map(\.mediaType),
                        objects.map(\.width), objects.map(\.height),
                    ])
            }
            return objects.map { _ in () }
        }
    }

    enum UploadDecision: Sendable {
        case upload(key: String, lease: UniqueID)
        case stored
        case busy
    }

    func beginUpload(_ object: NewObject, to store: String, for lease: Duration) async throws -> UploadDecision {
        let rows = try await pool.using { connection in
            try await connection.query(
                "select decision, key, lease from offload.begin_upload($1, $2, $3, $4, $5, $6, $7)",
                [
                    object.hash.bytes, Int64(object.byteCount), object.mediaType, store, object.width, object.height,
                    lease,
                ])
        }
        guard let row = rows.first else { return .busy }
        let decision: String = try row.value(0)
        let lease: UniqueID? = try row.value(2)
        if decision == "upload", let lease { return .upload(key: try row.value(1), lease: lease) }
        return decision == "stored" ? .stored : .busy
    }

    func finishUpload(
        _ object: NewObject, to store: String, _ lease: UniqueID, evidence: String, _ info: ObjectInfo
    ) async throws -> Bool {
        let provider = info.provider.map { facts in
            JSON.object(facts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }).description
        }
        return try await pool.using { connection in
            try await connection.query(
                "select offload.finish_upload($1, $2, $3, $4, $5, $6, $7::text::jsonb)",
                [object.hash.bytes, store, lease, evidence, info.etag, info.url, provider]
            ).only()
        }
    }

    func renewUpload(_ object: NewObject, to store: String, _ lease: UniqueID, for duration: Duration) async throws {
        _ = try await pool.using { connection in
            try await connection.query(
                "select offload.renew_upload($1, $2, $3, $4)", [object.hash.bytes, store, lease, duration])
        }
    }

    func abandonUpload(_ object: NewObject, to store: String, _ lease: UniqueID) async throws {
        _ = try await pool.using { connection in
            try await connection.query(
                "select offload.abandon_upload($1, $2, $3)", [object.hash.bytes, store, lease])
        }
    }
}
