extension Connection {
    /// Whether a pooler lends the server's sessions for a transaction at a time: LISTEN and the locks of a session are
    /// lost there without a word.
    ///
    /// A pooler gives its client a number of its own in the server's place. One that holds a session of the server for
    /// each of its clients is as good as none: what tells the two apart is that a second client gets the first one's
    /// session, or the first another than before.
    package func isLentByTransaction(_ connectionString: String) async throws(PostgresError) -> Bool {
        let patience = Duration.seconds(5)
        let ask = "select pg_catalog.pg_backend_pid()"
        let mine = try await query(ask, deadline: patience).only(Int32.self)
        guard mine != processID else { return false }
        do {
            let other = try await Connection.open(connectionString)
            let isShared = try await other.transaction { transaction in
                if try await transaction.query(ask, deadline: patience).only(Int32.self) == mine { return true }
                return try await query(ask, deadline: patience).only(Int32.self) != mine
            }
            await other.close()
            return isShared
        } catch {
            // A pool that has no session left for the other holds this one's.
            return false
        }
    }
}
