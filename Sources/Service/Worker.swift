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
    private let slots: Allowance
    private let start = ContinuousClock.now

    private var counters = Counters()
    private var leases: [UniqueID: Set<Int64>] = [:]
    private var batches: [UniqueID: Task<Void, Never>] = [:]
    private var mark = LowWaterMark()
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
        workshop = Batch.Workshop(
            queue: queue, registry: registry,
            placement: Placement(
                queue: queue, registry: registry, uploads: Allowance(settings.uploadsAtOnce), lease: settings.lease,
                log: log),
            memory: Allowance(settings.memory / 2), decoding: Allowance(settings.memory / 2),
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
        try await checkSchema()
        try await offerSettings()
        try await loadStores()
        await registry.onCircuit { [weak self] in await self?.tellOfStores() }
        Supervisor.isReady("working")
        let beating = Task { await beat() }
        defer { beating.cancel() }
        if settings.untilEmpty {
            do {
                try await drainUntilEmpty()
            } catch {
                await finishBatches()
                throw error
            }
        } else {
            await listen()
        }
        await finishBatches()
        try? await queue.tidy()
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

    private func checkSchema() async throws {
        let (address, isStandby, isPresent, version) = try await pool.using { connection in
            let row = try await connection.query(
                "select pg_is_in_recovery(), to_regclass('offload.migration') is not null")[0]
            let isPresent: Bool = try row.value(1)
            let version: Int32 =
                isPresent ? try await connection.query("select max(number) from offload.migration").only() : 0
            return (await connection.address, try row.value(0, as: Bool.self), isPresent, version)
        }
        log.info("connected to \(address)")
        if isStandby {
            throw WorkError(
                message: "the database is a standby, and a worker must write",
                hint: "Name the primary, or all hosts and target_session_attrs=read-write.")
        }
        if !isPresent {
            throw WorkError(
                message: "the database has no schema offload", hint: "Run offload install with the same --database.")
        }
        if Int(version) < EmbeddedSQL.schemaVersion {
            throw WorkError(
                message: "the schema has version \(version), and this program needs \(EmbeddedSQL.schemaVersion)",
                hint: "Run offload install, or: alter extension pg_offload update;")
        }
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

    private func loadStores() async throws {
        let stores = try await queue.stores()
        let opened = await registry.update(stores.known)
        if stores.known.isEmpty {
            log.limited(.info, "S3 not configured, using the row itself", every: 86_400)
        }
        for name in opened where stores.toBeChecked.contains(name) {
            Task { await check(name) }
        }
    }

    /// Tries a store once it is opened: whether it takes and gives, and whether its URLs open.
    private func check(_ name: String) async {
        guard let store = await registry.available(name) else { return }
        do {
            let probe = try await store.probe()
            let access = probe.opensURLs.map { $0 ? "its URLs open" : "its URLs do not open without credentials" }
            log.info("store answers", ("store", name), ("access", access ?? "not tried"))
            try await queue.noteCheck(
                name, isReachable: true, opens: probe.opensURLs, detail: nil,
                capabilities:
                    "{\"conditional_writes\":\(probe.hasConditionalWrites),\"checksums\":\(probe.hasChecksums)}")
            try await removeProbes(in: store)
        } catch {
            log.warning("store does not answer", ("store", name), ("reason", "\(error)"))
            try? await queue.noteCheck(name, isReachable: false, opens: nil, detail: "\(error)", capabilities: "{}")
        }
    }

    /// Removes what is left of a probe whose worker was killed under it.
    private func removeProbes(in store: any ObjectStore) async throws {
        var left: [ObjectKey] = []
        for try await object in store.objects(under: "offload-probe-") {
            if let modified = object.modified, Int64(Process.secondsSince1970) - modified > 600 {
                left.append(object.key)
            }
        }
        if !left.isEmpty { _ = try await store.delete(left) }
    }

    // MARK: Finding work

    /// Claims and dispatches until nothing is ready; true when there was anything.
    private func drain() async throws -> Bool {
        var found = false
        while !isStopping {
            _ = await slots.take(1)
            do {
                // It may have waited long for its slot.
                if isStopping {
                    await slots.giveBack(1)
                    break
                }
                if try await dispatch() {
                    found = true
                } else {
                    await slots.giveBack(1)
                    let tables = try await queue.backfill(batch: 1000)
                    if tables == 0 { break }
                    found = true
                }
            } catch {
                await slots.giveBack(1)
                throw error
            }
        }
        return found
    }

    /// Claims one batch and sets it on its way, in the slot that the caller took; false when nothing was ready.
    private func dispatch() async throws -> Bool {
        var claim: Queue.Claim?
        var mayFind = true
        while claim == nil, mayFind {
            let from = mark.next(now: now)
            claim = try await queue.claim(settings.batch, for: settings.lease, from: from)
            mayFind = mark.claimed(lowestID: claim?.jobs.map(\.id).min(), from: from) && claim == nil
        }
        guard let claim else { return false }
        Failpoint.claimed.reached()
        leases[claim.lease] = Set(claim.jobs.map(\.id))
        counters.inFlight += claim.jobs.count
        let identifier = claim.lease
        batches[identifier] = Task { await carry(claim) }
        return true
    }

    private func carry(_ claim: Queue.Claim) async {
        do {
            try await loadStores()
            let batch = Batch(
                workshop: workshop, claim: claim, columns: try await queue.columns(),
                urlPrefixes: try await queue.urlPrefixes())
            let tally = try await batch.run()
            counters.completed += tally.completed
            counters.failed += tally.failed
            counters.putOff += tally.putOff
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
            if !found { break }
        }
    }

    // MARK: Listening

    /// Follows `Doze`: looks, pauses, dozes until a producer rings. A lost session is opened again, ever less eagerly.
    private func listen() async {
        var failures = 0
        while !isStopping {
            do {
                var connectionSettings = Connection.Settings()
                connectionSettings.applicationName = "offload listen"
                let listener = try await Connection.open(settings.connectionString, settings: connectionSettings)
                if await listener.isStandby {
                    await listener.close()
                    throw WorkError(message: "the database is a standby now", hint: "Name the primary.")
                }
                failures = 0
                do {
                    try await listen(on: listener)
                } catch {
                    await listener.close()
                    throw error
                }
                await listener.close()
            } catch {
                guard !isStopping else { return }
                failures += 1
                log.limited(.warning, "the listener's session was lost", every: 1, ("reason", "\(error)"))
                let delay = Backoff(base: .milliseconds(500), limit: .seconds(10))
                    .delay(afterAttempt: failures, jitter: .random(in: 0..<1))
                await pause(delay)
            }
        }
    }

    private func listen(on listener: Connection) async throws {
        try await listener.listen("offload")
        var doze = Doze()
        var action = doze.reconnected()
        var isRung = false
        while !isStopping {
            switch action {
            case .look:
                mayFindMore = false
                let found = try await drain()
                action = doze.looked(found: found, now: now)
            case .pause(let duration):
                await pause(duration)
                action = .look
            case .takeLock:
                let taken: Bool = try await listener.query("select pg_try_advisory_lock(offload._doorbell(), 1)").only()
                action = doze.tried(succeeded: taken)
            case .doze(let limit):
                Process.trimMemory()
                if !isRung { Process.trimText() }
                isRung = try await wait(on: listener, atMost: limit)
                action = doze.woke(rung: isRung)
            case .giveLock:
                try await listener.query("select pg_advisory_unlock(offload._doorbell(), 1)")
                action = doze.unlocked()
            }
        }
    }

    /// Until a producer rings, the next job is due, the time is over, or there is another reason to look; false where
    /// only time has passed. The question before it also finds a socket that went silent: it has a deadline.
    private func wait(on listener: Connection, atMost limit: Duration) async throws -> Bool {
        let due: Duration? = try await listener.query(
            """
            select min(ready_at) - clock_timestamp() from offload.job
            where lease is null and died_at is null and ready_at is not null
            """, deadline: .seconds(10)
        ).only()
        let limit = min(limit, max(due ?? limit, .milliseconds(50)))
        let waiting = Task { try await listener.waitForNotification(timeout: limit) }
        wakeListener = { waiting.cancel() }
        if isStopping || mayFindMore { waiting.cancel() }
        defer { wakeListener = nil }
        do {
            return try await waiting.value != nil
        } catch PostgresError.cancelled {
            return true
        }
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
                let reaped = try await queue.beat(
                    identity, counters, leases: Array(leases.keys), for: settings.lease)
                if reaped > 0 { await lookAgain() }
                await tellOfStores()
                if counters.inFlight == 0 { try await queue.tidy() }
            } catch {
                log.limited(.warning, "the heartbeat failed", every: 5, ("reason", "\(error)"))
            }
            Supervisor.isAlive()
            try? await Task.sleep(
                for: min(settings.heartbeat, Supervisor.patience.map { $0 / 3 } ?? settings.heartbeat))
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
