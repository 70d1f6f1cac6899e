import Postgres

/// What workers do in no hurry: the look at rows that no trigger saw, and tidying up.
extension Queue {
    func prune(_ table: Int32, after key: [String?]?) async throws -> [String?]? {
        try await pool.using { connection in
            try await connection.query("select offload.prune($1, $2)", [table, key]).only()
        }
    }

    /// Queues the next rows of the tables that are not done yet; returns how many tables this worker found to do.
    /// Those that another worker is at are its affair.
    func backfill(batch: Int) async throws -> Int64 {
        let tables: Int64 = try await pool.using { connection in
            try await connection.query(
                """
                select count(*) from (
                  select offload.backfill(p.managed_table, $1)
                  from (
                    select b.managed_table from offload.backfill b
                    where b.state in ('pending', 'sweeping') and not b.is_counting
                      and coalesce(b.ready_at, '-infinity') <= pg_catalog.clock_timestamp()
                    for update skip locked
                  ) p
                ) b
                """, [Int32(batch)]
            ).only()
        }
        try await beginCounts()
        return tables
    }

    /// Begins to count the tables whose rows were all looked at, and waits for no count.
    private func beginCounts() async throws {
        let tables = try await pool.using { connection in
            try await connection.query(
                """
                select array(
                  select b.managed_table from offload.backfill b
                  where b.is_counting and coalesce(b.ready_at, '-infinity') <= pg_catalog.clock_timestamp())
                """
            ).only([Int32].self)
        }
        await counts.begin(tables)
    }

    /// What goes with the heartbeats. Each is a transaction of its own: what one of them cannot have, or has no time for,
    /// takes nothing back of the others.
    enum Tidying: String, CaseIterable {
        case noteUnreferenced = "note_unreferenced"
        case foldCounts = "fold_counts"
        case noteDropped = "note_dropped"
        case beginSweeps = "begin_sweeps"
        case beginCounts = "count_rows"
        case mendIDs = "mend_ids"
    }

    /// Each statement takes a bounded number of rows, and is repeated while there are more: what came since the last time
    /// is worked off, however much it is. Returns how many sweeps were begun.
    /// - Parameter isOver: Asked between the statements.
    nonisolated(nonsending) func tidy(_ what: Tidying, until isOver: () -> Bool) async throws -> Int64 {
        switch what {
        case .noteUnreferenced:
            var row: String? = "(0,0)"
            repeat {
                row = try await tidy("select offload.note_unreferenced(after_row => $1::text::tid)::text", [row])
                    .only(String?.self)
            } while row != nil && !isOver()
        case .foldCounts:
            let batch = 200_000
            var folded: Int64
            repeat {
                folded = try await tidy("select offload.fold_counts($1)", [Int32(batch)]).only()
            } while folded >= batch && !isOver()
        case .noteDropped:
            _ = try await tidy("select offload.note_dropped()")
        case .beginSweeps:
            return try await tidy("select offload.begin_sweeps()").only()
        case .beginCounts:
            try await beginCounts()
        case .mendIDs:
            try await mendIDs()
        }
        return 0
    }

    /// Sets sequences that were set back forward again, by which every claim would fail.
    func mendIDs() async throws {
        let mended: Int64 = try await tidy("select offload.mend_ids()").only()
        guard mended > 0 else { return }
        log.warning(
            "ids were given anew that are taken: the sequences of schema offload were set back, and are set forward",
            ("mended", "\(mended)"))
    }

    private func tidy(_ statement: String, _ parameters: [any ParameterValue] = []) async throws -> Rows {
        try await pool.using { connection in
            try await connection.query(statement, parameters, deadline: .seconds(60))
        }
    }
}
