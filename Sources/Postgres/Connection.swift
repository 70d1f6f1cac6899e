private import CLibPQ
private import Glibc
private import Synchronization

/// A session with a Postgres server.
///
/// Statements run one after another, in the order they were asked for. A deadline or a cancelled task makes the server
/// give the statement up, and the connection goes on; a connection that was lost stays lost: open another.
@safe package actor Connection {
    /// How a connection is opened. What the connection string says wins.
    package struct Settings: Sendable {
        package var applicationName = "offload"
        /// For all hosts of the connection string together.
        package var connectTimeout: Duration = .seconds(30)
        /// How long a statement may take, unless it brings a deadline of its own.
        package var statementTimeout: Duration = .seconds(300)
        /// How long a server that was asked to give up may take before the connection counts as lost.
        package var cancelGrace: Duration = .seconds(5)
        /// Called on the connection's thread: it must not block.
        package var onNotice: @Sendable (ServerNotice) -> Void = { _ in }

        package init() {}
    }

    /// One statement of a pipeline.
    package struct Statement: Sendable {
        package var text: String
        package var parameters: [any ParameterValue]

        package init(_ text: String, _ parameters: [any ParameterValue] = []) {
            self.text = text
            self.parameters = parameters
        }
    }

    /// A NOTIFY that arrived.
    package struct Notification: Sendable, Equatable {
        package let channel: String
        package let payload: String
        package let processID: Int32
    }

    private enum Stop {
        case timedOut
        case cancelled

        var error: PostgresError { self == .timedOut ? .timedOut : .cancelled }
    }

    private let loop = EventLoop()
    private let settings: Settings
    private let canceller = Canceller()
    private var handle = Handle()

    // The turn-taking of statements.
    private var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []
    private var transactionID = 0
    private var openTransaction: Int?

    // The statement that runs now.
    private var deadline: ContinuousClock.Instant?
    private var isShielded = false
    private var stop: Stop?

    private var notifications: [Notification] = []
    /// The largest answer so far, in bytes. libpq's buffers never shrink: after a large one, open a new connection.
    package private(set) var largestAnswer = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    private init(settings: Settings) {
        self.settings = settings
        loop.start()
    }

    deinit {
        loop.stop()
    }

    /// Opens a connection from a libpq connection string: a URI or `host=… dbname=…`, several hosts and
    /// `target_session_attrs` included. What it leaves out comes from libpq's environment (`PGHOST` and so on).
    package static func open(
        _ connectionString: String, settings: Settings = Settings()
    ) async throws(PostgresError) -> Connection {
        let connection = Connection(settings: settings)
        try await connection.connect(connectionString)
        try await connection.settle(within: settings.connectTimeout)
        return connection
    }

    // MARK: What the server tells about itself

    package var isOpen: Bool { handle.isOpen }

    /// Whether the server is a standby, as it last reported.
    package var isStandby: Bool { handle.parameter("in_hot_standby") == "on" }

    /// Such as 150020.
    package var serverVersion: Int { handle.serverVersion }

    package var processID: Int32 { handle.processID }

    /// `postgresql://host:port/database`, without user and password.
    package var address: String { handle.address }

    // MARK: Statements

    /// Runs one statement. Parameters and rows travel in binary.
    @discardableResult
    package func query(
        _ text: String, _ parameters: [any ParameterValue] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> Rows {
        await takeTurn()
        defer { passTurn() }
        return try await run([Statement(text, parameters)], pipelined: false, deadline: deadline)[0]
    }

    /// Runs the statements in one round trip and one transaction: if one fails, none took effect.
    package func pipeline(
        _ statements: [Statement], deadline: Duration? = nil
    ) async throws(PostgresError) -> [Rows] {
        await takeTurn()
        defer { passTurn() }
        return try await run(statements, pipelined: true, deadline: deadline)
    }

    /// Runs a text of many statements, such as a migration, without parameters and without rows.
    package func execute(script: String, deadline: Duration? = nil) async throws(PostgresError) {
        await takeTurn()
        defer { passTurn() }
        try await run(script: script, deadline: deadline)
    }

    /// Runs the body between `begin` and `commit`, and rolls back when it throws.
    ///
    /// The body uses the transaction it is given: the connection itself would wait for the transaction's end.
    package nonisolated(nonsending) func transaction<Answer>(
        _ begin: String = "begin", _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        let transaction = try await self.begin(begin)
        let answer: Answer
        do {
            answer = try await body(transaction)
        } catch {
            await end(transaction)
            throw error
        }
        try await commit(transaction)
        return answer
    }

    /// Makes the server give up the statement that runs now, if any: it fails with SQLSTATE 57014.
    package nonisolated func cancel() async {
        await canceller.cancel()
    }

    /// Closes the session. Statements that come later fail.
    package func close() {
        handle.close()
        canceller.disarm()
    }

    // MARK: Notifications

    package func listen(_ channel: String) async throws(PostgresError) {
        try await query("listen " + quoted(channel))
    }

    package func unlisten(_ channel: String) async throws(PostgresError) {
        try await query("unlisten " + quoted(channel))
    }

    /// The next notification, or nil when none comes in time. Statements asked for meanwhile wait for its end.
    package func waitForNotification(timeout: Duration) async throws(PostgresError) -> Notification? {
        await takeTurn()
        defer { passTurn() }
        let deadline = ContinuousClock.now + timeout
        loop.clearInterrupt()
        return try await withTaskCancellationHandler {
            await awaitNotification(until: deadline)
        } onCancel: {
            loop.interrupt()
        }.get()
    }

    /// Forgets the notifications that have come so far; to be followed by what they ask for, and not by another wait.
    package func forgetNotifications() {
        if handle.isOpen { try? receive() }
        notifications.removeAll()
    }

    private func awaitNotification(until deadline: ContinuousClock.Instant) async -> Result<
        Notification?, PostgresError
    > {
        while true {
            do throws(PostgresError) {
                guard handle.isOpen else { throw .connectionLost("it was closed") }
                try receive()
            } catch {
                return .failure(error)
            }
            if !notifications.isEmpty { return .success(notifications.removeFirst()) }
            if Task.isCancelled { return .failure(.cancelled) }
            let outcome = await loop.wait(handle.socket, Int16(POLLIN), until: deadline, isolation: self)
            if outcome == .timedOut { return .success(nil) }
        }
    }

    // MARK: Turns

    private func takeTurn() async {
        if isBusy {
            await withCheckedContinuation { queue.append($0) }
        } else {
            isBusy = true
        }
    }

    private func passTurn() {
        if queue.isEmpty {
            isBusy = false
        } else {
            queue.removeFirst().resume()
        }
    }

    // MARK: Transactions

    private func begin(_ text: String) async throws(PostgresError) -> Transaction {
        await takeTurn()
        do {
            _ = try await run([Statement(text)], pipelined: false, deadline: nil)
        } catch {
            passTurn()
            throw error
        }
        transactionID += 1
        openTransaction = transactionID
        return Transaction(connection: self, identifier: transactionID)
    }

    private func commit(_: Transaction) async throws(PostgresError) {
        openTransaction = nil
        defer { passTurn() }
        let answer = try await run([Statement("commit")], pipelined: false, deadline: nil, shielded: true)[0]
        if answer.command == "ROLLBACK" { throw .rolledBack }
    }

    private func end(_: Transaction) async {
        openTransaction = nil
        defer { passTurn() }
        guard handle.isOpen else { return }
        do {
            _ = try await run([Statement("rollback")], pipelined: false, deadline: settings.cancelGrace, shielded: true)
        } catch {
            // A session whose transaction cannot be ended must not be used again.
            close()
        }
    }

    func run(
        _ statements: [Statement], pipelined: Bool, deadline: Duration?, in transaction: Int
    ) async throws(PostgresError) -> [Rows] {
        guard openTransaction == transaction else { throw .misuse("the transaction has ended") }
        return try await run(statements, pipelined: pipelined, deadline: deadline)
    }

    // MARK: The wire

    /// Tries one host after the other, and leaves time for those that come after.
    private func connect(_ connectionString: String) async throws(PostgresError) {
        let hosts = try Hosts(connectionString)
        let tries = hosts.tries
        let end = ContinuousClock.now + settings.connectTimeout
        var reasons: [String] = []
        for (index, host) in tries.enumerated() {
            let share = ContinuousClock.now.duration(to: end) / (tries.count - index)
            let left = tries.count > 1 ? min(share, hosts.patience) : share
            do {
                return try await connect(connectionString, host, within: left)
            } catch .cannotConnect(let reason) {
                if !reasons.contains(reason) { reasons.append(reason) }
            }
        }
        throw .cannotConnect(reasons.joined(separator: "; "))
    }

    private func connect(
        _ connectionString: String, _ host: Hosts.Parameters, within limit: Duration
    ) async throws(PostgresError) {
        deadline = ContinuousClock.now + limit
        try handle.start(
            connectionString, host: host, applicationName: settings.applicationName, onNotice: settings.onNotice)
        var events = Int16(POLLOUT)
        loop.clearInterrupt()
        while true {
            let outcome = await withTaskCancellationHandler {
                await loop.wait(handle.socket, events, until: deadline, isolation: self)
            } onCancel: {
                loop.interrupt()
            }
            if Task.isCancelled {
                close()
                throw .cancelled
            }
            if outcome == .timedOut {
                close()
                let name = host.first.map { " from \($0.value)" } ?? ""
                throw .cannotConnect("no answer\(name) within \(limit.wholeSeconds)")
            }
            switch try handle.poll() {
            case .wantsRead: events = Int16(POLLIN)
            case .wantsWrite: events = Int16(POLLOUT)
            case .done:
                canceller.arm(handle.cancelHandle())
                return
            }
        }
    }

    private func run(
        _ statements: [Statement], pipelined: Bool, deadline: Duration?, shielded: Bool = false
    ) async throws(PostgresError) -> [Rows] {
        try await interruptibly(deadline, shielded: shielded) {
            do throws(PostgresError) {
                if pipelined {
                    return .success(try await sendPipeline(statements))
                }
                var answers: [Rows] = []
                for statement in statements {
                    try handle.send(statement)
                    try await flush()
                    answers.append(try await lastAnswer(to: statement))
                }
                return .success(answers)
            } catch {
                return .failure(error)
            }
        }
    }

    private func run(script: String, deadline: Duration?) async throws(PostgresError) {
        try await interruptibly(deadline, shielded: false) {
            do throws(PostgresError) {
                try handle.send(script: script)
                try await flush()
                _ = try await lastAnswer(to: nil)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
    }

    /// Runs the body so that the deadline and the task's cancellation end it.
    private func interruptibly<Answer: Sendable>(
        _ limit: Duration?, shielded: Bool, _ body: () async -> Result<Answer, PostgresError>
    ) async throws(PostgresError) -> Answer {
        guard handle.isOpen else { throw .connectionLost("it was closed") }
        if !shielded, Task.isCancelled { throw .cancelled }
        deadline = ContinuousClock.now + (limit ?? settings.statementTimeout)
        isShielded = shielded
        stop = nil
        loop.clearInterrupt()
        let result = await withTaskCancellationHandler {
            await body()
        } onCancel: {
            loop.interrupt()
        }
        await settleCancel()
        switch result {
        case .success(let answer):
            return answer
        case .failure(.server(let error)) where error.sqlState == "57014" && stop != nil:
            throw stop?.error ?? .timedOut
        case .failure(let error):
            if case .connectionLost = error { close() }
            throw error
        }
    }

    /// Waits for the end of a cancel request: one that arrived late would hit the next statement.
    private func settleCancel() async {
        guard stop != nil else { return }
        let limit = deadline ?? .now
        while canceller.isRunning {
            if ContinuousClock.now >= limit {
                close()
                return
            }
            // Looked at again soon: a request that somebody else made does not ring this loop at its end.
            _ = await loop.wait(-1, 0, until: .now + .milliseconds(20), isolation: self)
        }
    }

    /// Waits for the socket, and asks the server to give up when the statement has to end.
    private func wait(_ events: Int16) async throws(PostgresError) {
        let outcome = await loop.wait(handle.socket, events, until: deadline, isolation: self)
        if stop == nil {
            if outcome == .timedOut {
                stop = .timedOut
            } else if Task.isCancelled, !isShielded {
                stop = .cancelled
            } else {
                return
            }
            deadline = ContinuousClock.now + settings.cancelGrace
            let loop = loop
            canceller.start { loop.interrupt() }
        } else if outcome == .timedOut {
            throw .connectionLost("the server answered neither the statement nor the request to cancel it")
        }
    }

    private func flush() async throws(PostgresError) {
        while try handle.flush() {
            try await wait(Int16(POLLIN) | Int16(POLLOUT))
            try receive()
        }
    }

    private func receive() throws(PostgresError) {
        let isAlive = handle.consumeInput()
        // Before any result is taken: libpq holds notifications back until they are asked for.
        while let notification = handle.nextNotification() { notifications.append(notification) }
        if !isAlive { throw .connectionLost(handle.message) }
    }

    private func nextAnswer(to statement: Statement?) async throws(PostgresError) -> Handle.Answer {
        while handle.isBusy {
            try await wait(Int16(POLLIN))
            try receive()
        }
        let answer = try handle.nextAnswer(to: statement)
        if case .rows(let rows, let size) = answer {
            largestAnswer = max(largestAnswer, size)
            return .rows(rows, size: size)
        }
        return answer
    }

    /// Reads answers until there are no more, and gives the last. The first failure wins.
    private func lastAnswer(to statement: Statement?) async throws(PostgresError) -> Rows {
        var last: Rows?
        var failure: PostgresError?
        reading: while true {
            switch try await nextAnswer(to: statement) {
            case .rows(let rows, _): last = rows
            case .failure(let error): failure = failure ?? error
            case .skipped, .synchronised: continue
            case .none: break reading
            }
        }
        if let failure { throw failure }
        guard let last else { throw .misuse("the statement is empty") }
        return last
    }

    private func sendPipeline(_ statements: [Statement]) async throws(PostgresError) -> [Rows] {
        guard !statements.isEmpty else { return [] }
        try handle.enterPipeline()
        var answers: [Rows] = []
        var failure: PostgresError?
        for statement in statements {
            try handle.send(statement)
        }
        try handle.synchronisePipeline()
        try await flush()
        for statement in statements {
            // An answer, then the end of this statement's answers.
            reading: while true {
                switch try await nextAnswer(to: statement) {
                case .rows(let rows, _): answers.append(rows)
                case .failure(let error): failure = failure ?? error
                case .skipped, .synchronised: continue
                case .none: break reading
                }
            }
        }
        while true {
            if case .synchronised = try await nextAnswer(to: nil) { break }
        }
        try handle.leavePipeline()
        if let failure { throw failure }
        return answers
    }
}

/// A transaction that is open: statements through it, and nothing else, run inside.
package struct Transaction: Sendable {
    let connection: Connection
    let identifier: Int

    @discardableResult
    package func query(
        _ text: String, _ parameters: [any ParameterValue] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> Rows {
        try await connection.run(
            [Connection.Statement(text, parameters)], pipelined: false, deadline: deadline, in: identifier)[0]
    }

    /// Runs the statements in one round trip.
    package func pipeline(
        _ statements: [Connection.Statement], deadline: Duration? = nil
    ) async throws(PostgresError) -> [Rows] {
        try await connection.run(statements, pipelined: true, deadline: deadline, in: identifier)
    }
}

extension Duration {
    fileprivate var wholeSeconds: String {
        let (seconds, rest) = components
        return rest == 0 ? "\(seconds).0 seconds" : "\(Double(seconds) + (Double(rest) / 1e17).rounded() / 10) seconds"
    }
}

/// The identifier in double quotes.
///
/// Scalar by scalar: to Swift a quote and the accent that follows it are one character, and not a quote.
func quoted(_ identifier: String) -> String {
    var text = "\""
    for scalar in identifier.unicodeScalars {
        if scalar == "\"" { text.unicodeScalars.append(scalar) }
        text.unicodeScalars.append(scalar)
    }
    return text + "\""
}
