package import Offload
private import Platform
private import Postgres

/// Looks at everything the service needs, and names for each thing that is wrong the command that mends it.
package struct Doctor: Sendable {
    package enum Level: String, Sendable, Comparable {
        case ok
        case warn
        case fail

        package static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
        private var rank: Int { self == .ok ? 0 : self == .warn ? 1 : 2 }
    }

    package struct Finding: Sendable, Equatable {
        package var level: Level
        /// What was looked at, such as `connection` or `store media`.
        package var subject: String
        package var text: String
        /// The statement or command that mends it, or what to do where none can.
        package var remedy: String?

        package init(_ level: Level, _ subject: String, _ text: String, remedy: String? = nil) {
            self.level = level
            self.subject = subject
            self.text = text
            self.remedy = remedy
        }

        package static func ok(_ subject: String, _ text: String) -> Finding { Finding(.ok, subject, text) }
    }

    let environment: Environment
    /// How long one store may take to answer.
    let patience: Duration

    package init(environment: Environment, patience: Duration = .seconds(20)) {
        self.environment = environment
        self.patience = patience
    }

    /// Looks at the environment alone. What a store of the database may need it for is judged when these are known.
    package func examineConfiguration(_ workingDirectory: String) -> [Finding] {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(environment, workingDirectory: workingDirectory)
        } catch {
            return [Finding(.fail, "configuration", error.problem, remedy: error.hint)]
        }
        var findings: [Finding] = []
        if let s3 = configuration.s3 {
            let keys = s3.credentials.map { "keys from \($0.accessKey.origin)" } ?? "no keys"
            findings.append(
                .ok("configuration", "S3: bucket \(s3.bucket) at \(s3.endpoint ?? "AWS"), region \(s3.region), \(keys)")
            )
        } else {
            findings.append(.ok("configuration", "S3 not configured in the environment"))
        }
        if let cloudinary = configuration.cloudinary {
            findings.append(.ok("configuration", "Cloudinary: cloud \(cloudinary.cloudName)"))
        }
        findings += configuration.notes.map {
            Finding(
                .warn, "configuration", String($0.dropLast($0.hasSuffix(".") ? 1 : 0)),
                remedy: "Correct it, or unset it.")
        }
        return findings
    }

    /// Connects, and looks at all the rest. `report` hears of each finding as soon as it is there.
    package func examine(
        _ address: DatabaseAddress, report: (Finding) -> Void
    ) async {
        let database: Database
        let start = ContinuousClock.now
        do throws(Problem) {
            database = try await Database.open(address)
        } catch {
            return report(Finding(.fail, "connection", error.message, remedy: error.hint))
        }
        let opened = ContinuousClock.now - start
        do {
            try await examine(database.connection, opened: opened, report: report)
        } catch let error as PostgresError {
            let problem = Problem(error)
            report(Finding(.fail, "database", problem.message, remedy: problem.hint))
        } catch {
            report(Finding(.fail, "database", "\(error)"))
        }
        await database.close()
    }

    private func examine(_ connection: Connection, opened: Duration, report: (Finding) -> Void) async throws {
        let role = try await examineServer(connection, opened, report)
        guard let installation = try await Installation.read(connection) else {
            return report(
                Finding(.fail, "schema", "pg_offload is not installed in this database", remedy: "offload install"))
        }
        if let problem = installation.mismatch {
            return report(Finding(.fail, "schema", problem.message, remedy: problem.hint))
        }
        let route = installation.route == .extension ? "as an extension" : "by migrations"
        report(
            installation.schemaVersion.map {
                .ok("schema", "version \($0), installed \(route), owned by \(installation.owner)")
            }
                ?? Finding(
                    .warn, "schema", "installed \(route); role \(role) may not read its version",
                    remedy: "select offload.grant_role('worker', '\(role)');"))
        let rights = try await examineRights(connection, installation, role, report)
        if rights.seesTables { try await examineTables(connection, report) }
        try await examineVersions(connection, report)
        if rights.seesStores { try await examineStores(connection, report) }
        if rights.seesStatistics {
            try await examineWork(connection, report)
        }
        try await examineSequences(connection, report)
        try await examineNotifications(connection, report)
    }

    // MARK: The server

    /// Returns the role.
    private func examineServer(
        _ connection: Connection, _ opened: Duration, _ report: (Finding) -> Void
    ) async throws -> String {
        let start = ContinuousClock.now
        let (role, backend, isStandby) = try await connection.query(
            "select current_user::text, pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery()"
        ).decoded(as: (String, Int32, Bool).self)[0]
        let trip = durationText(ContinuousClock.now - start)
        report(
            .ok(
                "connection",
                "\(await connection.address) as role \(role); opened in \(durationText(opened)), a statement takes \(trip)"
            ))
        let version = await connection.serverVersion
        if version < 150_000 {
            report(
                Finding(
                    .fail, "server", "PostgreSQL \(versionText(version)) is too old",
                    remedy: "Upgrade it to 15 or later."))
        } else {
            report(.ok("server", "PostgreSQL \(versionText(version))"))
        }
        if isStandby {
            report(
                Finding(
                    .fail, "server", "this is a standby: nothing can be written",
                    remedy: "Name the primary, or all hosts and target_session_attrs=read-write."))
        }
        // A pooler answers with a number of its own.
        if backend != (await connection.processID) {
            report(
                Finding(
                    .warn, "server", "a pooler stands between; a worker listens, and needs a session of its own",
                    remedy: "Give offload work the server's own address; the application may go on through the pooler.")
            )
        }
        return role
    }

    private func versionText(_ number: Int) -> String { "\(number / 10_000).\(number % 10_000)" }

    /// A restore without sequences, or a subscription, leaves them behind their tables: ids would come twice.
    private func examineSequences(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        guard
            try await connection.query("select pg_catalog.has_table_privilege('offload._sequence', 'select')")
                .only(Bool.self)
        else { return }
        let behind = try await connection.query(
            "select sequence::text, next, remedy from offload._sequence where is_behind order by 1"
        ).decoded(as: (String, Int, String).self)
        for (sequence, next, remedy) in behind {
            report(
                Finding(
                    .fail, "sequences", "\(sequence) was set back: its next id, \(next), is taken or behind others",
                    remedy: remedy))
        }
        if behind.isEmpty { report(.ok("sequences", "no id comes twice")) }
    }

    private func examineNotifications(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        let usage = try await connection.query("select pg_catalog.pg_notification_queue_usage()").only(Double.self)
        let text = "the queue of notifications is \(Int(usage * 100))% full"
        guard usage >= 0.1 else { return report(.ok("notifications", text)) }
        report(
            Finding(
                usage >= 0.5 ? .fail : .warn, "notifications", text + ": some session listens and does not read",
                remedy: "End it: select pid, xact_start, query from pg_stat_activity where state like 'idle in%' "
                    + "order by xact_start; select pg_terminate_backend(…);"))
    }

    // MARK: Rights

    private struct Rights {
        var seesStatistics: Bool
        var seesTables: Bool
        var seesStores: Bool
    }

    private func examineRights(
        _ connection: Connection, _ installation: Installation, _ role: String, _ report: (Finding) -> Void
    ) async throws -> Rights {
        let (mayWork, maySeeStatistics, maySeeFailures, mayManage, seesTables, seesStores) = try await connection.query(
            """
            select
              pg_catalog.has_function_privilege('offload.claim(int, interval, bigint, uuid)', 'execute')
                and pg_catalog.has_table_privilege('offload.job', 'update'),
              pg_catalog.has_table_privilege('offload.storage_stats', 'select')
                and pg_catalog.has_table_privilege('offload.queue_stats', 'select')
                and pg_catalog.has_table_privilege('offload.worker_stats', 'select'),
              pg_catalog.has_table_privilege('offload.failures', 'select'),
              pg_catalog.pg_has_role($1::name, 'member'),
              pg_catalog.has_table_privilege('offload.managed_table', 'select')
                and pg_catalog.has_table_privilege('offload.managed_column', 'select')
                and pg_catalog.has_table_privilege('offload.integrity_issues', 'select'),
              pg_catalog.has_table_privilege('offload.store', 'select')
            """, [installation.owner]
        ).decoded(as: (Bool, Bool, Bool, Bool, Bool, Bool).self)[0]
        let may = [
            maySeeStatistics ? "see statistics" : nil, maySeeFailures ? "see failures" : nil, mayWork ? "work" : nil,
            mayManage ? "attach and configure" : nil,
        ].compactMap(\.self)
        let text = "role \(role) may \(may.isEmpty ? "do nothing" : may.joined(separator: ", "))"
        report(
            mayWork
                ? .ok("rights", text)
                : Finding(
                    .warn, "rights", text + "; it may not run offload work",
                    remedy: "As \(installation.owner): select offload.grant_role('worker', '\(role)');"))
        return Rights(seesStatistics: maySeeStatistics, seesTables: seesTables, seesStores: seesStores)
    }

    /// Asks who may mend it: the question takes the rights of the role that installed.
    private func examineVersions(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        let mayRenew = try await connection.query(
            "select pg_catalog.has_function_privilege('offload.renew()', 'execute')"
        ).only(Bool.self)
        guard mayRenew else { return }
        let outdated = try await connection.query(
            """
            select array(
              select t.relation::text from offload.managed_table t
              join pg_catalog.pg_class c on c.oid = t.relation
              where t.detached_at is null and offload._is_outdated(t.id) order by 1)
            """
        ).only([String].self)
        for table in outdated {
            report(
                Finding(
                    .warn, "table \(table)", "its functions are those of an older version",
                    remedy: "select offload.renew();"))
        }
    }

    // MARK: Work

    private func examineWork(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        let (alive, gone, versions) = try await connection.query(
            """
            select count(*) filter (where is_alive), count(*) filter (where not is_alive),
              array(select distinct version from offload.worker_stats where is_alive and version <> $1 order by 1)
            from offload.worker_stats
            """, [productVersion]
        ).decoded(as: (Int, Int, [String]).self)[0]
        let (ready, dead, oldest) = try await connection.query(
            """
            select coalesce(pg_catalog.sum(ready), 0)::bigint, coalesce(pg_catalog.sum(dead), 0)::bigint,
              extract(epoch from pg_catalog.clock_timestamp() - min(oldest_at) filter (where ready > 0))::bigint
            from offload.queue_stats
            """
        ).decoded(as: (Int, Int, Int?).self)[0]
        if alive > 0 {
            report(.ok("worker", countText(alive, "worker is", "workers are") + " alive"))
        } else {
            let since = gone > 0 ? "none was seen in the last minute" : "none is running"
            report(
                Finding(
                    ready > 0 ? .fail : .warn, "worker",
                    since + (ready > 0 ? ", and \(countText(ready, "row waits", "rows wait"))" : ""),
                    remedy: "offload work"))
        }
        if !versions.isEmpty {
            report(
                Finding(
                    .warn, "worker", "some run another version: \(versions.joined(separator: ", "))",
                    remedy: "Restart them with version \(productVersion)."))
        }
        if alive > 0, let oldest, oldest > 3600 {
            report(
                Finding(
                    .warn, "queue",
                    "\(countText(ready, "row waits", "rows wait")), the oldest for "
                        + durationText(.seconds(oldest)),
                    remedy: "Start another worker: offload work"))
        } else {
            report(.ok("queue", "\(countText(ready, "row")) ready"))
        }
        let paused = try await connection.query(
            "select array(select relation::text from offload.queue_stats where paused_columns is not null order by 1)"
        ).only([String].self)
        if !paused.isEmpty {
            report(
                Finding(
                    .warn, "queue", "paused: \(paused.joined(separator: ", "))",
                    remedy: "Go on with: select offload.resume();"))
        }
        if dead > 0 {
            report(
                Finding(
                    .warn, "queue", countText(dead, "job") + " failed as often as it may",
                    remedy: "Look at offload.failures, then: select offload.retry();"))
        }
    }
}
