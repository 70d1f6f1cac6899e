import Postgres

/// The counts of whole tables, beside all other work: each is one statement, and takes as long as its table is large.
actor TableCounts {
    private let pool: ConnectionPool
    private let log: Log
    private var running: Task<Bool, Never>?
    private var isStopped = false

    init(pool: ConnectionPool, log: Log) {
        self.pool = pool
        self.log = log
    }

    /// No deadline of ours ends a count. A silent session is found by the keepalives of the network.
    private static let noLimit: Duration = .seconds(7 * 86400)

    /// Begins to count these tables, one after the other, unless it is at it already.
    func begin(_ tables: [Int32]) {
        guard running == nil, !isStopped, !tables.isEmpty else { return }
        running = Task {
            defer { running = nil }
            var hasCounted = false
            for table in tables where !Task.isCancelled {
                do {
                    if try await count(table) { hasCounted = true }
                } catch {
                    if Task.isCancelled { break }
                    log.limited(.warning, "a table could not be counted", every: 60, ("reason", "\(error)"))
                }
            }
            return hasCounted
        }
    }

    /// Waits for what runs; true: it has counted a table.
    func finish() async -> Bool {
        await running?.value ?? false
    }

    /// Ends what runs: who begins anew counts anew.
    func stop() {
        isStopped = true
        running?.cancel()
    }

    private func count(_ table: Int32) async throws -> Bool {
        try await pool.using { connection in
            try await connection.transaction { transaction in
                // Set for a role or a database, it would end each count of a large table.
                try await transaction.query("set local statement_timeout = 0")
                return try await transaction.query(
                    "select offload.count_rows($1)", [table], deadline: Self.noLimit
                ).only()
            }
        }
    }
}
