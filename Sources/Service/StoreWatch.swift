import ObjectStore
import Platform
import Postgres

/// What a worker knows of the stores: those that there are, what a try of each says, and what became of its own work.
actor StoreWatch {
    private let queue: Queue
    private let registry: StoreRegistry
    private let offered: [Queue.OfferedStore]
    private let environment: [String: String]
    private let worker: WorkerIdentity
    private let log: Log
    private let start = ContinuousClock.now
    private var nextCheck = Duration.seconds(60)
    /// The stores that are just being tried.
    private var checks: [String: Task<Void, Never>] = [:]

    init(
        queue: Queue, registry: StoreRegistry, offered: [Queue.OfferedStore], environment: [String: String],
        worker: WorkerIdentity, log: Log
    ) {
        self.queue = queue
        self.registry = registry
        self.offered = offered
        self.environment = environment
        self.worker = worker
        self.log = log
    }

    private var now: Duration { start.duration(to: .now) }

    /// What the environment says of stores names those that nobody has named; who disagrees is told, and not obeyed.
    func offer() async throws {
        for store in offered {
            do throws(StoreError) {
                _ = try openStore(store.description, environment: environment)
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

    func load() async throws {
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

    /// How old an upload is when it counts as cut short, and how often such are looked for, in seconds. A day, but for
    /// a test that says otherwise.
    private static let sweepInterval: Int64 = {
        #if DEBUG
            if let seconds = Process.environment["OFFLOAD_SWEEP_SECONDS"].flatMap({ Int64($0) }) { return seconds }
        #endif
        return 86_400
    }()

    /// Also while nothing is opened anew.
    func sweepDaily() async {
        while (try? await Task.sleep(for: .seconds(Self.sweepInterval))) != nil {
            for name in await registry.writable {
                if let store = await registry.available(name) { await sweep(store, name) }
            }
        }
    }

    /// Tries once more what did not answer or open: somebody may have mended it meanwhile.
    func checkAgain() async throws {
        guard now >= nextCheck else { return }
        nextCheck = now + .seconds(60)
        let names = try await queue.storesToCheckAgain()
        guard !names.isEmpty else { return }
        try await load()
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
    func finishChecks() async {
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
            let count = try await store.sweepUploads(
                begunBefore: Int64(Process.secondsSince1970) - Self.sweepInterval)
            if count > 0 {
                log.info("uploads that were cut short are removed", ("store", name), ("count", "\(count)"))
            }
        } catch {
            if error.kind == .cancelled { return }
            log.info("uploads that were cut short are not looked for", ("store", name), ("reason", "\(error)"))
        }
    }

    /// What was not written is told the next time: the numbers are totals.
    func tell() async {
        let news = await registry.news()
        do {
            try await queue.noteStores(news, by: worker)
            await registry.wasTold(news)
        } catch {
            log.limited(.warning, "the work in the stores was not written down", every: 60, ("reason", "\(error)"))
        }
    }
}
