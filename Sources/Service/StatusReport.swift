package import Postgres

/// What is going on in one database: columns, queue, workers, stores, failures.
package struct StatusReport: Sendable {
    package struct Column: Sendable {
        package var relation: String
        package var column: String
        package var total: Int
        package var withS3: Int
        package var withBase64: Int
        package var withBoth: Int
        package var withNeither: Int
        package var coverage: String
        package var bytesInRows: Int
        package var bytesInStores: Int
        package var bytesSaved: Int
        package var backfill: String?
        /// How far the backfill or the sweep is; nil: nobody knows how much there is.
        package var backfillPercent: Int?
        package var isLookedThrough: Bool { backfill != "pending" && backfill != "sweeping" }
        /// Nil: the older rows are not counted yet.
        package var secondsSinceCounted: Int?
    }

    package struct Queue: Sendable {
        package var relation: String
        package var ready: Int
        package var waiting: Int
        package var leased: Int
        package var dead: Int
        package var secondsOfOldest: Int?
        package var secondsUntilNext: Int?
        package var backfill: String?
        package var backfillQueued: Int
        package var paused: Int
        package var pausedColumns: [String]
    }

    package struct Worker: Sendable {
        package var host: String
        package var processID: Int
        package var version: String
        package var secondsSinceSeen: Int
        package var secondsSinceStarted: Int
        package var isAlive: Bool
        package var inFlight: Int
        package var completed: Int
        package var failed: Int
        /// Between its last two heartbeats.
        package var completedPerSecond: Double?
    }

    package struct Store: Sendable {
        package var name: String
        package var kind: String
        package var access: String
        package var urlPrefix: String?
        package var isDisabled: Bool
        package var objects: Int
        package var bytes: Int
        package var uploading: Int
        package var secondsSinceChecked: Int?
        package var isReachable: Bool?
        package var opens: Bool?
        package var detail: String?
    }

    package struct Failure: Sendable {
        package var relation: String
        package var key: [String]
        package var column: String?
        package var position: Int?
        package var reason: String?
        package var detail: String?
        package var remedy: String?
        package var isDead: Bool
        package var secondsAgo: Int?
    }

    package struct Failures: Sendable {
        package var total: Int
        package var byReason: [(reason: String, count: Int)]
        /// The newest.
        package var newest: [Failure]
    }

    package var address: String
    package var database: String
    package var role: String
    package var serverVersion: Int
    /// How full the server's queue of notifications is, from 0 to 1. Whatever database it is, and managed or not.
    package var notificationUsage: Double
    package var installation: Installation
    package var columns: [Column]
    package var queue: [Queue]
    package var workers: [Worker]
    package var stores: [Store]
    /// Nil: this role may not see keys.
    package var failures: Failures?

    package static func read(_ connection: Connection, failures limit: Int = 5) async throws(Problem) -> StatusReport {
        let installation = try await Installation.require(connection)
        return try await explained {
            // One snapshot, so that the parts agree.
            try await connection.transaction("begin isolation level repeatable read read only") { transaction in
                try await read(
                    transaction, installation, address: await connection.address,
                    serverVersion: await connection.serverVersion, failures: limit)
            }
        }
    }

    private static func read(
        _ transaction: Transaction, _ installation: Installation, address: String, serverVersion: Int,
        failures limit: Int
    ) async throws -> StatusReport {
        let (database, role, usage, mayRead, mayReadFailures) = try await transaction.query(
            """
            select pg_catalog.current_database()::text, current_user::text, pg_catalog.pg_notification_queue_usage(),
              pg_catalog.has_table_privilege('offload.storage_stats', 'select')
              and pg_catalog.has_table_privilege('offload.queue_stats', 'select')
              and pg_catalog.has_table_privilege('offload.worker_stats', 'select')
              and pg_catalog.has_table_privilege('offload.store_stats', 'select'),
              pg_catalog.has_table_privilege('offload.failures', 'select')
            """
        ).decoded(as: (String, String, Double, Bool, Bool).self)[0]
        guard mayRead else {
            throw Problem(
                "role \(role) may not read the statistics of pg_offload",
                hint: "Have \(installation.owner) run: select offload.grant_role('analyst', '\(role)');")
        }
        return StatusReport(
            address: address, database: database, role: role, serverVersion: serverVersion, notificationUsage: usage,
            installation: installation, columns: try await columns(transaction), queue: try await queue(transaction),
            workers: try await workers(transaction), stores: try await stores(transaction),
            failures: mayReadFailures ? try await readFailures(transaction, limit) : nil)
    }

    private static func columns(_ transaction: Transaction) async throws -> [Column] {
        try await transaction.query(
            """
            select s.relation::text as relation, column_name, s.total, with_s3, with_base64, with_both, with_neither,
              s3_coverage, bytes_in_rows, bytes_in_stores, bytes_saved, backfill, p.percent,
              extract(epoch from pg_catalog.now() - counted_at)::bigint as counted
            from offload.storage_stats s
            left join offload.backfill_progress p on p.relation = s.relation
            order by 1, 2
            """
        ).map { row in
            Column(
                relation: try row.value("relation"), column: try row.value("column_name"),
                total: try row.value("total"),
                withS3: try row.value("with_s3"), withBase64: try row.value("with_base64"),
                withBoth: try row.value("with_both"), withNeither: try row.value("with_neither"),
                coverage: try row.value("s3_coverage"), bytesInRows: try row.value("bytes_in_rows"),
                bytesInStores: try row.value("bytes_in_stores"), bytesSaved: try row.value("bytes_saved"),
                backfill: try row.value("backfill"), backfillPercent: try row.value("percent"),
                secondsSinceCounted: try row.value("counted"))
        }
    }

    private static func queue(_ transaction: Transaction) async throws -> [Queue] {
        try await transaction.query(
            """
            select relation::text as relation, ready, waiting, leased, dead, backfill,
              coalesce(backfill_queued, 0) as backfill_queued, paused, coalesce(paused_columns, '{}') as paused_columns,
              extract(epoch from pg_catalog.clock_timestamp() - oldest_at)::bigint as oldest,
              extract(epoch from next_at - pg_catalog.clock_timestamp())::bigint as next
            from offload.queue_stats order by 1
            """
        ).map { row in
            Queue(
                relation: try row.value("relation"), ready: try row.value("ready"), waiting: try row.value("waiting"),
                leased: try row.value("leased"), dead: try row.value("dead"), secondsOfOldest: try row.value("oldest"),
                secondsUntilNext: try row.value("next"), backfill: try row.value("backfill"),
                backfillQueued: try row.value("backfill_queued"), paused: try row.value("paused"),
                pausedColumns: try row.value("paused_columns"))
        }
    }

    private static func workers(_ transaction: Transaction) async throws -> [Worker] {
        try await transaction.query(
            """
            select host, process_id, version, is_alive, in_flight, completed, failed, completed_per_second,
              greatest(0, extract(epoch from pg_catalog.clock_timestamp() - seen_at))::bigint as seen,
              greatest(0, extract(epoch from pg_catalog.clock_timestamp() - started_at))::bigint as started
            from offload.worker_stats order by is_alive desc, host, process_id
            """
        ).map { row in
            Worker(
                host: try row.value("host"), processID: try row.value("process_id"), version: try row.value("version"),
                secondsSinceSeen: try row.value("seen"), secondsSinceStarted: try row.value("started"),
                isAlive: try row.value("is_alive"), inFlight: try row.value("in_flight"),
                completed: try row.value("completed"), failed: try row.value("failed"),
                completedPerSecond: try row.value("completed_per_second"))
        }
    }

    private static func stores(_ transaction: Transaction) async throws -> [Store] {
        try await transaction.query(
            """
            select name, kind, access, url_prefix, disabled_at is not null as is_disabled, objects, bytes, uploading,
              is_reachable, opens, detail,
              extract(epoch from pg_catalog.clock_timestamp() - checked_at)::bigint as checked
            from offload.store_stats order by 1
            """
        ).map { row in
            Store(
                name: try row.value("name"), kind: try row.value("kind"), access: try row.value("access"),
                urlPrefix: try row.value("url_prefix"), isDisabled: try row.value("is_disabled"),
                objects: try row.value("objects"), bytes: try row.value("bytes"), uploading: try row.value("uploading"),
                secondsSinceChecked: try row.value("checked"), isReachable: try row.value("is_reachable"),
                opens: try row.value("opens"), detail: try row.value("detail"))
        }
    }

    private static func readFailures(_ transaction: Transaction, _ limit: Int) async throws -> Failures {
        let reasons = try await transaction.query(
            "select coalesce(reason, 'internal'), count(*) from offload.failures group by 1 order by 2 desc, 1"
        ).decoded(as: (String, Int).self)
        let newest = try await transaction.query(
            """
            select relation::text as relation, coalesce(key, '{}') as key, column_name, position, reason, detail,
              remedy, is_dead, extract(epoch from pg_catalog.clock_timestamp() - at)::bigint as ago
            from offload.failures order by at desc nulls last limit $1
            """, [limit])
        return Failures(
            total: reasons.reduce(0) { $0 + $1.1 }, byReason: reasons.map { (reason: $0.0, count: $0.1) },
            newest: try newest.map { row in
                Failure(
                    relation: try row.value("relation"), key: try row.value("key"),
                    column: try row.value("column_name"),
                    position: try row.value("position"), reason: try row.value("reason"),
                    detail: try row.value("detail"), remedy: try row.value("remedy"), isDead: try row.value("is_dead"),
                    secondsAgo: try row.value("ago"))
            })
    }
}

// MARK: - For machines

extension StatusReport {
    package var json: JSON {
        .object([
            ("database", .string(database)), ("address", .string(address)), ("role", .string(role)),
            ("server_version", .number(serverVersion)), ("version", .string(productVersion)),
            ("route", .string(installation.route.rawValue)), ("schema_version", .optional(installation.schemaVersion)),
            ("notification_percent", .number(Int(notificationUsage * 100))),
            ("columns", .array(columns.map(\.json))), ("queue", .array(queue.map(\.json))),
            ("workers", .array(workers.map(\.json))), ("stores", .array(stores.map(\.json))),
            ("failures", failures?.json ?? .null),
        ])
    }
}

extension StatusReport.Column {
    var json: JSON {
        .object([
            ("relation", .string(relation)), ("column", .string(column)), ("total", .number(total)),
            ("with_s3", .number(withS3)), ("with_base64", .number(withBase64)), ("with_both", .number(withBoth)),
            ("with_neither", .number(withNeither)), ("s3_coverage", .string(coverage)),
            ("bytes_in_rows", .number(bytesInRows)), ("bytes_in_stores", .number(bytesInStores)),
            ("bytes_saved", .number(bytesSaved)), ("backfill", .optional(backfill)),
            ("backfill_percent", .optional(backfillPercent)),
            ("seconds_since_counted", .optional(secondsSinceCounted)),
        ])
    }
}

extension StatusReport.Queue {
    var json: JSON {
        .object([
            ("relation", .string(relation)), ("ready", .number(ready)), ("waiting", .number(waiting)),
            ("leased", .number(leased)), ("dead", .number(dead)), ("seconds_of_oldest", .optional(secondsOfOldest)),
            ("seconds_until_next", .optional(secondsUntilNext)), ("backfill", .optional(backfill)),
            ("backfill_queued", .number(backfillQueued)), ("paused", .number(paused)),
            ("paused_columns", .array(pausedColumns.map(JSON.string))),
        ])
    }
}

extension StatusReport.Worker {
    var json: JSON {
        .object([
            ("host", .string(host)), ("process_id", .number(processID)), ("version", .string(version)),
            ("is_alive", .bool(isAlive)), ("seconds_since_seen", .number(secondsSinceSeen)),
            ("seconds_since_started", .number(secondsSinceStarted)), ("in_flight", .number(inFlight)),
            ("completed", .number(completed)), ("failed", .number(failed)),
            ("completed_per_second", .optional(completedPerSecond.map { Int($0.rounded()) })),
        ])
    }
}

extension StatusReport.Store {
    package var json: JSON {
        .object([
            ("name", .string(name)), ("kind", .string(kind)), ("access", .string(access)),
            ("url_prefix", .optional(urlPrefix)), ("is_disabled", .bool(isDisabled)), ("objects", .number(objects)),
            ("bytes", .number(bytes)), ("uploading", .number(uploading)), ("is_reachable", .optional(isReachable)),
            ("opens", .optional(opens)), ("seconds_since_checked", .optional(secondsSinceChecked)),
            ("detail", .optional(detail)),
        ])
    }
}

extension StatusReport.Failures {
    var json: JSON {
        .object([
            ("total", .number(total)),
            ("by_reason", .object(byReason.map { ($0.reason, .number($0.count)) })),
            (
                "newest",
                .array(
                    newest.map { failure in
                        .object([
                            ("relation", .string(failure.relation)), ("key", .array(failure.key.map(JSON.string))),
                            ("column", .optional(failure.column)), ("position", .optional(failure.position)),
                            ("reason", .optional(failure.reason)), ("detail", .optional(failure.detail)),
                            ("remedy", .optional(failure.remedy)), ("is_dead", .bool(failure.isDead)),
                            ("seconds_ago", .optional(failure.secondsAgo)),
                        ])
                    })
            ),
        ])
    }
}
