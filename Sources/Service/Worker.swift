import ObjectStore
import Offload
import Platform
import Postgres
private import Synchronization

/// Who a worker is, as `offload.worker` has it.
struct WorkerIdentity: Sendable {
    let id = UniqueID()
    let host = Process.hostName
    let processID = Process.identifier
    let version: String
}

struct Counters: Sendable {
    var inFlight = 0
    var completed = 0
    var failed = 0
    var putOff = 0
}

/// What a worker had done when it ended.
package struct WorkSummary: Sendable {
    package var completed: Int
    package var failed: Int
    /// Jobs that wait for a later try.
    package var waiting: Int
}

/// Why a worker could not begin.
package struct WorkError: Error, Sendable, CustomStringConvertible {
    package var message: String
    package var hint: String

    package var description: String { message }
}

/// Claims rows and brings them through, until it is told to stop or, if so asked, until nothing is ready.
package actor Worker {
    private let settings: WorkerSettings
    private let log: Log
    private let identity: WorkerIdentity
    private let pool: ConnectionPool
    private let queue: Queue
    private let registry: StoreRegistry
    private let workshop: Batch.Workshop
    private let move: StoreMove
    private let slots: Allowance
    private let start = ContinuousClock.now

    private var counters = Counters()
    private var leases: [UniqueID: Set<Int64>] = [:]
    private var batches: [UniqueID: Task<Void, Never>] = [:]
    private var mark = LowWaterMark()
    private var size: BatchSize
    private var peerCall = PeerCall()
    /// Rows that no trigger saw may wait to be queued, or stores to be moved.
    private var mayHaveChores = true
    /// The last look for such found none that was not another worker's.
    private var areChoresTaken = false
    /// The session that is to listen no more: lost to us, but perhaps not to the server, which then lets producers ring.
    private var lostListener: Int32?
    /// How the last wait of the listener ended: while all is silent, memory can be given back.
    private var wasRung = false
    private var tidying: Task<Void, Never>?
    private var tidiedAt: Duration = .zero
    /// How often in a row the listener came to nothing.
    private var failures = 0
    private var nextCheck = Duration.seconds(60)
    /// The stores that are just being tried.
    private var checks: [String: Task<Void, Never>] = [:]
    private var isStopping = false
    private var wakeListener: (@Sendable () async -> Void)?
    /// Something may have become ready for which no producer rings: a batch let go of its rows, or leases ended.
    private var mayFindMore = false
    private var giveUp: (@Sendable (WorkSummary) -> Void)?
    private let onProgress: (@Sendable (WorkSummary, _ inFlight: Int, _ left: Int) -> Void)?

    package init(
        _ settings: WorkerSettings, log: Log,
        onProgress: (@Sendable (_ done: WorkSummary, _ inFlight: Int, _ left: Int) -> Void)? = nil
    ) {
        self.settings = settings
        self.log = log
        self.onProgress = onProgress
        identity = WorkerIdentity(version: settings.version)
        var connection = Connection.Settings()
        connection.applicationName = "offload work"
        pool = ConnectionPool(settings.connectionString, settings: connection, limit: settings.batchesAtOnce + 2)
        queue = Queue(pool: pool)
        registry = StoreRegistry(environment: settings.environment, log: log)
        slots = Allowance(settings.batchesAtOnce)
        size = BatchSize(least: settings.batch, most: settings.largestBatch)
        let uploads = Allowance(settings.uploadsAtOnce)
        let memory = Allowance(settings.memory / 2)
        move = StoreMove(
            queue: queue, registry: registry, memory: memory, uploads: uploads, lease: settings.lease, log: log,
            environment: settings.environment)
        workshop = Batch.Workshop(
            queue: queue, registry: registry,
            placement: Placement(
                queue: queue, registry: registry, uploads: uploads, lease: settings.lease, log: log),
            memory: memory, decoding: Allowance(settings.memory / 2),
            cores: ThreadPool(count: settings.cores), log: log)
    }

    /// Works until it is stopped. Throws only when it cannot begin; what fails later is tried again.
    ///
    /// Whatever still hangs when its time to stop is over (a host that does not answer, an image that is being
    /// decoded) is left behind: the process ends with it.
    package func run() async throws -> WorkSummary {
        let (ends, end) = AsyncStream<Result<WorkSummary, any Error>>.makeStream()
        giveUp = { end.yield(.success($0)) }
        Task {
            do {
                end.yield(.success(try await work()))
            } catch {
                end.yield(.failure(error))
            }
        }
        for await outcome in ends { return try outcome.get() }
        return summary
    }

    private func work() async throws -> WorkSummary {
        guard try await canBegin() else { return summary }
        try await offerSettings()
        try await offerStores()
        try await loadStores()
        await registry.onCircuit { [weak self] in await self?.tellOfStores() }
        Supervisor.isReady("working")
        let beating = Task { await beat() }
        defer { beating.cancel() }
        let sweeping = Task { await sweepDaily() }
        defer { sweeping.cancel() }
        if settings.untilEmpty {
            do {
                try await drainUntilEmpty()
                await finishChecks()
                try await drainUntilEmpty()
            } catch {
                await finishBatches()
                throw error
            }
        } else {
            await listen()
        }
        await finishBatches()
        // A row may have come that waited for one that was in flight here.
        try? await queue.callPeers()
        await tidying?.value
        _ = try? await queue.tidy()
        _ = try? await queue.beat(identity, counters, leases: [], for: settings.lease)
        await tellOfStores()
        let waiting = (try? await queue.waiting()) ?? 0
        await pool.close()
        return WorkSummary(completed: counters.completed, failed: counters.failed, waiting: Int(waiting))
    }

    /// Claims no more, gives what is in flight some time, and then gives its leases back.
    package func stop() async {
        guard !isStopping else { return }
        isStopping = true
        Supervisor.isStopping()
        log.info("stopping", ("in_flight", "\(counters.inFlight)"))
        Task { await endBatches() }
        await wakeListener?()
    }

    // MARK: Beginning

    /// Waits for a standby to be promoted; false: it was stopped meanwhile.
    private func canBegin() async throws -> Bool {
        var obstacles = 0
        while !isStopping {
            let found: WorkError?
            do {
                found = try await checkDatabase()
            } catch PostgresError.cannotConnect(let reason) where Obstacle.isStandby(reason) {
                found = .standby
            }
            guard let obstacle = found else { return true }
            if settings.untilEmpty { throw obstacle }
            obstacles += 1
            log.limited(.warning, obstacle.message, every: 1, ("hint", obstacle.hint))
            Supervisor.isReady(obstacle.message)
            Supervisor.isAlive()
            // The next session may find another of several hosts.
            await pool.close()
            await pause(afterFailure: obstacles)
        }
        return false
    }

    /// Why nothing can be done here now, though that may pass; nil: it can. Throws what does not pass.
    private func checkDatabase() async throws -> WorkError? {
        if let obstacle = try await pool.using(Obstacle.of) { return obstacle }
        let dsn = settings.connectionString
        if !settings.untilEmpty, try await pool.using({ try await $0.isLentByTransaction(dsn) }) {
            throw WorkError.pooler
        }
        let (address, version) = try await pool.using { connection -> (String, Int32) in
            let isPresent: Bool = try await connection.query("select to_regclass('offload.migration') is not null")
                .only()
            guard isPresent else {
                throw WorkError(
                    message: "the database has no schema offload", hint: "Run offload install with the same --database."
                )
            }
            let version: Int32 = try await connection.query("select coalesce(max(number), 0) from offload.migration")
                .only()
            return (await connection.address, version)
        }
        log.info("connected to \(address)")
        if Int(version) < EmbeddedSQL.schemaVersion {
            throw WorkError(
                message: "the schema has version \(version), and this program needs \(EmbeddedSQL.schemaVersion)",
                hint: "Run offload install, or: alter extension pg_offload update;")
        }
        return nil
    }

    /// What the environment says of settings fills those that nobody has set; who disagrees is told, and not obeyed.
    private func offerSettings() async throws {
        for (name, value) in settings.defaults.sorted(by: { $0.key < $1.key }) {
            let holds = try await queue.offer(name, value)
            if holds != value {
                log.warning(
                    "the environment disagrees with offload.setting, which holds", ("setting", name),
                    ("environment", value), ("holds", holds))
            }
        }
    }

    /// What the environment says of stores names those that nobody has named; who disagrees is told, and not obeyed.
    private func offerStores() async throws {
        for store in settings.stores {
            do throws(StoreError) {
                _ = try openStore(store.description, environment: settings.environment)
            } catch {
                log.error(
                    store.kind == "s3"
                        ? "S3 initialization failed, falling back to local storage" : "store cannot be opened",
                    ("store", store.name), ("reason", "\(error)"))
                continue
            }
            do {
                let (name, outcome) = try await queue.offer(store)
                switch outcome {
                case "added":
                    log.info(
                        "the environment offers the store \(name)", ("kind", store.kind),
                        ("place", store.bucket ?? store.path ?? ""))
                case "differs":
                    log.warning(
                        "the environment disagrees with offload.store, which holds", ("store", name),
                        ("environment", store.bucket ?? store.path ?? ""))
                default: break
                }
            } catch PostgresError.server(let error) {
                log.warning(
                    "the environment's store is not taken over", ("store", store.name), ("reason", error.message))
            }
        }
    }

    private func loadStores() async throws {
        let stores = try await queue.stores()
        let opened = await registry.update(stores.known)
        if stores.known.allSatisfy(\.isReadOnly) {
            log.limited(.info, "S3 not configured, using the row itself", every: 86_400)
        }
        for name in opened where stores.toBeChecked.contains(name) {
            beginCheck(name)
        }
    }

    /// Tries a store once it is opened: whether it takes and gives, and whether its URLs open.
    private func check(_ name: String) async {
        guard let store = await registry.available(name) else { return }
        do throws(StoreError) {
            let probe = try await store.probe()
            let access = probe.opensURLs.map { $0 ? "its URLs open" : "its URLs do not open without credentials" }
            log.info("store answers", ("store", name), ("access", access ?? "not tried"))
            try? await queue.noteCheck(name, .success(probe))
            await sweep(store, name)
        } catch {
            if error.kind == .cancelled { return }
            log.warning("store does not answer", ("store", name), ("reason", "\(error)"))
            try? await queue.noteCheck(name, .failure(error))
        }
    }

    /// Also while nothing is opened anew.
    private func sweepDaily() async {
        while (try? await Task.sleep(for: .seconds(86_400))) != nil {
            for name in await registry.writable {
                if let store = await registry.available(name) { await sweep(store, name) }
            }
        }
    }

    /// Tries once more what did not answer or open: somebody may have mended it meanwhile.
    private func checkAgain() async throws {
        guard now >= nextCheck else { return }
        nextCheck = now + .seconds(60)
        let names = try await queue.storesToCheckAgain()
        guard !names.isEmpty else { return }
        try await loadStores()
        for name in names { beginCheck(name) }
    }

    private func beginCheck(_ name: String) {
        guard checks[name] == nil else { return }
        checks[name] = Task {
            await check(name)
            checks[name] = nil
        }
    }

    /// A run that ends when nothing is ready may be all that ever looks at a store; what is found may make work.
    private func finishChecks() async {
        let patience = Task {
            guard (try? await Task.sleep(for: .seconds(10))) != nil else { return }
            for check in checks.values { check.cancel() }
        }
        for check in checks.values { await check.value }
        patience.cancel()
    }

    /// Removes what uploads left in a store whose workers were killed under them.
    private func sweep(_ store: any ObjectStore, _ name: String) async {
        do throws(StoreError) {
            let count = try await store.sweepUploads(begunBefore: Int64(Process.secondsSince1970) - 86_400)
            if count > 0 {
                log.info("uploads that were cut short are removed", ("store", name), ("count", "\(count)"))
            }
        } catch {
            if error.kind == .cancelled { return }
            log.info("uploads that were cut short are not looked for", ("store", name), ("reason", "\(error)"))
        }
    }

    // MARK: Finding work

    /// Claims and dispatches until nothing is ready; returns how many jobs there were.
    private func drain() async throws -> Int {
        var found = 0
        while !isStopping {
            _ = await slots.take(1)
            do {
                // It may have waited long for its slot.
                if isStopping {
                    await slots.giveBack(1)
                    break
                }
                let count = try await dispatch()
                found += count
                if count > 0 { continue }
                await slots.giveBack(1)
                guard mayHaveChores || settings.untilEmpty else { break }
                let tables = try await queue.backfill(batch: 1000)
                mayHaveChores = if tables > 0 { true } else { try await moveStores() }
                areChoresTaken = !mayHaveChores
                if !mayHaveChores { break }
                found += 1
            } catch {
                await slots.giveBack(1)
                throw error
            }
        }
        return found
    }

    /// One batch of what is to be moved between stores. What fails there keeps nobody from the rows.
    private func moveStores() async throws -> Bool {
        do {
            try await loadStores()
            return try await move.step()
        } catch let error as PostgresError {
            if case .server = error {
                log.limited(.warning, "stores cannot be moved", every: 60, ("reason", "\(error)"))
                return false
            }
            throw error
        }
    }

    /// Claims one batch and sets it on its way, in the slot that the caller took; returns how many jobs it has.
    private func dispatch() async throws -> Int {
        let rows = size.rows
        var claim: Queue.Claim?
        var mayFind = true
        while claim == nil, mayFind {
            let from = mark.next(now: now)
            claim = try await queue.claim(rows, for: settings.lease, from: from)
            mayFind = mark.claimed(lowestID: claim?.jobs.map(\.id).min(), from: from) && claim == nil
        }
        guard let claim else { return 0 }
        if peerCall.isDue(full: claim.jobs.count >= rows, now: now) { Task { try? await queue.callPeers() } }
        Failpoint.claimed.reached()
        leases[claim.lease] = Set(claim.jobs.map(\.id))
        counters.inFlight += claim.jobs.count
        let identifier = claim.lease
        batches[identifier] = Task { await carry(claim) }
        return claim.jobs.count
    }

    private func carry(_ claim: Queue.Claim) async {
        let begun = now
        do {
            try await loadStores()
            let batch = Batch(
                workshop: workshop, claim: claim, columns: try await queue.columns(),
                urlPrefixes: try await queue.urlPrefixes())
            let tally = try await batch.run()
            counters.completed += tally.completed
            counters.failed += tally.failed
            counters.putOff += tally.putOff
            size.took(now - begun, for: claim.jobs.count)
        } catch {
            if !(error is CancellationError), !isStopping {
                log.limited(.warning, "a batch is put off", every: 1, ("reason", "\(error)"))
            }
            await release(claim.jobs.map(\.id), claim.lease, after: isStopping ? .zero : .seconds(2))
        }
        counters.inFlight -= claim.jobs.count
        leases[claim.lease] = nil
        batches[claim.lease] = nil
        await slots.giveBack(1)
        await lookAgain()
        if let onProgress, let left = try? await queue.ready() { onProgress(summary, counters.inFlight, left) }
    }

    /// Gives jobs back, also where this task was cancelled. A lost session gives nothing back; then the lease ends by
    /// itself.
    private func release(_ jobs: [Int64], _ lease: UniqueID, after delay: Duration) async {
        let queue = queue
        await Task { try? await queue.release(jobs, lease, after: delay) }.value
    }

    private func lookAgain() async {
        mayFindMore = true
        await wakeListener?()
    }

    private var summary: WorkSummary {
        WorkSummary(completed: counters.completed, failed: counters.failed, waiting: counters.putOff)
    }

    private var now: Duration { start.duration(to: .now) }

    private func drainUntilEmpty() async throws {
        while !isStopping {
            let found = try await drain()
            for batch in batches.values { await batch.value }
            if found == 0 { break }
        }
    }

    // MARK: Listening

    /// Follows `Doze`: looks, pauses, dozes until a producer rings. A lost session is opened again, ever less eagerly.
    private func listen() async {
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
    private func pause(afterFailure number: Int) async {
        await pause(
            Backoff(base: .milliseconds(500), limit: .seconds(10))
                .delay(afterAttempt: number, jitter: .random(in: 0..<1)))
    }

    /// Waits, but not beyond the order to stop.
    private func pause(_ duration: Duration) async {
        let sleeping = Task { try? await Task.sleep(for: duration) }
        wakeListener = { sleeping.cancel() }
        if isStopping { sleeping.cancel() }
        _ = await sleeping.value
        wakeListener = nil
    }

    // MARK: Beating

    private func beat() async {
        while !Task.isCancelled {
            do {
                let beat = try await queue.beat(
                    identity, counters, leases: Array(leases.keys), for: settings.lease)
                if beat.reaped > 0 { await lookAgain() }
                watch(beat.notificationUsage)
                await tellOfStores()
                tidyUp()
                try await checkAgain()
            } catch {
                log.limited(.warning, "the heartbeat failed", every: 5, ("reason", "\(error)"))
            }
            Supervisor.isAlive()
            try? await Task.sleep(
                for: min(settings.heartbeat, Supervisor.patience.map { $0 / 3 } ?? settings.heartbeat))
        }
    }

    /// In the pauses, and under a load that has none every few minutes. It may take long, and keeps no lease waiting.
    private func tidyUp() {
        guard tidying == nil, counters.inFlight == 0 || now - tidiedAt > .seconds(300) else { return }
        tidying = Task {
            defer { (tidying, tidiedAt) = (nil, now) }
            do {
                if try await queue.tidy() > 0 { await lookAgain() }
            } catch {
                log.limited(.warning, "tidying up failed", every: 60, ("reason", "\(error)"))
            }
        }
    }

    /// What was not written is told the next time: the numbers are totals.
    private func tellOfStores() async {
        let news = await registry.news()
        do {
            try await queue.noteStores(news, by: identity)
            await registry.wasTold(news)
        } catch {
            log.limited(.warning, "the work in the stores was not written down", every: 60, ("reason", "\(error)"))
        }
    }

    /// A session that listens and does not read, idle in a transaction, fills the server's queue of notifications; when
    /// it is full, every commit that rings fails.
    private func watch(_ notificationUsage: Double) {
        guard notificationUsage >= 0.25 else { return }
        log.limited(
            .warning, "the server's queue of notifications fills: end the session that listens in an open transaction",
            every: 60, ("full", "\(Int(notificationUsage * 100))%"))
    }

    // MARK: Ending

    private func finishBatches() async {
        for batch in batches.values { await batch.value }
    }

    /// Gives what is in flight some time, and then ends it. What does not even end then loses its leases here.
    private func endBatches() async {
        try? await Task.sleep(for: settings.patience)
        for batch in batches.values { batch.cancel() }
        try? await Task.sleep(for: .seconds(1))
        for (lease, jobs) in leases { Task { await release(Array(jobs), lease, after: .zero) } }
        try? await Task.sleep(for: .milliseconds(500))
        giveUp?(summary)
    }
}
