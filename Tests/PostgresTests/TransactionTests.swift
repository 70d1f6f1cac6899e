import Foundation
import Postgres
import Testing

@Suite("transactions, pipelines and notifications")
struct TransactionTests {
    private struct Abandoned: Error {}

    @Test("what the body did is committed, or gone when it throws")
    func outcome() async throws {
        let connection = try await TestServer.connect()
        try await connection.query("create temp table t (i int8)")
        let answer = try await connection.transaction { transaction in
            try await transaction.query("insert into t values ($1)", [1])
            return "done"
        }
        #expect(answer == "done")
        await #expect(throws: Abandoned.self) {
            try await connection.transaction { transaction in
                try await transaction.query("insert into t values ($1)", [2])
                throw Abandoned()
            }
        }
        #expect(try await connection.query("select array_agg(i) from t").only([Int64].self) == [1])
    }

    @Test("a swallowed failure does not pass for a commit")
    func swallowed() async throws {
        let connection = try await TestServer.connect()
        let error = await failure {
            try await connection.transaction { transaction in
                _ = try? await transaction.query("select nonsense")
            }
        }
        #expect(error == .rolledBack)
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
    }

    @Test("statements from outside wait for the transaction's end")
    func isolation() async throws {
        let connection = try await TestServer.connect()
        try await connection.query("create temp table t (i int)")
        let outside = try await connection.transaction { transaction in
            let task = Task { try await connection.query("select count(*) from t").only(Int64.self) }
            for number in 1...50 {
                try await transaction.query("insert into t values ($1)", [Int32(number)])
            }
            return task
        }
        #expect(try await outside.value == 50)
    }

    @Test("a transaction kept beyond its end is refused")
    func escaped() async throws {
        let connection = try await TestServer.connect()
        let escaped = try await connection.transaction { $0 }
        #expect(await failure { try await escaped.query("select 1") } == .misuse("the transaction has ended"))
    }

    @Test("a cancelled task leaves no transaction open")
    func cancelled() async throws {
        let connection = try await TestServer.connect()
        try await connection.query("create temp table t (i int)")
        let task = Task {
            try await connection.transaction { transaction in
                try await transaction.query("insert into t values (1)")
                withUnsafeCurrentTask { $0?.cancel() }
                try await transaction.query("insert into t values (2)")
            }
        }
        #expect(await failure { try await task.value } == .cancelled)
        #expect(try await connection.query("select count(*) from t").only(Int64.self) == 0)
        #expect(try await connection.query("select pg_current_xact_id_if_assigned() is null").only(Bool.self))
    }

    @Test("a pipeline answers each statement in its order")
    func pipeline() async throws {
        let connection = try await TestServer.connect()
        let rows = try await connection.pipeline(
            (0..<500).map { Connection.Statement("select $1, $2", [Int64($0), "row \($0)"]) })
        #expect(try rows.map { try $0[0].value(0, as: Int.self) } == Array(0..<500))
        #expect(try rows[499][0].value(1) == "row 499")
        #expect(try await connection.pipeline([]).isEmpty)
    }

    @Test("a pipeline that fails took no effect, says why, and leaves the connection usable")
    func failedPipeline() async throws {
        let connection = try await TestServer.connect()
        try await connection.query("create temp table t (i int unique)")
        let insert = { (number: Int32) in Connection.Statement("insert into t values ($1)", [number]) }
        let error = await serverError {
            _ = try await connection.pipeline([insert(1), insert(2), insert(1), insert(3)])
        }
        #expect(error?.sqlState == "23505")
        #expect(try await connection.query("select count(*) from t").only(Int64.self) == 0)
        #expect(try await connection.pipeline([insert(1), insert(2)]).count == 2)
    }

    @Test("a pipeline of many megabytes both ways does not lock up")
    func largePipeline() async throws {
        let connection = try await TestServer.connect()
        let bytes = [UInt8](repeating: 7, count: 1_000_000)
        let rows = try await connection.pipeline(
            (0..<40).map { _ in Connection.Statement("select $1::bytea", [bytes]) })
        #expect(rows.allSatisfy { $0[0].byteCount(0) == bytes.count })
    }

    @Test("a pipeline inside a transaction shares its fate")
    func pipelineInTransaction() async throws {
        let connection = try await TestServer.connect()
        try await connection.query("create temp table t (i int)")
        await #expect(throws: Abandoned.self) {
            try await connection.transaction { transaction in
                _ = try await transaction.pipeline([
                    .init("insert into t values (1)"), .init("insert into t values (2)"),
                ])
                throw Abandoned()
            }
        }
        #expect(try await connection.query("select count(*) from t").only(Int64.self) == 0)
    }

    @Test("a deadline ends a pipeline, too")
    func slowPipeline() async throws {
        let connection = try await TestServer.connect()
        let error = await failure {
            _ = try await connection.pipeline(
                [.init("select 1"), .init("select pg_sleep(60)"), .init("select 2")], deadline: .milliseconds(50))
        }
        #expect(error == .timedOut)
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
    }

    @Test("notifications arrive with their payload, in order, even those that came during a statement")
    func notifications() async throws {
        let listener = try await TestServer.connect()
        let producer = try await TestServer.connect()
        let channel = "Doorbell \"\u{301}\(UUID())\""
        try await listener.listen(channel)
        #expect(try await listener.waitForNotification(timeout: .milliseconds(1)) == nil)
        let waiting = Task { try await listener.waitForNotification(timeout: .seconds(30)) }
        try await producer.query("select pg_notify($1, 'one')", [channel])
        #expect(try await waiting.value?.payload == "one")
        try await producer.query("select pg_notify($1, 'two')", [channel])
        try await producer.query("select pg_notify($1, 'three')", [channel])
        try await listener.query("select 1")
        let second = try await listener.waitForNotification(timeout: .seconds(30))
        #expect(second?.payload == "two")
        #expect(second?.channel == channel)
        #expect(await second?.processID == producer.processID)
        #expect(try await listener.waitForNotification(timeout: .seconds(30))?.payload == "three")
        try await listener.unlisten(channel)
        try await producer.query("select pg_notify($1, 'four')", [channel])
        #expect(try await listener.waitForNotification(timeout: .milliseconds(1)) == nil)
    }

    @Test("a cancelled wait for a notification ends at once")
    func cancelledWait() async throws {
        let connection = try await TestServer.connect()
        try await connection.listen("nobody")
        let task = Task { try await connection.waitForNotification(timeout: .seconds(60)) }
        task.cancel()
        #expect(await failure { _ = try await task.value } == .cancelled)
        #expect(try await connection.query("select 1").only(Int32.self) == 1)
    }
}
