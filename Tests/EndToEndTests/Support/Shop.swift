import Foundation
import Postgres
import TestGround
import Testing

/// A database with the schema, a folder in a bucket, and workers: what one test needs.
final class Shop: Sendable {
    let address: String
    let database: Connection
    let bucket: Bucket
    let relay: Relay?

    private init(address: String, database: Connection, bucket: Bucket, relay: Relay?) {
        self.address = address
        self.database = database
        self.bucket = bucket
        self.relay = relay
    }

    /// A database of the running server, made for this test and dropped after it.
    ///
    /// - Parameter alone: for a test that measures time, which other shops would take from it.
    static func open(
        withRelay: Bool = false, bucket: Bucket? = nil, alone: Bool = false, _ body: (Shop) async throws -> Void
    ) async throws {
        let turn = await Turns.shared.take(alone ? Turns.total : 1)
        do {
            try await openNow(withRelay, bucket, body)
        } catch {
            await Turns.shared.giveBack(turn)
            throw error
        }
        await Turns.shared.giveBack(turn)
    }

    private static func openNow(
        _ withRelay: Bool, _ bucket: Bucket?, _ body: (Shop) async throws -> Void
    ) async throws {
        let server = try TestServers.database
        let name = try await Template.shared.copy()
        let bucket = if let bucket { bucket } else { try await Bucket.folder() }
        let relay = withRelay ? try Relay(to: bucket.endpoint) : nil
        let address = try other(name, on: server)
        let shop = Shop(
            address: address, database: try await Connection.open(address), bucket: bucket, relay: relay)
        do {
            try await body(shop)
        } catch {
            await shop.close(server, name)
            throw error
        }
        await shop.close(server, name)
    }

    /// A server of this test's own, which it may end and restart.
    static func open(on server: PrivatePostgres, _ body: (Shop) async throws -> Void) async throws {
        let turn = await Turns.shared.take(1)
        do {
            try await openNow(on: server, body)
        } catch {
            await Turns.shared.giveBack(turn)
            throw error
        }
        await Turns.shared.giveBack(turn)
    }

    private static func openNow(on server: PrivatePostgres, _ body: (Shop) async throws -> Void) async throws {
        let address = try other("shop", on: server.address)
        let admin = try await Connection.open(server.address)
        try await admin.query("create database shop")
        await admin.close()
        try await Template.install(address)
        let shop = Shop(
            address: address, database: try await Connection.open(address), bucket: try await Bucket.folder(),
            relay: nil)
        try await body(shop)
        await shop.database.close()
    }

    /// The same shop, once its server was restarted.
    func reopened(on server: PrivatePostgres, _ body: (Shop) async throws -> Void) async throws {
        let shop = Shop(
            address: address, database: try await Connection.open(address), bucket: bucket, relay: relay)
        try await body(shop)
        await shop.database.close()
    }

    private func close(_ server: String, _ name: String) async {
        await database.close()
        if let admin = try? await Connection.open(server) {
            _ = try? await admin.query("drop database if exists \(name) with (force)")
            await admin.close()
        }
    }

    // MARK: The database

    @discardableResult
    func run(_ statement: String, _ parameters: [any ParameterValue] = []) async throws -> Rows {
        try await database.query(statement, parameters)
    }

    func value<Value: ColumnValue>(
        _ statement: String, _ parameters: [any ParameterValue] = [], as _: Value.Type = Value.self
    )
        async throws -> Value
    {
        try await database.query(statement, parameters).only()
    }

    func count(_ statement: String, _ parameters: [any ParameterValue] = []) async throws -> Int {
        Int(try await value("select count(*) from " + statement, parameters, as: Int64.self))
    }

    func strings(_ statement: String, _ parameters: [any ParameterValue] = []) async throws -> [String] {
        try await database.query(statement, parameters).map { try $0.value(0) }
    }

    /// The time in so many seconds, as the server's log writes it.
    func logTime(in seconds: Int = 0) async throws -> String {
        try await value(
            """
            select to_char((clock_timestamp() + make_interval(secs => $1)) at time zone current_setting('log_timezone'),
              'YYYY-MM-DD HH24:MI:SS.MS')
            """, [Int32(seconds)])
    }

    /// The store `media`: this test's folder in the bucket, reached through the relay where there is one.
    func addStore() async throws {
        try await run(
            """
            select offload.add_store('media', 's3', endpoint => $1, bucket => $2, prefix => $3, addressing => 'path',
              public_url => $4)
            """,
            [
                relay?.endpoint ?? bucket.endpoint, bucket.name, bucket.prefix,
                "\(bucket.endpoint)/\(bucket.name)",
            ])
    }

    /// `products(id, image, image_s3_url)`, managed.
    func attachProducts(_ settings: String = "") async throws {
        try await addStore()
        try await run("create table products (id int primary key, image text, image_s3_url varchar(500))")
        try await run(
            "select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}' \(settings))")
    }

    func insertProduct(_ id: Int, _ image: [UInt8]) async throws {
        try await run("insert into products (id, image) values ($1, $2)", [Int32(id), image.base64])
    }

    /// No job waits or is held, but for those that are dead.
    func waitUntilDone(within limit: Duration = .seconds(60), _ worker: Program? = nil) async throws {
        do {
            try await eventually(within: limit, "an empty queue") {
                if let worker, !worker.isRunning { throw TimedOut(description: "the worker ended") }
                let left: Int64 = try await value(
                    """
                    select (select count(*) from offload.arrival) - (select count(*) from offload.job where died_at is not null)
                      + (select count(*) from offload.backfill where state = 'pending')
                    """)
                return left == 0
            }
        } catch {
            let jobs = try await strings("select j::text from offload.arrival j limit 5")
            throw TimedOut(description: "\(error)\n\(jobs.joined(separator: "\n"))\n\(worker?.log ?? "")")
        }
    }

    // MARK: Workers

    func environment(_ changes: [String: String] = [:]) -> [String: String] {
        [
            "DATABASE_URL": address, "S3_ACCESS_KEY_ID": TestServers.accessKey,
            "S3_SECRET_ACCESS_KEY": TestServers.secretKey,
        ].merging(changes) { _, new in new }
    }

    func startWorker(_ arguments: String..., environment changes: [String: String] = [:]) throws -> Program {
        try Program(offload, ["work"] + arguments, environment: environment(changes))
    }

    /// Works until nothing is ready.
    @discardableResult
    func work(_ changes: [String: String] = [:], within limit: Duration = .seconds(120)) async throws -> Program.Ended {
        let ended = try await Program(offload, ["work", "--until-empty"], environment: environment(changes))
            .end(within: limit)
        try #require(ended.status == 0 && !ended.wasKilled, "\(ended)")
        return ended
    }

    /// So many workers hear whoever rings.
    func waitUntilListening(_ number: Int) async throws {
        try await eventually("\(number) that listen") {
            try await count(
                """
                pg_stat_activity where application_name = 'offload listen' and datname = current_database()
                  and state = 'idle' and query ~ 'offload[.](_try_doorbell|next_due)'
                """) == number
        }
    }

    /// A worker holds the doorbell's lock, has looked once more since, and waits to be rung.
    func waitUntilDozing() async throws {
        try await eventually("a dozing listener") {
            try await count(
                """
                pg_locks l join pg_stat_activity a using (pid)
                where l.locktype = 'advisory' and l.objid = 1 and l.mode = 'ExclusiveLock' and l.granted
                  and l.database = (select oid from pg_database where datname = current_database())
                  and a.application_name = 'offload listen' and a.state = 'idle' and a.query like '%offload.next_due()%'
                """) > 0
        }
    }

    // MARK: What must hold

    /// Everything in the folder is a replica that the database knows, with its size, and the other way round.
    func expectNoOrphans() async throws {
        let there = try await bucket.objects()
        let known = try await run(
            "select r.key, o.bytes from offload.replica r join offload.object o on o.hash = r.object_hash where r.state = 'stored'"
        )
        var expected: [String: Int] = [:]
        for row in known { expected[try row.value(0)] = Int(try row.value(1, as: Int64.self)) }
        #expect(there == expected)
    }

    /// The object behind each URL opens, is what its name says, and is the item's.
    func expectURLsOpen(_ statement: String) async throws {
        for url in Set(try await strings(statement)) {
            let response = try await EndToEndTests.open(url)
            #expect(response.status == 200, "\(url)")
            let hash: String = try await value("select encode(sha256($1), 'hex')", [response.body])
            #expect(url.contains(hash), "\(url) holds other bytes")
        }
    }
}

/// How many shops are open at once: each has some ten sessions and a worker or two, which take time from each other.
private actor Turns {
    static let total = 6
    static let shared = Turns()

    private var left = Turns.total
    private var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func take(_ count: Int) async -> Int {
        if waiters.isEmpty, left >= count {
            left -= count
        } else {
            await withCheckedContinuation { waiters.append((count, $0)) }
        }
        return count
    }

    func giveBack(_ count: Int) {
        left += count
        while let first = waiters.first, left >= first.count {
            left -= first.count
            waiters.removeFirst().continuation.resume()
        }
    }
}

/// The same server, another database.
private func other(_ database: String, on address: String) throws -> String {
    var parts = try #require(URLComponents(string: address))
    parts.path = "/" + database
    return try #require(parts.string)
}

/// A database that the tests copy: installing the schema takes longer than that.
private actor Template {
    static let shared = Template()
    private var made: Task<String, any Error>?

    func copy() async throws -> String {
        let making = made ?? Task { try await Self.make() }
        made = making
        let template = try await making.value
        let name = "e2e_\(UUID().uuidString.lowercased().prefix(13).replacing("-", with: "_"))"
        let admin = try await Connection.open(try TestServers.database)
        try await admin.query("create database \(name) template \(template)")
        await admin.close()
        return name
    }

    private static func make() async throws -> String {
        let server = try TestServers.database
        let name = "e2e_template_\(ProcessInfo.processInfo.processIdentifier)"
        let admin = try await Connection.open(server)
        try await admin.query("drop database if exists \(name)")
        try await admin.query("create database \(name)")
        await admin.close()
        try await install(try other(name, on: server))
        return name
    }

    static func install(_ address: String) async throws {
        let script = try await Script.shared.path()
        try await succeed("/usr/bin/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script, address)
    }
}

/// The script of the plain install, composed once.
private actor Script {
    static let shared = Script()
    private let scratch = Result { try Scratch() }
    private var built: Task<String, any Error>?

    func path() async throws -> String {
        let directory = try scratch.get().path
        let building =
            built
            ?? Task {
                try await succeed("\(TestServers.project)/scripts/build-extension", directory)
                return "\(directory)/install.sql"
            }
        built = building
        return try await building.value
    }
}
