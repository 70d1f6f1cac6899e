import FoundationEssentials
import ObjectStore
import Offload
import Postgres
import Signing

/// The worker's side of the SQL protocol: each function of schema `offload` that it calls, typed, and nothing else.
struct Queue: Sendable {
    let pool: ConnectionPool
    private let recollection = Gathering<Question, Memory>()

    init(pool: ConnectionPool) { self.pool = pool }

    /// For what always takes milliseconds: a session that does not answer so long has gone silent.
    private static let patience: Duration = .seconds(10)

    struct Job: Sendable {
        var id: Int64
        var table: Int32
        /// Nil: compare the whole table with its items.
        var key: [String?]?
        var attempts: Int32
    }

    struct Claim: Sendable {
        var lease: UniqueID
        var jobs: [Job]
    }

    func claim(_ count: Int, for lease: Duration, from lowWaterMark: Int64) async throws -> Claim? {
        let rows = try await pool.using { connection in
            try await connection.query(
                "select job, lease, managed_table, key, attempts from offload.claim($1, $2, $3)",
                [Int32(count), lease, lowWaterMark], deadline: Self.patience)
        }
        var jobs: [Job] = []
        for row in rows {
            jobs.append(
                Job(id: try row.value(0), table: try row.value(2), key: try row.value(3), attempts: try row.value(4)))
        }
        guard let first = rows.first else { return nil }
        return Claim(lease: try first.value(1), jobs: jobs)
    }

    /// A managed column, as `offload.effective_column` has it.
    struct Column: Sendable {
        var id: Int32
        var table: Int32
        var relation: String
        var name: String
        var isText: Bool
        var isArray: Bool
        var kind: String
        var sourcePolicy: String
        var keepsOriginals: Bool
        var format: String
        var maxEdge: Int32
        var maxBytes: Int64
        var qualities: [Int32]
        var flatten: Bool
        /// As in HTML.
        var background: String
        var effort: String
        var acceptTruncated: Bool
    }

    func columns() async throws -> [Int32: Column] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select id, managed_table, relation::text, column_name, column_type like 'text%', column_type like '%[]', kind,
                  source_policy, coalesce(originals = 'archive', false), format, max_edge, max_bytes, qualities, flatten,
                  background, effort, accept_truncated
                from offload.effective_column
                """)
        }
        var columns: [Int32: Column] = [:]
        for row in rows {
            let column = Column(
                id: try row.value(0), table: try row.value(1), relation: try row.value(2), name: try row.value(3),
                isText: try row.value(4), isArray: try row.value(5), kind: try row.value(6),
                sourcePolicy: try row.value(7), keepsOriginals: try row.value(8), format: try row.value(9),
                maxEdge: try row.value(10), maxBytes: try row.value(11), qualities: try row.value(12),
                flatten: try row.value(13), background: try row.value(14), effort: try row.value(15),
                acceptTruncated: try row.value(16))
            columns[column.id] = column
        }
        return columns
    }

    /// A value of a claimed row, or a managed column of it without any.
    struct Fetched: Sendable {
        var job: Int64
        var column: Int32
        var position: Int32
        var elements: Int32?
        /// Nil: the row is gone.
        var version: (ctid: String, xmin: String)?
        var url: String?
        /// Nil: it is longer than was asked for, or there is none.
        var source: [UInt8]?
        /// Nil: there is no source.
        var length: Int64?
    }

    func fetch(_ lease: UniqueID, jobs: [Int64]? = nil, upTo limit: Int) async throws -> [Fetched] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select job, managed_column, position, elements, row_ctid::text, row_xmin::text, url,
                  source_text, source_bytea, source_length
                from offload.fetch_sources($1, $2, $3)
                """, [lease, jobs, Int64(limit)])
        }
        var fetched: [Fetched] = []
        for row in rows {
            let ctid: String? = try row.value(4)
            let xmin: String? = try row.value(5)
            var version: (ctid: String, xmin: String)?
            if let ctid, let xmin { version = (ctid, xmin) }
            let text: [UInt8]? = row.withBytes(7, copy)
            let bytes: [UInt8]? = row.withBytes(8, copy)
            fetched.append(
                Fetched(
                    job: try row.value(0), column: try row.value(1), position: try row.value(2),
                    elements: try row.value(3), version: version, url: try row.value(6), source: text ?? bytes,
                    length: try row.value(9)))
        }
        return fetched
    }

    /// A part of one value; empty at its end, nil when the lease is lost or the row is gone.
    func readPart(_ job: Int64, _ lease: UniqueID, column: Int32, position: Int32, after: Int64, count: Int32)
        async throws
        -> [UInt8]?
    {
        let rows = try await pool.using { connection in
            try await connection.query(
                "select offload.read_part($1, $2, $3, $4, $5, $6)", [job, lease, column, position, after, count])
        }
        return try rows.only([UInt8]?.self)
    }

    /// What is known of a value already.
    struct Memory: Sendable {
        var object: SHA256Digest?
        var refusal: String?
        var detail: String?
        /// The size of what the application wrote; nil where no object is known.
        var originBytes: Int64?
        var isPlaced: Bool
        /// The object that is wanted in the row in the place of what is there.
        var content: SHA256Digest?
        var isDataURI: Bool?
        /// Whether the source stays, whatever the policy says.
        var keepsSource: Bool
        /// Whether the source is to be archived before it goes.
        var lacksOriginal: Bool
    }

    /// Where the source is gone, the URL that stands for it is asked about.
    func recall(
        _ job: Int64, column: Int32, position: Int32, source: (hash: SHA256Digest, bytes: Int)?, url: String? = nil
    ) async throws -> Memory {
        try await recollection.answer(
            Question(
                job: job, column: column, position: position, hash: source?.hash.bytes,
                bytes: source.map { Int64($0.bytes) }, url: url), asking: recall)
    }

    private struct Question: Sendable {
        var job: Int64
        var column: Int32
        var position: Int32
        var hash: [UInt8]?
        var bytes: Int64?
        var url: String?
    }

    private func recall(_ questions: [Question]) async throws -> [Memory] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select r.object_hash, r.refusal, r.detail, r.origin_bytes, r.is_placed, r.content_hash, r.is_data_uri,
                  r.keeps_source, r.lacks_original
                from unnest($1::bigint[], $2::int[], $3::int[], $4::bytea[], $5::bigint[], $6::text[])
                  with ordinality q (job, managed_column, "position", source_hash, source_bytes, url, n)
                cross join lateral offload.recall(
                  q.job, q.managed_column, q."position", q.source_hash, q.source_bytes, q.url) r
                order by q.n
                """,
                [
                    questions.map(\.job), questions.map(\.column), questions.map(\.position), questions.map(\.hash),
                    questions.map(\.bytes), questions.map(\.url),
                ])
        }
        return try rows.map { row in
            let object: [UInt8]? = try row.value(0)
            let content: [UInt8]? = try row.value(5)
            return Memory(
                object: object.flatMap(SHA256Digest.init(bytes:)), refusal: try row.value(1), detail: try row.value(2),
                originBytes: try row.value(3), isPlaced: try row.value(4, as: Bool?.self) ?? false,
                content: content.flatMap(SHA256Digest.init(bytes:)), isDataURI: try row.value(6),
                keepsSource: try row.value(7), lacksOriginal: try row.value(8))
        }
    }

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
        try await stores(
            "offload.wanted_store($1, $3)", [column, object?.bytes, sourceBytes])
    }

    /// Where originals are archived.
    func archiveStores(for column: Int32) async throws -> [WantedStore] {
        try await stores("offload.archive_store($1)", [column, [UInt8]?.none])
    }

    private func stores(_ function: String, _ parameters: [any ParameterValue]) async throws -> [WantedStore] {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select w.store_name, w.store_kind, w.is_local, exists (
                  select from offload.replica r where r.object_hash = $2 and r.store = w.store and r.state = 'stored')
                from \(function) w order by w.is_local, w.ordinal
                """, parameters)
        }
        return try rows.decoded(as: (String, String, Bool, Bool).self).map {
            WantedStore(name: $0.0, kind: $0.1, isLocal: $0.2, holds: $0.3)
        }
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

    func announce(_ object: NewObject) async throws {
        _ = try await pool.using { connection in
            try await connection.query(
                "select offload.announce_object($1, $2, $3, $4, $5)",
                [object.hash.bytes, Int64(object.byteCount), object.mediaType, object.width, object.height])
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

    func complete(
        _ lease: UniqueID, results: String, contents: [[UInt8]]
    ) async throws -> [(job: Int64, outcome: String)] {
        let rows = try await pool.using { connection in
            try await connection.query(
                "select job, outcome from offload.complete($1, $2::text::jsonb, $3)", [lease, results, contents])
        }
        return try rows.decoded(as: (Int64, String).self).map { (job: $0.0, outcome: $0.1) }
    }

    func finish(_ jobs: [Int64], _ lease: UniqueID) async throws {
        _ = try await pool.using { connection in
            try await connection.query("select offload.finish($1, $2)", [jobs, lease])
        }
    }

    func release(_ jobs: [Int64], _ lease: UniqueID, after delay: Duration = .zero, reason: String? = nil) async throws
    {
        _ = try await pool.using { connection in
            try await connection.query("select offload.release($1, $2, $3, $4)", [jobs, lease, delay, reason])
        }
    }

    /// Returns how many are dead now.
    func fail(_ jobs: [Int64], _ lease: UniqueID, reason: String, detail: String, after delay: Duration) async throws
        -> Int64
    {
        try await pool.using { connection in
            try await connection.query(
                "select offload.fail($1, $2, $3, $4, $5)", [jobs, lease, reason, detail, delay]
            ).only()
        }
    }

    func prune(_ table: Int32, after key: [String?]?) async throws -> [String?]? {
        try await pool.using { connection in
            try await connection.query("select offload.prune($1, $2)", [table, key]).only()
        }
    }

    /// Queues the next rows of the tables that are not done yet; returns how many tables this worker found to do.
    /// Those that another worker is at are its affair.
    func backfill(batch: Int) async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query(
                """
                select count(*) from (
                  select offload.backfill(p.managed_table, $1)
                  from (
                    select b.managed_table from offload.backfill b
                    where b.state in ('pending', 'sweeping')
                      and coalesce(b.ready_at, '-infinity') <= pg_catalog.clock_timestamp()
                    for update skip locked
                  ) p
                ) b
                """, [Int32(batch)]
            ).only()
        }
    }

    /// Rings for the other workers.
    func callPeers() async throws {
        _ = try await pool.using { connection in
            try await connection.query("select offload.call_peers()", deadline: Self.patience)
        }
    }

    struct Beat: Sendable {
        /// How many jobs of others came free.
        var reaped: Int64
        /// How full the server's queue of notifications is, from 0 to 1.
        var notificationUsage: Double
    }

    /// The heartbeat, the renewal of leases and the reaping of others', in one round trip.
    func beat(
        _ worker: WorkerIdentity, _ counters: Counters, leases: [UniqueID], for lease: Duration
    ) async throws -> Beat {
        try await pool.using { connection in
            var statements = [
                Connection.Statement(
                    "select offload.heartbeat($1, $2, $3, $4, $5, $6, $7)",
                    [
                        worker.id, worker.host, Int32(worker.processID), worker.version, Int32(counters.inFlight),
                        Int64(counters.completed), Int64(counters.failed),
                    ]),
                Connection.Statement("select offload.reap(), pg_notification_queue_usage()"),
            ]
            if !leases.isEmpty {
                statements.append(
                    Connection.Statement("select offload.renew(l, $2) from unnest($1::uuid[]) l", [leases, lease]))
            }
            let answer = try await connection.pipeline(statements, deadline: Self.patience)[1][0]
            return Beat(reaped: try answer.value(0), notificationUsage: try answer.value(1))
        }
    }

    /// What a listener must know before it waits, asked over its own session: a silent one is found so.
    struct NextDue: Sendable {
        var due: Duration?
        var hasChores: Bool
        var isBellOff: Bool
    }

    static func nextDue(_ listener: Connection) async throws -> NextDue {
        let row = try await listener.query(
            "select due, has_chores, is_bell_off from offload.next_due()", deadline: .seconds(3))[0]
        return NextDue(due: try row.value(0), hasChores: try row.value(1), isBellOff: try row.value(2))
    }

    static func tryDoorbell(_ listener: Connection) async throws -> Doze.Lock {
        let answer: String = try await listener.query("select offload._try_doorbell()", deadline: .seconds(3)).only()
        return switch answer {
        case "taken": .taken
        case "listener": .heldByListener
        case "off": .off
        default: .heldByProducer
        }
    }

    /// Returns how many sweeps it began.
    func tidy() async throws -> Int64 {
        try await pool.using { connection in
            try await connection.pipeline([
                Connection.Statement("select offload.note_unreferenced()"),
                Connection.Statement("select offload.fold_counts()"),
                Connection.Statement("select offload.note_dropped()"),
                Connection.Statement("select offload.begin_sweeps()"),
            ])[3].only()
        }
    }

    /// Fills a setting that nobody has set; returns what holds.
    func offer(_ setting: String, _ value: String) async throws -> String {
        try await pool.using { connection in
            try await connection.query("select offload.offer_setting($1, $2)", [setting, value]).only()
        }
    }

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

    /// How many jobs wait for a later try.
    func waiting() async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query("select coalesce(sum(waiting), 0)::bigint from offload.queue_stats").only()
        }
    }

    /// How many jobs are ready, counted no further than is of interest to a person.
    func ready() async throws -> Int {
        try await pool.using { connection in
            try await connection.query(
                "select count(*) from (select from offload.job where lease is null and died_at is null limit 100000) j"
            ).only()
        }
    }

    func urlPrefixes() async throws -> [String] {
        let rows = try await pool.using { connection in
            try await connection.query("select prefix from offload.url_prefix")
        }
        return try rows.map { try $0.value(0) }
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

private func copy(_ bytes: Span<UInt8>?) -> [UInt8]? {
    guard let bytes else { return nil }
    var array: [UInt8] = []
    array.reserveCapacity(bytes.count)
    for index in bytes.indices { array.append(bytes[index]) }
    return array
}

// MARK: Stores that change

extension Queue {
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
