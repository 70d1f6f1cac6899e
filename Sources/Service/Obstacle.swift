import Postgres

extension WorkError {
    static let standby = WorkError(
        message: "the database is a standby and takes no writes: waiting until it does",
        hint: "Name the primary, or all hosts, separated by commas.")
    static let readOnly = WorkError(
        message: "this role may only read here (default_transaction_read_only is on): waiting until it may write",
        hint: "Somebody has put the brake on, or the disk is full. Let it go with: "
            + "alter database … (or role …) reset default_transaction_read_only;")
    static let pooler = WorkError(
        message: "a pooler in transaction mode stands between: LISTEN is lost there without a word",
        hint: "Give the worker the server's own address, in DIRECT_URL or --database, or the pooler's session mode; "
            + "the application may go on through the pooler. offload work --until-empty needs no LISTEN.")
}

/// What keeps a worker from a database that it can reach, and may pass by itself.
enum Obstacle {
    static func of(_ connection: Connection) async throws -> WorkError? {
        let (isStandby, isReadOnly, isMirror) = try await connection.query(
            """
            select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')::bool, exists (
              select from pg_catalog.pg_subscription_rel s
              where s.srrelid in (
                pg_catalog.to_regclass('offload.arrival'), pg_catalog.to_regclass('offload.job')))
            """
        ).decoded(as: (Bool, Bool, Bool).self)[0]
        if isStandby {
            return .standby
        }
        if isReadOnly {
            return .readOnly
        }
        if isMirror {
            return WorkError(
                message: "a subscription brings the queue itself: its rows are the publisher's workers' to do",
                hint: "Leave schema offload out of the publication, or drop the subscription to take over.")
        }
        return nil
    }

    /// Whether libpq refused all hosts because none can be written.
    static func isStandby(_ reason: String) -> Bool {
        reason.contains("session is read-only") || reason.contains("server is in hot standby mode")
    }
}
