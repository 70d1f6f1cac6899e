extension Connection {
    /// What the sessions of this program rely on, whatever the role, the database or the server has for a default.
    ///
    /// Deadlines are the program's own, and what it asks for may take as long as a large value takes. A client that
    /// vanished without a word must not keep its locks: the server finds out within half a minute, which else takes hours.
    /// What triggers of the tables could rely on is left alone, and so is `default_transaction_read_only`: it is a brake.
    private static let relied: [(name: String, value: String, isForLinux: Bool)] = [
        ("default_transaction_isolation", "read committed", false),
        ("statement_timeout", "0", false),
        ("lock_timeout", "0", false),
        ("idle_in_transaction_session_timeout", "0", false),
        ("idle_session_timeout", "0", false),
        ("transaction_timeout", "0", false),
        // What is asked in milliseconds is not worth compiling.
        ("jit", "off", false),
        ("tcp_keepalives_idle", "10", false),
        ("tcp_keepalives_interval", "5", false),
        // A server on another system may not know these, and would log so for each session.
        ("tcp_keepalives_count", "3", true),
        ("tcp_user_timeout", "20000", true),
    ]

    /// One question at the session's beginning. What an older server does not know is left out.
    ///
    /// A session that a pooler lends is not the program's own, and what were set in it would stay for whoever comes next:
    /// a pooler is known by the number that it gives in the server's place.
    func settle(within limit: Duration) async throws(PostgresError) {
        try await query(
            """
            select pg_catalog.set_config(s.name, s.setting, false)
            from rows from (
              pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::bool[])
            ) s (name, setting, is_for_linux)
            where pg_catalog.pg_backend_pid() = $4 and pg_catalog.current_setting(s.name, true) <> s.setting
              and (not s.is_for_linux or pg_catalog.version() ~ 'linux')
            """,
            [
                Self.relied.map(\.name), Self.relied.map(\.value), Self.relied.map(\.isForLinux), processID,
            ], deadline: limit)
    }
}
