import Offload
import Platform
import Postgres

extension Worker {
    /// Follows `Doze`: looks, pauses, dozes until a producer rings. A lost session is opened again, ever less eagerly.
    func listen() async {
        while !isStopping {
            do {
                var connectionSettings = Connection.Settings()
                connectionSettings.applicationName = "offload listen"
                connectionSettings.cancelGrace = .seconds(2)
                let listener = try await Connection.open(settings.connectionString, settings: connectionSettings)
                do {
                    if let obstacle = try await Obstacle.of(listener) { throw obstacle }
                    if try await listener.isLentByTransaction(settings.connectionString) { throw WorkError.pooler }
                    try await listen(on: listener)
                } catch {
                    await listener.close()
                    throw error
                }
                await listener.close()
            } catch {
                guard !isStopping else { return }
                failures += 1
                await pool.renew()
                log.limited(.warning, "the listener's session was lost", every: 1, ("reason", "\(error)"))
                await pause(afterFailure: failures)
            }
        }
    }

    private func listen(on listener: Connection) async throws {
        try await listener.listen("offload")
        if let lost = lostListener {
            // A role may end its own sessions.
            try await listener.query(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where pid = $1 and pid <> pg_backend_pid() and application_name = 'offload listen' and usename = current_user
                """, [lost], deadline: .seconds(3))
        }
        lostListener = await listener.processID
        mayHaveChores = true
        var doze = Doze()
        var action = doze.reconnected()
        while !isStopping {
            switch action {
            case .look:
                mayFindMore = false
                let found = try await drain()
                failures = 0
                action = doze.looked(found: found, now: now)
                if doze.hasFoundUnrung {
                    log.info("the fallback poll found work that nobody rang for", ("rows", "\(found)"))
                }
            case .pause(let duration):
                await pause(duration)
                action = .look
            case .takeLock:
                action = doze.tried(try await Queue.tryDoorbell(listener))
            case .doze(let limit):
                action = doze.woke(try await untilDue(on: listener, atMost: limit), now: now)
            case .standBy(let limit):
                action = doze.woke(try await wait(on: listener, atMost: limit) ? .rung : .silence, now: now)
            case .giveLock:
                try await listener.query("select pg_advisory_unlock(offload._doorbell(), 1)", deadline: .seconds(3))
                action = doze.unlocked()
            }
        }
    }

    /// Until a producer rings, the next job is due, the time is over, or there is another reason to look.
    private func untilDue(on listener: Connection, atMost limit: Duration) async throws -> Doze.Reason {
        let next = try await Queue.nextDue(listener)
        areChoresTaken = areChoresTaken && next.hasChores
        if next.isBellOff || (next.hasChores && !areChoresTaken) {
            mayHaveChores = mayHaveChores || next.hasChores
            return .rung
        }
        // What another worker is at is looked at again in a second.
        let due = next.hasChores ? min(next.due ?? .seconds(1), .seconds(1)) : next.due
        let isDueSooner = due.map { $0 < limit } ?? false
        let limit = min(limit, max(due ?? limit, .milliseconds(50)))
        if try await wait(on: listener, atMost: limit) { return .rung }
        mayHaveChores = mayHaveChores || isDueSooner
        return isDueSooner ? .due : .silence
    }

    /// True: a producer or a peer rings, or there is another reason to look. False: only time has passed.
    private func wait(on listener: Connection, atMost limit: Duration) async throws -> Bool {
        if limit > .seconds(1) {
            Process.trimMemory()
            if !wasRung { Process.trimText() }
        }
        wasRung = true
        let waiting = Task { try await listener.waitForNotification(timeout: limit) }
        wakeListener = { waiting.cancel() }
        if isStopping || mayFindMore { waiting.cancel() }
        defer { wakeListener = nil }
        do {
            guard try await waiting.value != nil else {
                wasRung = false
                return false
            }
            // Several that came together are one: a look follows, and sees what all of them were for.
            await listener.forgetNotifications()
            return true
        } catch PostgresError.cancelled {
            return true
        }
    }

    /// Ever longer, up to ten seconds: many workers must not come back all at once.
    func pause(afterFailure number: Int) async {
        await pause(
            Backoff(base: .milliseconds(500), limit: .seconds(10))
                .delay(afterAttempt: number, jitter: .random(in: 0..<1)))
    }

    /// Waits, but not beyond the order to stop.
    func pause(_ duration: Duration) async {
        let sleeping = Task { try? await Task.sleep(for: duration) }
        wakeListener = { sleeping.cancel() }
        if isStopping { sleeping.cancel() }
        _ = await sleeping.value
        wakeListener = nil
    }
}
