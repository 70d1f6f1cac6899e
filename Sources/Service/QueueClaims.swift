import Offload
import Postgres

extension Queue {
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
        /// The short values of those that were read with the claim, in the order of their jobs.
        var values: [Fetched] = []
    }

    /// What came of one claim. Nil in its place: nothing is ready now.
    struct Taken: Sendable {
        /// What is held. Nil: nothing needs more.
        var claim: Claim?
        /// How many needed nothing, and are done.
        var ended = 0
        var lowestID: Int64

        var count: Int { ended + (claim?.jobs.count ?? 0) }
    }

    /// - Parameter name: what the lease is called; by it `release` gives back a claim whose answer was lost.
    func claim(_ count: Int, for time: Duration, from lowWaterMark: Int64, as name: UniqueID) async throws -> Taken? {
        let rows = try await pool.using { connection in
            try await connection.query(
                "select job, managed_table, key, attempts from offload.claim($1, $2, $3, $4)",
                [Int32(count), time, lowWaterMark, name], deadline: Self.patience)
        }
        var jobs: [Job] = []
        for row in rows {
            jobs.append(
                Job(id: try row.value(0), table: try row.value(1), key: try row.value(2), attempts: try row.value(3)))
        }
        return jobs.map(\.id).min().map { Taken(claim: Claim(lease: name, jobs: jobs), lowestID: $0) }
    }

    /// Claims and looks in one: ends what needs nothing, and reads the short values of what else nobody has tried before.
    func take(
        _ count: Int, for time: Duration, fromStart: Bool, as name: UniqueID, upTo limit: Int
    ) async throws -> Taken? {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select job, managed_column, position, elements, row_ctid::text, row_xmin::text, url,
                  source_text, source_bytea, source_length, managed_table, key, attempts, ended
                from offload.take($1, $2, $3, $4, $5)
                """, [Int32(count), time, fromStart, name, Int64(limit)], deadline: Self.patience)
        }
        var taken: Taken?
        var claim = Claim(lease: name, jobs: [])
        for row in rows {
            if let ended: Int64 = try row.value(13) {
                taken = Taken(ended: Int(ended), lowestID: try row.value(0))
            } else if let table: Int32 = try row.value(10) {
                claim.jobs.append(
                    Job(id: try row.value(0), table: table, key: try row.value(11), attempts: try row.value(12)))
            } else {
                claim.values.append(try fetched(row))
            }
        }
        if !claim.jobs.isEmpty { taken?.claim = claim }
        return taken
    }
}
