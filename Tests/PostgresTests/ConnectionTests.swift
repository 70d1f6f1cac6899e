import Foundation
import Postgres
import Synchronization
import TestGround
import Testing

@Suite("a connection")
struct ConnectionTests {
    @Test("tells where it is, and that the server is no standby")
    func identity() async throws {
        let connection = try await TestServer.connect()
        #expect(await connection.isOpen)
        #expect(await connection.serverVersion >= 150000)
        #expect(await !connection.isStandby)
        let address = await connection.address
        #expect(address.hasPrefix("postgresql://127.0.0.1:") && address.hasSuffix("/postgres"))
        let name: String = try await connection.query("select current_setting('application_name')").only()
        #expect(name == "offload")
    }

    @Test("what a role or a database has for defaults does not rule a session, but for the brake on writing")
    func settled() async throws {
        let defaults = [
            "default_transaction_isolation=serializable", "statement_timeout=5s", "lock_timeout=1ms",
            "idle_in_transaction_session_timeout=1s", "idle_session_timeout=1s", "tcp_keepalives_idle=7200",
            "default_transaction_read_only=on",
        ]
        let options = defaults.map { "-c%20\($0.replacing("=", with: "%3D"))" }.joined(separator: "%20")
        let connection = try await Connection.open(
            try TestServers.database + "?client_encoding=latin1&options=\(options)")
        let names = defaults.compactMap { $0.split(separator: "=").first.map(String.init) }
        let held = try await connection.query(
            "select current_setting(n) from unnest($1::text[]) with ordinality s (n, i) order by i",
            [names + ["client_encoding", "tcp_user_timeout"]]
        ).map { try $0.value(0, as: String.self) }
        #expect(held == ["read committed", "0", "0", "0", "0", "10", "on", "UTF8", "20000"])
        #expect(try await connection.query("select $1", ["größe"]).only(String.self) == "größe")
    }

    @Test("statements that many tasks ask for at once all get their own answer")
    func concurrency() async throws {
        let connection = try await TestServer.connect()
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 1...200 as ClosedRange<Int64> {
                group.addTask { try await connection.query("select $1", [number]).only() }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 20_100)
    }

    @Test("a refusal carries code, object, hint and statement, and the connection goes on")
    func refusal() async throws {
        let connection = try await TestServer.connect()
        try await connection.query("create temp table thing (name text constraint thing_name unique)")
        try await connection.query("insert into thing values ('a')")
        let error = await serverError { try await connection.query("insert into thing values ($1)", ["a"]) }
        #expect(error?.sqlState == "23505")
        #expect(error?.table == "thing")
        #expect(error?.constraint == "thing_name")
        #expect(error?.statement == "insert into thing values ($1)")
        let raised = await serverError {
            try await connection.execute(
                script: "do $$ begin raise 'no' using errcode = 'OF001', hint = 'Do it.', detail = 'why'; end $$")
        }
        #expect(raised?.sqlState == "OF001" && raised?.hint == "Do it." && raised?.detail == "why")
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
    }

    @Test("no error quotes a bound value")
    func secrets() async throws {
        let connection = try await TestServer.connect()
        let secret = "s3cr3t-v4lue"
        try await connection.query("create temp table vault (name text unique, n int check (n > 0), m int not null)")
        try await connection.query("insert into vault values ($1, 1, 1)", [secret])
        let statements: [(String, [any ParameterValue])] = [
            ("insert into vault values ($1, 1, 1)", [secret]),
            ("insert into vault values ($1, -1, 1)", ["x" + secret]),
            ("insert into vault values ($1, 1, null)", ["y" + secret]),
            ("select $1::int", [secret]),
            ("select $1::jsonb", ["{\"a\": \(secret)}"]),
            ("select $1::uuid", [secret]),
            ("select $1::timestamptz", [secret]),
            ("select $1::regclass", [secret]),
            ("select decode($1, 'hex')", [secret]),
        ]
        for (statement, parameters) in statements {
            let error = await serverError { try await connection.query(statement, parameters) }
            let text = "\(try #require(error)) \(String(reflecting: error))"
            #expect(!text.contains(secret), "\(statement): \(text)")
        }
    }

    @Test("a script runs all its statements")
    func script() async throws {
        let connection = try await TestServer.connect()
        try await connection.execute(script: "create temp table a (i int); insert into a values (1), (2); select 1")
        #expect(try await connection.query("select count(*) from a").only(Int64.self) == 2)
        let error = await serverError { try await connection.execute(script: "select 1; select nonsense; select 2") }
        #expect(error?.sqlState == "42703")
        #expect(try await connection.query("insert into a values (3)").affected == 1)
    }

    @Test("notices reach the callback")
    func notices() async throws {
        let box = NoticeBox()
        var settings = Connection.Settings()
        settings.onNotice = { notice in box.notices.withLock { $0.append(notice) } }
        let connection = try await TestServer.connect(settings)
        try await connection.execute(script: "do $$ begin raise warning 'mind' using hint = 'the gap'; end $$")
        #expect(
            box.notices.withLock { $0 }
                == [ServerNotice(severity: "WARNING", message: "mind", hint: "the gap")])
    }

    // MARK: Ends

    @Test("a statement past its deadline is given up at once, and the next one runs")
    func deadline() async throws {
        let connection = try await TestServer.connect()
        let start = ContinuousClock.now
        let error = await failure { try await connection.query("select pg_sleep(60)", deadline: .milliseconds(50)) }
        #expect(error == .timedOut)
        #expect(ContinuousClock.now - start < .seconds(30))
        for _ in 1...20 {
            #expect(try await connection.query("select 1").only(Int32.self) == 1)
        }
    }

    @Test("cancelling the task ends its statement on the server")
    func cancelledTask() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let process = await connection.processID
        let task = Task { try await connection.query("select pg_sleep(60)") }
        try await eventually("the statement runs") {
            try await observer.query(
                "select count(*) from pg_stat_activity where pid = $1 and state = 'active' and query like '%sleep%'",
                [process]
            ).only(Int64.self) == 1
        }
        task.cancel()
        #expect(await failure { _ = try await task.value } == .cancelled)
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
    }

    @Test("another task can cancel what runs")
    func cancelFromOutside() async throws {
        let connection = try await TestServer.connect()
        let observer = try await TestServer.connect()
        let process = await connection.processID
        let task = Task { try await connection.query("select pg_sleep(60)") }
        try await eventually("the statement runs") {
            try await observer.query(
                "select count(*) from pg_stat_activity where pid = $1 and state = 'active' and query like '%sleep%'",
                [process]
            ).only(Int64.self) == 1
        }
        await connection.cancel()
        #expect(await serverError { _ = try await task.value }?.sqlState == "57014")
    }

    @Test("a session that the server ends is lost, and stays lost")
    func terminated() async throws {
        let connection = try await TestServer.connect()
        let other = try await TestServer.connect()
        let process = await connection.processID
        let task = Task { try await connection.query("select pg_sleep(60)") }
        try await eventually("the statement runs") {
            try await other.query(
                "select count(*) from pg_stat_activity where pid = $1 and state = 'active' and query like '%sleep%'",
                [process]
            ).only(Int64.self) == 1
        }
        try await other.query("select pg_terminate_backend($1)", [process])
        guard case .connectionLost = await failure({ _ = try await task.value }) else {
            Issue.record("not reported as lost")
            return
        }
        #expect(await !connection.isOpen)
        guard case .connectionLost = await failure({ try await connection.query("select 1") }) else {
            Issue.record("used after it was lost")
            return
        }
    }

    @Test("a server that answers nothing any more, not even a cancel request, is lost, not waited for")
    func frozen() async throws {
        var settings = Connection.Settings()
        settings.cancelGrace = .milliseconds(200)
        let connection = try await TestServer.connect(settings)
        let process = await connection.processID
        // The testbed's server runs on this machine.
        try #require(kill(process, SIGSTOP) == 0)
        defer { kill(process, SIGCONT) }
        guard
            case .connectionLost = await failure({ try await connection.query("select 1", deadline: .milliseconds(50)) }
            )
        else {
            Issue.record("not reported as lost")
            return
        }
        #expect(await !connection.isOpen)
    }

    @Test("an idle listener notices that the server is gone")
    func terminatedListener() async throws {
        let connection = try await TestServer.connect()
        let other = try await TestServer.connect()
        try await connection.listen("gone")
        let process = await connection.processID
        let task = Task { try await connection.waitForNotification(timeout: .seconds(60)) }
        try await other.query("select pg_terminate_backend($1)", [process])
        guard case .connectionLost = await failure({ _ = try await task.value }) else {
            Issue.record("not reported as lost")
            return
        }
    }

    // MARK: Connecting

    @Test("a connection string that cannot be read is refused without quoting it")
    func unreadableString() async throws {
        for text in [
            "postgresql://u:hunter2@[::1", "host=a password='hunter2", "hunter2", "postgresql://h/d?hunter2=1",
        ] {
            let error = await failure { _ = try await Connection.open(text) }
            guard case .cannotConnect(let reason) = error else {
                Issue.record("accepted: \(text)")
                continue
            }
            #expect(!reason.contains("hunter2"))
        }
    }

    @Test("a port where nobody listens is told apart from one that stays silent")
    func unreachable() async throws {
        let dead = await failure { _ = try await Connection.open("postgresql://x:hunter2@127.0.0.1:1/d") }
        guard case .cannotConnect(let reason) = dead else {
            Issue.record("connected")
            return
        }
        #expect(reason.contains("refused") && !reason.contains("hunter2"))
        let silent = try SilentPort()
        var settings = Connection.Settings()
        settings.connectTimeout = .milliseconds(200)
        let error = await failure {
            _ = try await Connection.open("postgresql://x@127.0.0.1:\(silent.number)/d", settings: settings)
        }
        #expect(error == .cannotConnect("no answer within 0.2 seconds"))
    }

    @Test("of several hosts the first that answers and fits is taken")
    func severalHosts() async throws {
        let direct = try await TestServer.connect()
        let port = try #require(await direct.address.split(separator: ":").last?.split(separator: "/").first)
        let hosts = "host=127.0.0.1,127.0.0.1 port=1,\(port) user=postgres dbname=postgres target_session_attrs="
        let connection = try await Connection.open(hosts + "read-write")
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
        guard case .cannotConnect = await failure({ _ = try await Connection.open(hosts + "standby") }) else {
            Issue.record("took a primary for a standby")
            return
        }
    }

    @Test("a host that accepts and never answers keeps nobody from the next one")
    func silentHost() async throws {
        let silent = try SilentPort()
        let direct = try await TestServer.connect()
        let port = try #require(await direct.address.split(separator: ":").last?.split(separator: "/").first)
        let start = ContinuousClock.now
        for more in ["", "&target_session_attrs=primary"] {
            let connection = try await Connection.open(
                "postgresql://postgres@127.0.0.1:\(silent.number),127.0.0.1:\(port)/postgres?connect_timeout=4\(more)")
            #expect(try await connection.query("select 1").only(Int32.self) == 1)
        }
        #expect(start.duration(to: .now) < .seconds(30))
        let error = await failure {
            _ = try await Connection.open(
                "host=127.0.0.1,127.0.0.1 port=1,\(silent.number) connect_timeout=3 user=x dbname=hunter2")
        }
        guard case .cannotConnect(let reason) = error else {
            Issue.record("connected")
            return
        }
        #expect(reason.contains("refused") && reason.contains("no answer from 127.0.0.1 within 3.0 seconds"))
    }

    @Test("several hosts mean the one that can be written, unless it is said otherwise")
    func writableHost() async throws {
        let direct = try await TestServer.connect()
        let port = try #require(await direct.address.split(separator: ":").last?.split(separator: "/").first)
        let hosts = "host=127.0.0.1,127.0.0.1 port=\(port) user=postgres dbname=postgres "
        let readOnly = "options='-c default_transaction_read_only=on'"
        guard case .cannotConnect(let reason) = await failure({ _ = try await Connection.open(hosts + readOnly) })
        else {
            Issue.record("took what cannot be written")
            return
        }
        #expect(reason.contains("session is read-only"))
        let connection = try await Connection.open(hosts + "target_session_attrs=any " + readOnly)
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
        #expect(try await !connection.isLentByTransaction(hosts))
    }

    @Test("an unknown database is a refused login that names it")
    func unknownDatabase() async throws {
        let address = try TestServers.database.replacing("/postgres", with: "/nowhere", maxReplacements: 2)
        guard case .cannotConnect = await failure({ _ = try await Connection.open(address) }) else {
            Issue.record("connected")
            return
        }
    }

    @Test("a hundred connections opened and dropped leave no session and no thread behind")
    func leaks() async throws {
        let observer = try await TestServer.connect()
        for _ in 1...100 {
            var settings = Connection.Settings()
            settings.applicationName = "leak"
            let connection = try await TestServer.connect(settings)
            try await connection.query("select 1")
        }
        try await eventually("no session is left") {
            try await observer.query("select count(*) from pg_stat_activity where application_name = 'leak'")
                .only(Int64.self) == 0
        }
    }
}

private final class NoticeBox: Sendable {
    let notices = Mutex<[ServerNotice]>([])
}
