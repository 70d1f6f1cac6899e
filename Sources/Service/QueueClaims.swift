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
        /// Its worker was lost twice, and nothing else is to be taken until it is done.
        var isAlone = false
        /// Whether such rows are due.
        var areSuspectsDue = false

        var count: Int { ended + (claim?.jobs.count ?? 0) }
    }

    /// - Parameter name: what the lease is called; by it `release` gives back a claim whose answer was lost.
    /// - Parameter alone: whether a row whose worker was lost twice may be taken, by itself.
    func claim(
        _ count: Int, for time: Duration, from place: LowWaterMark.Place, as name: UniqueID, alone: Bool
    ) async throws -> Taken? {
        // Of its own mark and the common one, whichever is further.
        let mark: Int64? = if case .mark(let mark) = place { mark } else { nil }
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select job, managed_table, key, attempts
                from offload.claim(
                  $1, $2, case when $3 is null then 0 else greatest($3, (select last_value from offload.taken_to)) end, $4,
                  $5)
                """,
                [Int32(count), time, mark, name, alone], deadline: Self.patience)
        }
        var jobs: [Job] = []
        for row in rows {
            jobs.append(
                Job(id: try row.value(0), table: try row.value(1), key: try row.value(2), attempts: try row.value(3)))
        }
        return jobs.map(\.id).min().map {
            Taken(
                claim: Claim(lease: name, jobs: jobs), lowestID: $0, isAlone: alone && isAlone(jobs),
                areSuspectsDue: alone && isAlone(jobs))
        }
    }

    /// Claims and looks in one: ends what needs nothing, and reads the short values of what else nobody has tried before.
    func take(
        _ count: Int, for time: Duration, fromStart: Bool, as name: UniqueID, upTo limit: Int, alone: Bool
    ) async throws -> Taken? {
        let rows = try await pool.using { connection in
            try await connection.query(
                """
                select job, managed_column, position, elements, row_ctid::text, row_xmin::text, url,
                  source_text, source_bytea, source_length, managed_table, key, attempts, ended, suspects
                from offload.take($1, $2, $3, $4, $5, $6)
                """, [Int32(count), time, fromStart, name, Int64(limit), alone], deadline: Self.patience)
        }
        var taken: Taken?
        var claim = Claim(lease: name, jobs: [])
        for row in rows {
            if let ended: Int64 = try row.value(13) {
                taken = Taken(ended: Int(ended), lowestID: try row.value(0))
                taken?.areSuspectsDue = try row.value(14)
            } else if let table: Int32 = try row.value(10) {
                claim.jobs.append(
                    Job(id: try row.value(0), table: table, key: try row.value(11), attempts: try row.value(12)))
            } else {
                claim.values.append(try fetched(row))
            }
        }
        if !claim.jobs.isEmpty { taken?.claim = claim }
        taken?.isAlone = alone && isAlone(claim.jobs)
        return taken
    }

    /// Another row that was tried so often, and happens to be the only one, may be alone as well.
    private func isAlone(_ jobs: [Job]) -> Bool { jobs.count == 1 && jobs[0].attempts > 2 }

    /// What a call of `closeArrivals` hands on to the next.
    struct Appending: Sendable {
        var nextID: Int64
        var open: [String]
    }

    /// Moves up where looks from the start begin.
    func closeArrivals(_ last: Appending?) async throws -> Appending {
        let row = try await pool.using { connection in
            try await connection.query(
                "select next, open from offload.close_arrivals($1, $2)", [last?.nextID, last?.open],
                deadline: Self.patience)[0]
        }
        return Appending(nextID: try row.value(0), open: try row.value(1))
    }

    /// Whether something was where nothing should be: looks from the start begin there now.
    func reopenArrivals() async throws -> Bool {
        try await pool.using { connection in
            try await connection.query("select offload.reopen_arrivals()", deadline: Self.longPatience).only()
        }
    }

    /// - Parameter back: how long ago the leases ended; nil: all that ever did.
    func reap(_ back: Duration?) async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query(
                "select offload.reap($1)", [back], deadline: back == nil ? Self.longPatience : Self.patience
            ).only()
        }
    }

    /// A part of what is to be put aside for a pause, or to go on after one; returns how many.
    func tendPaused() async throws -> Int64 {
        try await pool.using { connection in
            try await connection.query("select offload.tend_paused()", deadline: Self.longPatience).only()
        }
    }
}
