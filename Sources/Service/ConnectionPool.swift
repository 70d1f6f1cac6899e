package import Postgres

/// A few sessions that batches take in turn. A session that was lost, or that carried a large value, is replaced.
package actor ConnectionPool {
    private let connectionString: String
    private let settings: Connection.Settings
    private let limit: Int
    private var idle: [Connection] = []
    private var open = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []
    /// Sessions of earlier generations are not taken again.
    private var generation = 0
    private var generations: [ObjectIdentifier: Int] = [:]

    /// libpq's buffers never shrink: beyond this a session is closed after use.
    private static let largestAnswerKept = 8 << 20

    package init(_ connectionString: String, settings: Connection.Settings, limit: Int) {
        self.connectionString = connectionString
        self.settings = settings
        self.limit = limit
    }

    package nonisolated(nonsending) func using<Answer>(
        _ body: (Connection) async throws -> Answer
    ) async throws -> Answer {
        let connection = try await take()
        do {
            let answer = try await body(connection)
            await giveBack(connection)
            return answer
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Opens new sessions from now on: another one on the same way has gone silent.
    package func renew() async {
        generation += 1
        let silent = idle
        open -= silent.count
        idle = []
        for connection in silent {
            generations[ObjectIdentifier(connection)] = nil
            await connection.close()
        }
    }

    package func close() async {
        for connection in idle { await connection.close() }
        open -= idle.count
        idle = []
    }

    private func take() async throws -> Connection {
        while true {
            if let connection = idle.popLast() { return connection }
            if open < limit {
                open += 1
                do {
                    let begun = generation
                    let connection = try await Connection.open(connectionString, settings: settings)
                    generations[ObjectIdentifier(connection)] = begun
                    return connection
                } catch {
                    open -= 1
                    wakeOne()
                    throw error
                }
            }
            await withCheckedContinuation { waiters.append($0) }
        }
    }

    private func giveBack(_ connection: Connection) async {
        let isOpen = await connection.isOpen
        let largestAnswer = await connection.largestAnswer
        if isOpen, largestAnswer <= Self.largestAnswerKept, generations[ObjectIdentifier(connection)] == generation {
            idle.append(connection)
        } else {
            generations[ObjectIdentifier(connection)] = nil
            await connection.close()
            open -= 1
        }
        wakeOne()
    }

    private func wakeOne() {
        if !waiters.isEmpty { waiters.removeFirst().resume() }
    }
}
