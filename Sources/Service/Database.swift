package import Offload
package import Postgres
private import Synchronization

/// A connection for one errand, and the notices that came with it.
package struct Database: Sendable {
    package let connection: Connection
    private let collected: Notices

    private final class Notices: Sendable {
        let all = Mutex<[ServerNotice]>([])
    }

    package static func open(
        _ address: DatabaseAddress, connectTimeout: Duration = .seconds(15)
    ) async throws(Problem) -> Database {
        let notices = Notices()
        var settings = Connection.Settings()
        settings.connectTimeout = connectTimeout
        settings.onNotice = { notice in notices.all.withLock { $0.append(notice) } }
        do {
            let connection = try await Connection.open(address.connectionString, settings: settings)
            return Database(connection: connection, collected: notices)
        } catch {
            throw Problem(connectingTo: address, error)
        }
    }

    /// The notices since they were last asked for.
    package func takeNotices() -> [ServerNotice] {
        collected.all.withLock { notices in
            defer { notices = [] }
            return notices
        }
    }

    package func close() async {
        await connection.close()
    }
}

/// What of pg_offload a database has.
package struct Installation: Sendable, Equatable {
    package enum Route: String, Sendable {
        case migrations
        case `extension`
    }

    package var route: Route
    /// The largest migration; nil when this role may not read the ledger.
    package var schemaVersion: Int?
    package var owner: String

    /// Nil: there is none.
    package static func read(_ connection: Connection) async throws(PostgresError) -> Installation? {
        let facts = try await connection.query(
            """
            select
              exists (select from pg_catalog.pg_extension e where e.extname = 'pg_offload'),
              pg_catalog.has_table_privilege(c.oid, 'select'),
              pg_catalog.pg_get_userbyid(n.nspowner)::text
            from pg_catalog.pg_namespace n
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = 'migration'
            where n.nspname = 'offload'
            """)
        guard let row = facts.first else { return nil }
        let (isExtension, mayRead, owner) = try row.decoded(as: (Bool, Bool, String).self)
        let version =
            mayRead
            ? try await connection.query("select max(number) from offload.migration").only(Int?.self) : nil
        return Installation(route: isExtension ? .extension : .migrations, schemaVersion: version, owner: owner)
    }

    /// Refuses a schema that is not there, or not of this program's version.
    @discardableResult
    package static func require(_ connection: Connection) async throws(Problem) -> Installation {
        let installation = try await explained { try await read(connection) }
        guard let installation else {
            let database = try await explained {
                try await connection.query("select pg_catalog.current_database()::text").only(String.self)
            }
            throw Problem(
                "pg_offload is not installed in database \(database)",
                hint: "Run: offload install    (or, where it is packaged: create extension pg_offload;)")
        }
        if let problem = installation.mismatch { throw problem }
        return installation
    }

    /// Why this program cannot work with it.
    package var mismatch: Problem? {
        guard let schemaVersion, schemaVersion != EmbeddedSQL.schemaVersion else { return nil }
        if schemaVersion > EmbeddedSQL.schemaVersion {
            return Problem(
                "the schema in the database has version \(schemaVersion), newer than this program's "
                    + "\(EmbeddedSQL.schemaVersion)",
                hint: "Upgrade this program; its version is \(productVersion).")
        }
        return Problem(
            "the schema in the database has version \(schemaVersion), older than this program's "
                + "\(EmbeddedSQL.schemaVersion)",
            hint: upgrade)
    }

    private var upgrade: String {
        switch route {
        case .migrations: "Upgrade it with: offload install"
        case .extension: "Upgrade it with: alter extension pg_offload update;"
        }
    }
}
