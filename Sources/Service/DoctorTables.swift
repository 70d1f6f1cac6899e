private import Offload
import Postgres

/// What the application's writes and the worker's depend on: triggers, generated functions, row security.
extension Doctor {
    private struct Table {
        var relation: String
        var columns: [String]
        /// Why its rows are hidden from its owner, and so from the generated functions.
        var isForced: Bool
        var missingFunctions: [String]
        var missingTriggers: [String]
        var disabledTriggers: [String]
        /// BEFORE triggers that fire after our guard.
        var laterTriggers: [String]
        /// URL columns that became NOT NULL: a row that is new has no URL yet.
        var demanding: [String]
        var renamed: [String]
        var dropped: [String]
        /// Whether generated functions belong to somebody else than the table.
        var hasForeignFunctions: Bool
    }

    func examineTables(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        try await examineDropped(connection, report)
        let tables = try await read(connection)
        if tables.isEmpty {
            report(
                Finding(
                    .warn, "tables", "no column is managed yet",
                    remedy: "select offload.attach('your_table', 'its_column');"))
        }
        for table in tables { examine(table, report) }
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

    private func examine(_ table: Table, _ report: (Finding) -> Void) {
        let subject = "table \(table.relation)"
        var isSound = true
        func find(_ level: Level, _ text: String, remedy: String) {
            isSound = false
            report(Finding(level, subject, text, remedy: remedy))
        }
        // Looks again at the rows, too: what happened meanwhile was seen by no trigger.
        let refresh = "select offload.refresh('\(table.relation)');"
        if !table.missingTriggers.isEmpty {
            find(.fail, "trigger \(table.missingTriggers.joined(separator: ", ")) is missing", remedy: refresh)
        }
        if !table.missingFunctions.isEmpty {
            find(.fail, "function \(table.missingFunctions.joined(separator: ", ")) is missing", remedy: refresh)
        }
        if table.hasForeignFunctions {
            find(.fail, "its owner has changed, and its functions have the rights of the former one", remedy: refresh)
        }
        for trigger in table.disabledTriggers {
            find(
                .fail, "trigger \(trigger) is disabled: changes are noticed only by the sweep",
                remedy: "alter table \(table.relation) enable trigger \(trigger); "
                    + "select offload.sweep('\(table.relation)');")
        }
        for trigger in table.laterTriggers {
            find(
                .warn, "trigger \(trigger) fires after ours, and may leave a stale URL",
                remedy: "Give it a name that sorts before zz_offload: alter trigger \(trigger) on \(table.relation) "
                    + "rename to …;")
        }
        if table.isForced {
            find(
                .warn, "row security is forced on its owner, with whose rights rows are read and URLs written",
                remedy: "alter table \(table.relation) no force row level security;")
        }
        for column in table.demanding {
            find(
                .fail, "column \(column) is NOT NULL, and a new row has no URL yet: inserts fail",
                remedy: "alter table \(table.relation) alter column \(column) drop not null;")
        }
        for renamed in table.renamed {
            find(.fail, "column \(renamed) was renamed or moved: what is written is not captured", remedy: refresh)
        }
        for dropped in table.dropped {
            find(
                .fail, "column \(dropped) is not there any more", remedy: refresh)
        }
        if isSound {
            report(.ok(subject, "\(table.columns.joined(separator: ", ")): triggers and functions are in place"))
        }
    }

    private func read(_ connection: Connection) async throws -> [Table] {
        try await connection.query(
            """
            select
              t.relation::text,
              array(select c.column_name from offload.managed_column c
                where c.managed_table = t.id and c.detached_at is null order by c.id),
              r.relrowsecurity and r.relforcerowsecurity and not o.rolbypassrls and not o.rolsuper,
              array(select n.name from pg_catalog.unnest(f.names) n (name)
                where not exists (
                  select from pg_catalog.pg_proc p
                  where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'offload')
                    and p.proname = n.name)),
              array(
                select n.name
                from (
                  select pg_catalog.format('zz_offload_%s_%s', f.verb, t.id), t.relation
                  from pg_catalog.unnest(array['guard', 'capture', 'change']) f (verb)
                  -- Where one trigger before an UPDATE does for both (offload._guards_apart). Not in a partition, out of
                  -- which the same UPDATE may move the row: it was none when it was attached.
                  where f.verb <> 'change' or r.relispartition or exists (
                    select from pg_catalog.pg_trigger g
                    join pg_catalog.pg_proc p on p.oid = g.tgfoid
                    where g.tgrelid = t.relation and g.tgname = pg_catalog.format('zz_offload_guard_%s', t.id)
                      and p.proname = pg_catalog.format('_guard_%s', t.id))
                  union all
                  -- An UPDATE by the capture of an INSERT could be refused or seen here, or the row before it
                  -- (offload._guards_inserts): the guard must come first.
                  select pg_catalog.format('zz_offload_admit_%s', t.id), t.relation
                  where r.relhasrules or exists (
                    select from pg_catalog.pg_trigger g
                    where g.tgrelid in (
                        select t.relation union select p.relid from pg_catalog.pg_partition_tree(t.relation) p)
                      and not g.tgisinternal and g.tgname !~ '^zz_offload_'
                      and (g.tgtype & 16 = 16 or (g.tgtype & 4 = 4 and (g.tgtype & 1 = 1 or g.tgnewtable is not null))))
                  union all
                  -- TRUNCATE of one partition fires nothing on its parent.
                  select pg_catalog.format('zz_offload_truncate_%s', t.id), p.relid
                  from pg_catalog.pg_partition_tree(t.relation) p where p.isleaf
                  union all
                  select pg_catalog.format('zz_offload_truncate_%s', t.id), t.relation where r.relkind <> 'p'
                ) n (name, relation)
                where not exists (
                  select from pg_catalog.pg_trigger g where g.tgname = n.name and g.tgrelid = n.relation)
                group by n.name order by n.name),
              array(select g.tgname::text from pg_catalog.pg_trigger g
                where g.tgrelid = t.relation and g.tgname ~ '^zz_offload_' and g.tgenabled not in ('O', 'A')
                order by 1),
              array(select pg_catalog.quote_ident(g.tgname) from pg_catalog.pg_trigger g
                where g.tgrelid = t.relation and not g.tgisinternal and g.tgtype & 1 = 1 and g.tgtype & 2 = 2
                  and g.tgtype & 20 <> 0 and g.tgname > pg_catalog.format('zz_offload_admit_%s', t.id)::name
                  and g.tgname <> pg_catalog.format('zz_offload_guard_%s', t.id)::name
                order by 1),
              coalesce(gone.renamed, '{}'), coalesce(gone.dropped, '{}'),
              exists (
                select from pg_catalog.pg_proc p
                where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'offload')
                  and p.proname = any (f.names) and p.proowner <> r.relowner),
              array(select pg_catalog.quote_ident(a.attname)
                from offload.managed_column c
                join pg_catalog.pg_attribute a on a.attrelid = t.relation and a.attname = c.url_column and a.attnotnull
                where c.managed_table = t.id and c.detached_at is null order by 1)
            from offload.managed_table t
            join pg_catalog.pg_class r on r.oid = t.relation
            join pg_catalog.pg_roles o on o.oid = r.relowner
            cross join lateral (
              select pg_catalog.array_agg(pg_catalog.format('_%s_%s', v.verb, t.id))
              from pg_catalog.unnest(array['guard', 'capture', 'change', 'fetch', 'read', 'scan', 'count', 'write_back']) v (verb)
            ) f (names)
            cross join lateral (
              select pg_catalog.array_agg(n.name) filter (where coalesce(a.attnum, b.attnum) is not null) as renamed,
                pg_catalog.array_agg(n.name) filter (where coalesce(a.attnum, b.attnum) is null) as dropped
              from offload.managed_column c
              cross join lateral (
                values (c.column_name, c.column_number), (c.url_column, c.url_number)) n (name, number)
              -- By its number after a rename, by its name after a restore.
              left join pg_catalog.pg_attribute a
                on a.attrelid = t.relation and a.attnum = n.number and not a.attisdropped
              left join pg_catalog.pg_attribute b
                on b.attrelid = t.relation and b.attname = n.name and not b.attisdropped
              where c.managed_table = t.id and c.detached_at is null and a.attname is distinct from n.name
            ) gone
            where t.detached_at is null
            order by 1
            """
        ).map { row in
            Table(
                relation: try row.value(0), columns: try row.value(1), isForced: try row.value(2),
                missingFunctions: try row.value(3), missingTriggers: try row.value(4),
                disabledTriggers: try row.value(5), laterTriggers: try row.value(6),
                demanding: try row.value(10), renamed: try row.value(7),
                dropped: try row.value(8), hasForeignFunctions: try row.value(9))
        }
    }
}
