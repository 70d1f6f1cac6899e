private import Offload
import Postgres

/// What the application's writes and the worker's depend on: triggers, generated functions, row security.
extension Doctor {
    func examineTables(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        try await examineDropped(connection, report)
        let tables = try await connection.query(
            """
            select t.relation::text, array(select c.column_name from offload.managed_column c
              where c.managed_table = t.id and c.detached_at is null order by c.id)
            from offload.managed_table t
            join pg_catalog.pg_class r on r.oid = t.relation
            where t.detached_at is null
            order by 1
            """
        ).decoded(as: (String, [String]).self)
        if tables.isEmpty {
            report(
                Finding(
                    .warn, "tables", "no column is managed yet",
                    remedy: "select offload.attach('your_table', 'its_column');"))
        }
        let issues = try await connection.query(
            "select relation::text, level, issue, remedy from offload.integrity_issues"
        ).decoded(as: (String, String, String, String).self)
        for (table, columns) in tables {
            let subject = "table \(table)"
            let its = issues.filter { $0.0 == table }
            for (_, level, issue, remedy) in its {
                report(Finding(Level(rawValue: level) ?? .fail, subject, issue, remedy: remedy))
            }
            if its.isEmpty {
                report(.ok(subject, "\(columns.joined(separator: ", ")): triggers and functions are in place"))
            }
        }
    }

    /// What a worker marked, and what none has seen yet. Objects that nobody let go of stay.
    private func examineDropped(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        let seesItems = try await connection.query("select pg_catalog.has_table_privilege('offload.item', 'select')")
            .only(Bool.self)
        let dropped = try await connection.query(
            """
            select t.relation_name, c.column_name, t.relation::oid::bigint,
              \(seesItems ? "exists (select from offload.item i where i.managed_column = c.id)" : "false")
            from offload.managed_column c
            join offload.managed_table t on t.id = c.managed_table
            where c.dropped_at is not null and c.detached_at is not null
              or c.detached_at is null and not exists (select from pg_catalog.pg_class r where r.oid = t.relation)
            order by 1, 2
            """
        ).decoded(as: (String, String, Int64, Bool).self)
        for (table, column, identifier, hasItems) in dropped {
            let rest =
                hasItems
                ? "; its objects stay until: select offload.release_detached(\(identifier)::regclass, '\(column)');"
                : ""
            report(.ok("table \(table)", "column \(column) was dropped, alone or with its table" + rest))
        }
    }
}
