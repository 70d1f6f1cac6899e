import ObjectStore
import Offload
import Postgres
import Signing

/// The worker's side of the SQL protocol: each function of schema `offload` that it calls, typed, and nothing else.
struct Queue: Sendable {
    let pool: ConnectionPool
    private let recollection = Gathering<Question, Memory>()
    let wishes = Gathering<Wish, [WantedStore]>()
    let announcements = Gathering<NewObject, Void>()
    let counts: TableCounts
    let log: Log

    init(pool: ConnectionPool, log: Log) {
        self.pool = pool
        self.log = log
        counts = TableCounts(pool: pool, log: log)
    }

    /// For what always takes milliseconds: a session that does not answer so long has gone silent.
    static let patience: Duration = .seconds(10)

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
        return try rows.map(fetched)
    }

    /// Fetches, and ends the jobs of rows that need nothing: nothing is fetched of these.
    func look(
        _ lease: UniqueID, jobs: [Int64], upTo limit: Int
    ) async throws -> (fetched: [Fetched], ended: Set<Int64>) {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select job, managed_column, position, elements, row_ctid::text, row_xmin::text, url,
                  source_text, source_bytea, source_length, needs_nothing
                from offload.look($1, $2, $3)
                """, [lease, jobs, Int64(limit)])
        }
        var answer: (fetched: [Fetched], ended: Set<Int64>) = ([], [])
        for row in rows {
            if try row.value(10) {
                answer.ended.insert(try row.value(0))
            } else {
                answer.fetched.append(try fetched(row))
            }
        }
        return answer
    }

    func fetched(_ row: Row) throws -> Fetched {
        let ctid: String? = try row.value(4)
        let xmin: String? = try row.value(5)
        var version: (ctid: String, xmin: String)?
        if let ctid, let xmin { version = (ctid, xmin) }
        let text: [UInt8]? = row.withBytes(7, copy)
        let bytes: [UInt8]? = row.withBytes(8, copy)
        return Fetched(
            job: try row.value(0), column: try row.value(1), position: try row.value(2),
            elements: try row.value(3), version: version, url: try row.value(6), source: text ?? bytes,
            length: try row.value(9))
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
                select object_hash, refusal, detail, origin_bytes, is_placed, content_hash, is_data_uri, keeps_source,
                  lacks_original
                from offload.recall($1, $2, $3, $4, $5, $6)
                order by n
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

    /// Returns how many were still held.
    /// - Parameter jobs: Nil: all that the lease holds.
    @discardableResult
    func release(
        _ jobs: [Int64]?, _ lease: UniqueID, after delay: Duration = .zero, reason: String? = nil
    ) async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query("select offload.release($1, $2, $3, $4)", [jobs, lease, delay, reason]).only()
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

    /// A worker that ended well is no longer listed: what is not alive then ended otherwise.
    func depart(_ worker: WorkerIdentity) async throws {
        _ = try await pool.using { connection in
            try await connection.query(
                "delete from offload.worker where id = $1", [worker.id], deadline: Self.patience)
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

    /// Fills a setting that nobody has set; returns what holds.
    func offer(_ setting: String, _ value: String) async throws -> String {
        try await pool.using { connection in
            try await connection.query("select offload.offer_setting($1, $2)", [setting, value]).only()
        }
    }

    /// How many jobs wait for a later try, those included whose time came since the last look.
    func waiting() async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query("select coalesce(sum(waiting + ready), 0)::bigint from offload.queue_stats")
                .only()
        }
    }

    /// How many jobs are ready, counted no further than is of interest to a person.
    func ready() async throws -> Int {
        try await pool.using { connection in
            try await connection.query(
                """
                select count(*) from (
                  select from only offload.arrival
                  union all
                  select from offload.job where lease is null and died_at is null
                  limit 100000) j
                """
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

private func copy(_ bytes: Span<UInt8>?) -> [UInt8]? {
    guard let bytes else { return nil }
    var array: [UInt8] = []
    array.reserveCapacity(bytes.count)
    for index in bytes.indices { array.append(bytes[index]) }
    return array
}
