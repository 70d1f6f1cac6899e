private import Postgres

/// Puts the schema into a database by plain migrations, and takes it away again.
package struct Installer: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    private var connection: Connection { database.connection }

    // MARK: Install

    /// What an installation would do here, and whether it may.
    package struct Plan: Sendable {
        package var address: String
        package var server: Int
        package var role: String
        package var existing: Installation?
        /// Migrations that this database has not had.
        package var pending: [(number: Int, name: String)]
        package var mayInstall: Bool
        package var refusal: Problem?
        package var roles: [PlannedRole]
        package var mayCreateRoles: Bool
    }

    package struct PlannedRole: Sendable {
        package var name: String
        package var kind: String
        package var exists: Bool
    }

    package static let roleKinds = ["app", "analyst", "worker", "admin"]

    package func plan() async throws(Problem) -> Plan {
        try await explained {
            let existing = try await Installation.read(connection)
            let (role, database, mayCreate, mayCreateRoles, isStandby) = try await connection.query(
                """
                select
                  current_user::text, pg_catalog.current_database()::text,
                  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create'),
                  r.rolsuper or r.rolcreaterole, pg_catalog.pg_is_in_recovery()
                from pg_catalog.pg_roles r where r.rolname = current_user
                """
            ).decoded(as: (String, String, Bool, Bool, Bool).self)[0]
            let owner = existing?.owner ?? role
            let isOwner = try await connection.query(
                "select pg_catalog.pg_has_role($1::name, 'usage')", [owner]
            ).only(Bool.self)
            let known = try await connection.query(
                "select rolname::text from pg_catalog.pg_roles where rolname = any ($1::text[])",
                [Self.roleKinds.map { "offload_\($0)" }]
            ).map { try $0.value(0, as: String.self) }
            let server = await connection.serverVersion

            var refusal: Problem?
            if server < 150_000 {
                refusal = Problem("this server is older than PostgreSQL 15", hint: "Upgrade the server.")
            } else if isStandby {
                refusal = Problem(
                    "this server is a standby and takes no changes",
                    hint: "Name the primary, or add target_session_attrs=read-write.")
            } else if existing?.route == .extension {
                refusal = Problem(
                    "pg_offload is installed in database \(database) as an extension",
                    hint: "Upgrade it with: alter extension pg_offload update;")
            } else if let version = existing?.schemaVersion, version > EmbeddedSQL.schemaVersion {
                refusal = existing?.mismatch
            } else if !mayCreate {
                refusal = Problem(
                    "role \(role) may not create a schema in database \(database)",
                    hint: "Have its owner run: grant create on database \(quoted(database)) to \(quoted(role));")
            } else if !isOwner {
                refusal = Problem(
                    "schema offload belongs to role \(owner)",
                    hint: "Connect as \(owner), or have it granted: grant \(quoted(owner)) to \(quoted(role));")
            }
            let version = existing?.schemaVersion ?? 0
            return Plan(
                address: await connection.address, server: server, role: role, existing: existing,
                pending: EmbeddedSQL.migrations.filter { $0.number > version }, mayInstall: refusal == nil,
                refusal: refusal,
                roles: Self.roleKinds.map {
                    PlannedRole(name: "offload_\($0)", kind: $0, exists: known.contains("offload_\($0)"))
                },
                mayCreateRoles: mayCreateRoles)
        }
    }

    /// Runs what this database has not had, and renews every function. Harmless when repeated.
    package func install() async throws(Problem) -> Plan {
        let plan = try await plan()
        if let refusal = plan.refusal { throw refusal }
        try await explained { try await connection.execute(script: EmbeddedSQL.install, deadline: .seconds(3600)) }
        return plan
    }

    // MARK: Roles

    package enum RoleOutcome: Sendable, Equatable {
        case created
        case found
        /// The statements that somebody with more rights has to run.
        case refused(String, remedy: String)
    }

    /// Creates the four roles where it may, and grants each its set of rights.
    package func grantRoles() async throws(Problem) -> [(name: String, outcome: RoleOutcome)] {
        var outcomes: [(name: String, outcome: RoleOutcome)] = []
        for role in try await plan().roles {
            outcomes.append((role.name, try await grant(role)))
        }
        return outcomes
    }

    private func grant(_ role: PlannedRole) async throws(Problem) -> RoleOutcome {
        do {
            try await connection.transaction { transaction in
                // Roles are the whole server's: another database may create them at this moment.
                if !role.exists { try await transaction.query("create role \(role.name) nologin") }
                try await transaction.query("select offload.grant_role($1, $2::name)", [role.kind, role.name])
            }
            return role.exists ? .found : .created
        } catch PostgresError.server(let error) where error.sqlState == "42710" && !role.exists {
            return try await grant(PlannedRole(name: role.name, kind: role.kind, exists: true))
        } catch PostgresError.server(let error) where error.sqlState == "42501" {
            let create = role.exists ? "" : "create role \(role.name) nologin; "
            return .refused(
                error.message, remedy: "\(create)select offload.grant_role('\(role.kind)', '\(role.name)');")
        } catch let error as PostgresError {
            throw Problem(error)
        } catch {
            throw Problem("\(error)")
        }
    }

    // MARK: Uninstall

    /// What an uninstallation would take away, and what it would leave.
    package struct Removal: Sendable {
        package struct Column: Sendable {
            package var relation: String
            package var column: String
            package var urlColumn: String
            package var view: String?
        }

        package var address: String
        package var columns: [Column]
        package var objects: Int
        package var bytes: Int
        package var stores: [String]
        package var jobs: Int
        package var liveWorkers: Int
        /// Rows whose source is archived in a store: only our tables know where.
        package var archived: Int
        /// Rows that have a URL and no source: their bytes are where it leads, and nowhere else.
        package var withoutSource: Int
        package var roles: [String]
    }

    package func removal() async throws(Problem) -> Removal {
        try await explained {
            guard let installation = try await Installation.read(connection) else {
                throw Problem("pg_offload is not installed in this database", hint: "Is this the right database?")
            }
            guard installation.route == .migrations else {
                throw Problem(
                    "pg_offload is installed in this database as an extension",
                    hint: "Detach every column first: select offload.detach(relation, column_name) "
                        + "from offload.effective_column; then: drop extension pg_offload;")
            }
            let columns = try await connection.query(
                """
                select t.relation::text, c.column_name, c.url_column, t.view_name
                from offload.managed_column c
                join offload.managed_table t on t.id = c.managed_table
                join pg_catalog.pg_class r on r.oid = t.relation
                where c.detached_at is null and t.detached_at is null
                order by 1, c.id
                """
            ).decoded(as: (String, String, String, String?).self)
            let (objects, bytes) = try await connection.query(
                """
                select count(*), coalesce(pg_catalog.sum(o.bytes), 0)::bigint
                from offload.replica r join offload.object o on o.hash = r.object_hash where r.state = 'stored'
                """
            ).decoded(as: (Int, Int).self)[0]
            let (jobs, workers, archived, withoutSource) = try await connection.query(
                """
                select
                  (select count(*) from offload.arrival) - (select count(*) from offload.job where died_at is not null),
                  (select count(*) from offload.worker where seen_at > pg_catalog.clock_timestamp() - interval '1 minute'),
                  (select count(*) from offload.item where original_hash is not null),
                  (select coalesce(pg_catalog.sum(with_s3 - with_both), 0)::bigint from offload.storage_stats)
                """
            ).decoded(as: (Int, Int, Int, Int).self)[0]
            let stores = try await connection.query("select name from offload.store order by name")
            let roles = try await connection.query(
                "select distinct role_name from offload.granted_role order by role_name")
            return Removal(
                address: await connection.address,
                columns: columns.map { Removal.Column(relation: $0.0, column: $0.1, urlColumn: $0.2, view: $0.3) },
                objects: objects, bytes: bytes, stores: try stores.map { try $0.value(0, as: String.self) }, jobs: jobs,
                liveWorkers: workers, archived: archived,
                withoutSource: withoutSource, roles: try roles.map { try $0.value(0, as: String.self) })
        }
    }

    /// Detaches every column and drops the schema, in one transaction.
    package func uninstall() async throws(Problem) {
        try await explained { try await connection.execute(script: EmbeddedSQL.uninstall, deadline: .seconds(3600)) }
    }
}

private func quoted(_ identifier: String) -> String {
    "\"" + identifier.replacing("\"", with: "\"\"") + "\""
}
