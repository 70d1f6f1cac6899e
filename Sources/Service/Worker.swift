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
    let settings: WorkerSettings
    let log: Log
    private let identity: WorkerIdentity
    let pool: ConnectionPool
    let queue: Queue
    private let registry: StoreRegistry
    private let workshop: Batch.Workshop
    let move: StoreMove
    let stores: StoreWatch
    let slots: Allowance
    let start = ContinuousClock.now

    var counters = Counters()
    var leases: [UniqueID: Set<Int64>] = [:]
    var batches: [UniqueID: Task<Void, Never>] = [:]
    var mark = LowWaterMark()
    var caution: Caution
    var size: BatchSize
    var peerCall = PeerCall()
    /// Rows that no trigger saw may wait to be queued, or stores to be moved.
    var mayHaveChores = true
    /// The last look for such found none that was not another worker's.
    var areChoresTaken = false
    /// The session that is to listen no more: lost to us, but perhaps not to the server, which then lets producers ring.
    var lostListener: Int32?
    /// How the last wait of the listener ended: while all is silent, memory can be given back.
    var wasRung = false
    /// Claims that were not answered, because the session was lost: the server may have carried them out.
    var unanswered: [UniqueID: Duration] = [:]
    private var tidying: Task<Void, Never>?
    private var tidiedAt: Duration = .zero
    private var toldAt: Duration = .zero
    /// How often in a row the listener came to nothing.
    var failures = 0
    var isStopping = false
    var wakeListener: (@Sendable () async -> Void)?
    /// Something may have become ready for which no producer rings: a batch let go of its rows, or leases ended.
    var mayFindMore = false
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
        pool = ConnectionPool(settings.connectionString, settings: connection, limit: settings.batchesAtOnce + 3)
        queue = Queue(pool: pool, log: log)
        registry = StoreRegistry(environment: settings.environment, log: log)
        stores = StoreWatch(
            queue: queue, registry: registry, offered: settings.stores, environment: settings.environment,
            worker: identity, log: log)
        slots = Allowance(settings.batchesAtOnce)
        caution = Caution(lasts: settings.lease)
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
        try await queue.mendIDs()
        try await offerSettings()
        try await stores.offer()
        try await stores.load()
        try await tellWithoutEffect()
        await registry.onCircuit { [weak self] in await self?.stores.tell() }
        Supervisor.isReady("working")
        let beating = Task { await beat() }
        defer { beating.cancel() }
        let sweeping = Task { await stores.sweepDaily() }
        defer { sweeping.cancel() }
        if settings.untilEmpty {
            do {
                try await drainUntilEmpty()
                await stores.finishChecks()
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
        _ = await tidy()
        _ = try? await queue.beat(identity, counters, leases: [], for: settings.lease)
        await stores.tell()
        let waiting = (try? await queue.waiting()) ?? 0
        // No beat that is under way may bring it back.
        beating.cancel()
        await beating.value
        try? await queue.depart(identity)
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
        await queue.counts.stop()
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

    /// What is set in the environment and has no effect, a misspelt name above all.
    private func tellWithoutEffect() async throws {
        guard let configuration = settings.configuration else { return }
        for note in configuration.notes { log.warning(note) }
        for idle in configuration.idle(besides: Set(try await queue.stores().known.map(\.kind))) {
            log.warning(idle.text, ("hint", idle.remedy))
        }
    }

    // MARK: Carrying

    func carry(_ claim: Queue.Claim, of count: Int, since begun: Duration) async {
        do {
            try await stores.load()
            let batch = Batch(
                workshop: workshop, claim: claim, columns: try await queue.columns(),
                urlPrefixes: try await queue.urlPrefixes())
            let tally = try await batch.run()
            counters.completed += tally.completed
            counters.failed += tally.failed
            counters.putOff += tally.putOff
            size.took(now - begun, for: count)
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
        await tellProgress(atLast: batches.isEmpty)
    }

    /// Once a second at most: to count what is left may take as long as a small batch.
    func tellProgress(atLast: Bool = false) async {
        guard let onProgress, now - toldAt >= .seconds(1) || atLast else { return }
        toldAt = now
        if let left = try? await queue.ready() { onProgress(summary, counters.inFlight, left) }
    }

    /// Gives jobs back, also where this task was cancelled. A lost session gives nothing back; then the lease ends by
    /// itself.
    private func release(_ jobs: [Int64], _ lease: UniqueID, after delay: Duration) async {
        let queue = queue
        await Task { _ = try? await queue.release(jobs, lease, after: delay) }.value
    }

    private func lookAgain() async {
        mayFindMore = true
        await wakeListener?()
    }

    private var summary: WorkSummary {
        WorkSummary(completed: counters.completed, failed: counters.failed, waiting: counters.putOff)
    }

    var now: Duration { start.duration(to: .now) }

    private func drainUntilEmpty() async throws {
        while !isStopping {
            let found = try await drain()
            for batch in batches.values { await batch.value }
            let hasCounted = await queue.counts.finish()
            if found == 0, !hasCounted { break }
        }
    }

    // MARK: Beating

    private func beat() async {
        while !Task.isCancelled {
            do {
                let beat = try await queue.beat(
                    identity, counters, leases: Array(leases.keys), for: settings.lease)
                if beat.reaped > 0 { await lookAgain() }
                watch(beat.notificationUsage)
                await stores.tell()
                tidyUp()
                try await stores.checkAgain()
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
            if await tidy() > 0 { await lookAgain() }
        }
    }

    /// Returns how many sweeps were begun. Who is to stop begins no further batch.
    private func tidy() async -> Int64 {
        var begun: Int64 = 0
        for what in Queue.Tidying.allCases {
            do {
                begun += try await queue.tidy(what, until: { isStopping })
            } catch {
                log.limited(
                    .warning, "tidying up failed", every: 60, ("what", what.rawValue), ("reason", "\(error)"))
            }
        }
        return begun
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
