import Foundation
import Postgres
import TestGround
import Testing

@Suite("The queue under load and in trouble")
struct QueueTests {
    /// A table whose values stay in their rows: what a job costs beside the queue is next to nothing.
    private func attachNotes(_ shop: Shop, rows: Int = 0) async throws {
        try await shop.run("create table notes (id int primary key, body bytea, url text)")
        try await shop.run("select offload.attach('notes', 'body', url_column => 'url', kind => 'file')")
        try await shop.run(
            "insert into notes select n, convert_to('note ' || n, 'UTF8') from generate_series(1, \(rows)) n")
    }

    @Test("1, 2 and 4 workers do each job once, and each has its share")
    func severalWorkers() async throws {
        try await Shop.open(alone: true) { shop in
            try await attachNotes(shop, rows: 2000)
            try await shop.work()
            for count in [1, 2, 4] {
                try await shop.run("delete from offload.worker")
                // The lease makes them tell every second what they did.
                let workers = try (0..<count).map { _ in try shop.startWorker("--batch", "32", "--lease", "3") }
                try await shop.waitUntilListening(count)
                // Who wakes late finds nothing left of a few thousand.
                var rounds = 0
                try await eventually(within: .seconds(90), "a share for each") {
                    rounds += 1
                    try await shop.run(
                        "insert into offload.arrival (managed_table, key) select 1, array[n::text] from generate_series(1, 2000) n"
                    )
                    try await shop.run("select pg_notify('offload', '')")
                    try await shop.waitUntilDone(workers[0])
                    return try await shop.count("offload.worker where completed > 0") == count
                }
                var done: [Int] = []
                try await eventually("workers that told all that they did: \(done) of \(2000 * rounds)") {
                    done = try await shop.strings("select completed::text from offload.worker").compactMap { Int($0) }
                    return done.reduce(0, +) == 2000 * rounds
                }
                #expect(done.count == count && !done.contains(0), "\(done)")
                for worker in workers { #expect(try await worker.stop().status == 0) }
                #expect(try await shop.count("offload.worker") == 0)
            }
        }
    }

    @Test("after kill -9 with many rows in flight all of them are leased again, and none is lost")
    func killed() async throws {
        try await Shop.open(withRelay: true) { shop in
            try await shop.attachProducts()
            for id in 1...100 { try await shop.insertProduct(id, Picture.png(seed: id % 10, width: 20, height: 20)) }
            try await shop.relay?.set("hold")
            let dying = try shop.startWorker("--lease", "2", "--batch", "50")
            try await eventually("100 rows in flight") {
                try await shop.count("offload.job where lease is not null") == 100
            }
            dying.send(SIGKILL)
            _ = try await dying.end()
            #expect(try await shop.count("offload.job where lease is not null") == 100)
            try await shop.relay?.set("ok")
            let other = try shop.startWorker("--lease", "2")
            try await shop.waitUntilDone(other)
            _ = try await other.stop()
            #expect(try await shop.count("products where image_s3_url is null") == 0)
            try await shop.expectURLsOpen("select image_s3_url from products")
        }
    }

    @Test("rows that are replaced while they are processed, 500 times, show no URL of older bytes, and all get theirs")
    func replaced() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table notes (id int primary key, body bytea, url text)")
            try await shop.run(
                "select offload.attach('notes', 'body', url_column => 'url', kind => 'file', stores => '{media}')")
            try await shop.run("insert into notes select n, decode('00', 'hex') from generate_series(1, 10) n")
            let worker = try shop.startWorker()
            let stale =
                "notes where url is not null and strpos(url, encode(sha256(body), 'hex')) = 0"
            var rounds = 0
            while rounds < 500 {
                let changed = try await shop.run(
                    """
                    update notes set body = convert_to(gen_random_uuid()::text, 'UTF8')
                    where id in (select key[1]::int from offload.job where lease is not null limit 1) returning id
                    """)
                if changed.isEmpty {
                    try await shop.run(
                        "update notes set body = convert_to(gen_random_uuid()::text, 'UTF8') where id = $1",
                        [Int32.random(in: 1...10)])
                }
                rounds += changed.count
                if rounds % 10 == 0 { #expect(try await shop.count(stale) == 0) }
                guard worker.isRunning else { break }
            }
            #expect(rounds >= 500)
            try await shop.waitUntilDone(worker)
            _ = try await worker.stop()
            #expect(try await shop.count(stale) == 0)
            #expect(try await shop.count("notes where url is null") == 0)
        }
    }

    @Test(
        "a listener whose session is ended, or goes silent, works again within 20 s and complains once a second at most"
    )
    func lostListener() async throws {
        try await Shop.open { shop in
            try await attachNotes(shop)
            let silencer = try Silencer(to: shop.address)
            let worker = try Program(
                offload, ["work"], environment: shop.environment(["DATABASE_URL": silencer.address]))
            try await shop.waitUntilDozing()
            for trouble in ["ended", "silent"] {
                let lines = worker.logLines.count
                let start = ContinuousClock.now
                if trouble == "ended" {
                    try await shop.run(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'offload listen' and datname = current_database()"
                    )
                } else {
                    try silencer.silence()
                }
                try await shop.run("insert into notes values ($1, '\\x01')", [Int32(trouble == "ended" ? 1 : 2)])
                try await shop.waitUntilDone(within: .seconds(20), worker)
                let seconds = Int((ContinuousClock.now - start).components.seconds) + 1
                print("\(trouble): worked again after \(ContinuousClock.now - start)")
                let complaints = worker.logLines.dropFirst(lines).filter {
                    $0.contains("warning") || $0.contains("error")
                }
                #expect(complaints.count <= seconds + 1, "\(complaints.joined(separator: "\n"))")
                try await shop.waitUntilDozing()
            }
            #expect(try await worker.stop().status == 0)
            // It ends with its last use.
            withExtendedLifetime(silencer) {}
        }
    }

    @Test("a claim whose answer is lost is given back, and does not wait for the end of its lease")
    func lostAnswer() async throws {
        try await Shop.open { shop in
            try await attachNotes(shop)
            let silencer = try Silencer(to: shop.address)
            let worker = try Program(
                offload, ["work"], environment: shop.environment(["DATABASE_URL": silencer.address]))
            try await shop.waitUntilDozing()
            try silencer.loseAnswers()
            try await shop.run("insert into notes values (1, '\\x01')")
            try await eventually("a claim") { try await shop.count("offload.job where lease is not null") == 1 }
            try await shop.waitUntilDone(within: .seconds(40), worker)
            #expect(try await worker.stop().status == 0)
            withExtendedLifetime(silencer) {}
        }
    }

    @Test("two idle workers ask one question in five seconds each at most, and one takes the other's place at once")
    func idlePair() async throws {
        try await PrivatePostgres.run(options: "log_statement = all") { server in
            try await Shop.open(on: server) { shop in
                try await attachNotes(shop)
                let workers = [try shop.startWorker(), try shop.startWorker()]
                try await shop.waitUntilDozing()
                try await shop.waitUntilListening(2)
                // What the beginning asks for is no idleness.
                try await server.waitUntilQuiet()
                let start = try await shop.logTime()
                let end = try await shop.logTime(in: 10)
                try await eventually("ten seconds", every: .milliseconds(250)) { try await shop.logTime() > end }
                let asked = server.questions(from: start, to: end)
                print("two idle workers asked \(asked.count) questions in 10 s")
                #expect(asked.count <= 4, "\(asked.joined(separator: "\n"))")

                // Whoever held the bell's lock is gone without a word.
                workers[0].send(SIGKILL)
                _ = try await workers[0].end()
                try await shop.run("insert into notes values (1, '\\x01')")
                try await shop.waitUntilDone(within: .seconds(15), workers[1])
                #expect(try await workers[1].stop().status == 0)
            }
        }
    }
}

/// `silencer.py`, before a Postgres server.
private struct Silencer {
    let address: String
    private let server: ScriptServer

    init(to database: String) throws {
        var parts = try #require(URLComponents(string: database))
        server = try ScriptServer("silencer.py", [try #require(parts.host), "\(try #require(parts.port))"])
        (parts.host, parts.port) = ("127.0.0.1", server.port)
        address = try #require(parts.string)
    }

    /// Over the connections that there are, nothing passes any more.
    func silence() throws { try server.order("silence") }

    /// Over those that do not listen, no answer comes back any more.
    func loseAnswers() throws { try server.order("deafen") }
}
