import ObjectStore
import Postgres
import Signing

/// What there is to say of stores, and what moves between them.
extension Queue {
    /// Writes down what the worker did in stores since it began.
    func noteStores(_ tallies: [StoreTally], by worker: WorkerIdentity) async throws {
        guard !tallies.isEmpty else { return }
        _ = try await pool.using { connection in
            try await connection.pipeline(
                tallies.map { tally in
                    Connection.Statement(
                        "select offload.note_store($1, $2, $3, $4, $5, $6, $7)",
                        [
                            worker.id, tally.store, tally.puts, tally.retries, tally.failures, tally.lastError,
                            tally.pause,
                        ])
                })
        }
    }

    func noteCheck(_ store: String, _ outcome: Result<Probe, StoreError>) async throws {
        _ = try await pool.using { connection in try await connection.noteCheck(store, outcome) }
    }

    /// The stores, and the names of those in use that no worker has found to answer in the last hour. What is disabled is
    /// there to be read.
    func stores() async throws -> (known: [StoreRegistry.Description], toBeChecked: Set<String>) {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select \(StoreRegistry.Description.columns), disabled_at is null and not exists (
                    select from offload.store_check c
                    where c.store = s.id and c.is_reachable and c.checked_at > now() - interval '1 hour'),
                  array(
                    select o.name from offload.store_check c, pg_catalog.jsonb_each_text(c.capabilities) o (name, can)
                    where c.store = s.id and o.can = 'true'),
                  disabled_at is not null
                from offload.store s where kind <> 'database' order by name
                """)
        }
        let count = StoreRegistry.Description.columnCount
        let known = try rows.map { row in
            var description = try StoreRegistry.Description(row)
            description.capabilities = Set(try row.value(count + 1, as: [String].self))
            description.isReadOnly = try row.value(count + 2)
            return description
        }
        let isToBeChecked: [Bool] = try rows.map { try $0.value(count) }
        return (known, Set(zip(known, isToBeChecked).filter(\.1).map(\.0.name)))
    }

    /// The names of the stores that did not answer or open when they were last tried, ten minutes ago or more.
    func storesToCheckAgain() async throws -> [String] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select s.name from offload.store s left join offload.store_check c on c.store = s.id
                where s.disabled_at is null and s.kind <> 'database' and (
                  c.store is null or (
                    c.checked_at < pg_catalog.now() - interval '10 minutes'
                    and (c.is_reachable is not true or (s.access = 'direct' and not c.opens))))
                order by s.name
                """)
        }
        return try rows.map { try $0.value(0) }
    }

    /// Looks at the next rows whose URLs are written anew; returns how many.
    func rewriteURLs(_ batch: Int32) async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query("select offload.rewrite_batch($1)", [batch]).only()
        }
    }

    /// Whether URLs of the store wait to be written anew.
    func isRewriting(_ store: String) async throws -> Bool {
        try await pool.using { connection in
            try await connection.query(
                """
                select exists (
                  select from offload.rewrite r join offload.store s on s.id = r.store
                  where s.name = $1 and r.state = 'pending')
                """, [store]
            ).only()
        }
    }

    /// A store whose objects are being moved into another.
    struct Drain: Sendable {
        var source: StoreRegistry.Description
        var target: String
        var targetKind: String
        var state: String
    }

    func drains() async throws -> [Drain] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select \(StoreRegistry.Description.columns), d.target_name, d.target_kind, d.state
                from offload.store s
                join (
                  select d.store, d.state, t.name as target_name, t.kind as target_kind
                  from offload.drain d join offload.store t on t.id = d.target
                  where d.state <> 'complete'
                ) d on d.store = s.id
                order by name
                """)
        }
        let count = StoreRegistry.Description.columnCount
        return try rows.map { row in
            Drain(
                source: try StoreRegistry.Description(row), target: try row.value(count),
                targetKind: try row.value(count + 1), state: try row.value(count + 2))
        }
    }

    struct DrainedObject: Sendable {
        var hash: [UInt8]
        var digest: SHA256Digest
        var byteCount: Int
        var mediaType: String
        var width: Int32?
        var height: Int32?
        var key: String
    }

    func drainBatch(_ store: String, after hash: [UInt8], _ batch: Int) async throws -> [DrainedObject] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select object_hash, bytes, media_type, width, height, key from offload.drain_batch($1, $2, $3)
                """, [store, hash, Int32(batch)])
        }
        return try rows.compactMap { row in
            let hash: [UInt8] = try row.value(0)
            guard let digest = SHA256Digest(bytes: hash) else { return nil }
            return DrainedObject(
                hash: hash, digest: digest, byteCount: Int(try row.value(1, as: Int64.self)),
                mediaType: try row.value(2), width: try row.value(3), height: try row.value(4), key: try row.value(5))
        }
    }

    /// Returns the drain's state; nil where another worker is at it.
    func advanceDrain(_ store: String, detail: String?) async throws -> String? {
        try await pool.using { connection in
            try await connection.query("select offload.advance_drain($1, $2)", [store, detail]).only()
        }
    }

    /// What a worker's environment says of a store.
    struct OfferedStore: Sendable {
        var name: String
        var kind: String
        var endpoint: String?
        var bucket: String?
        var region: String?
        var addressing = "auto"
        var path: String?
        var credentials: [String: String] = [:]
    }

    /// Names a store that nobody has named; returns the name under which the place is known, and what came of it.
    func offer(_ store: OfferedStore) async throws -> (name: String, outcome: String) {
        let credentials = JSON.object(
            store.credentials.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        let rows = try await pool.using { connection in
            try await connection.query(
                "select store, outcome from offload.offer_store($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb)",
                [
                    store.name, store.kind, store.endpoint, store.bucket, store.region, store.addressing, store.path,
                    credentials.description,
                ])
        }
        let (name, outcome) = try rows[0].decoded(as: (String, String).self)
        return (name, outcome)
    }
}

extension Connection {
    /// Writes down what a probe found out about a store.
    func noteCheck(_ store: String, _ outcome: Result<Probe, StoreError>) async throws(PostgresError) {
        let probe = try? outcome.get()
        var detail: String?
        if case .failure(let error) = outcome { detail = "\(error)" }
        try await query(
            "select offload.note_check($1, $2, $3, $4, $5::text::jsonb, $6, $7)",
            [
                store, probe != nil, probe?.opensURLs, detail, probe?.capabilities.description ?? "{}", probe?.put,
                probe?.clockDifference,
            ])
    }
}
