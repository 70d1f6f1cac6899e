import ObjectStore
import Offload
import Postgres
private import Synchronization

/// The stores that the database names, opened with the credentials of this worker's environment.
///
/// What cannot be opened here (a variable is not set) is a store that is down: its rows wait, and the log says why.
actor StoreRegistry {
    /// A store's row.
    struct Description: Sendable, Equatable {
        var name: String
        var kind: String
        var endpoint: String?
        var bucket: String?
        var region: String?
        var prefix: String
        var addressing: String
        var publicURL: String?
        var path: String?
        var credentials: [String: String]
        var options: [String: String]

        /// What a row must begin with to be read as a description.
        static let columns = """
            name, kind, endpoint, bucket, region, prefix, addressing, public_url, path,
            array(select k from pg_catalog.jsonb_each_text(credentials) c (k, v) order by k),
            array(select v from pg_catalog.jsonb_each_text(credentials) c (k, v) order by k),
            array(select k from pg_catalog.jsonb_each_text(options) o (k, v) order by k),
            array(select coalesce(v, '') from pg_catalog.jsonb_each_text(options) o (k, v) order by k)
            """
        static let columnCount = 13
    }

    private struct Entry {
        var description: Description
        var store: Result<any ObjectStore, StoreError>
        var circuit = Circuit()
    }

    private let environment: [String: String]
    private let log: Log
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var entries: [String: Entry] = [:]
    private var waiters: [String: [CheckedContinuation<Void, Never>]] = [:]

    init(environment: [String: String], log: Log) {
        self.environment = environment
        self.log = log
    }

    /// Takes over what the database says now; a store whose row did not change keeps its connections. Returns the names
    /// of those that were opened.
    func update(_ descriptions: [Description]) -> [String] {
        var opened: [String] = []
        let names = Set(descriptions.map(\.name))
        entries = entries.filter { names.contains($0.key) }
        for name in waiters.keys where !names.contains(name) { letGo(name) }
        for description in descriptions where entries[description.name]?.description != description {
            for name in description.credentials.values { environment[name].map(log.conceal) }
            let store = Result { () throws(StoreError) in try openStore(description, environment: environment) }
            entries[description.name] = Entry(description: description, store: store)
            announce(description, store)
            letGo(description.name)
            if case .success = store { opened.append(description.name) }
        }
        return opened
    }

    /// The store, unless it is to be left alone for now.
    func available(_ name: String) -> (any ObjectStore)? {
        guard let entry = entries[name], entry.circuit.allows(now: now) else { return nil }
        return try? entry.store.get()
    }

    /// The store, once it is this upload's turn; nil while it is left alone. After a pause one goes ahead, and the others
    /// wait here for what becomes of it. Who gets a probe's number ends it with `gaveUp`, whatever became of it.
    func admitted(_ name: String) async -> (store: any ObjectStore, probe: Int?)? {
        while true {
            guard let store = try? entries[name]?.store.get() else { return nil }
            switch entries[name]?.circuit.admit(now: now) {
            case .open: return (store, nil)
            case .probe(let number): return (store, number)
            case .awaitProbe: await withCheckedContinuation { waiters[name, default: []].append($0) }
            case .closed, nil: return nil
            }
        }
    }

    /// Lets the next one go ahead where a probe ended without a word on the store.
    func gaveUp(_ name: String, _ probe: Int) {
        if entries[name]?.circuit.gaveUp(probe) == true { letGo(name) }
    }

    private func letGo(_ name: String) {
        for waiter in waiters.removeValue(forKey: name) ?? [] { waiter.resume() }
    }

    /// How long a store will be left alone: until its circuit lets somebody through, or the configuration changes.
    func pause(_ name: String) -> Duration {
        guard let entry = entries[name] else { return .seconds(30) }
        if case .failure = entry.store { return .seconds(30) }
        return entry.circuit.pause(now: now)
    }

    func succeeded(_ name: String) {
        defer { letGo(name) }
        guard let entry = entries[name], entry.circuit.failures > 0 else { return }
        if entry.circuit.failures >= entry.circuit.tolerance { log.info("store is back", ("store", name)) }
        entries[name]?.circuit.succeeded()
    }

    func failed(_ name: String) {
        defer { letGo(name) }
        if entries[name]?.circuit.failed(now: now, jitter: .random(in: 0..<1)) == true {
            log.warning(
                "store is left alone for a while", ("store", name),
                ("seconds", "\(entries[name]?.circuit.pause(now: now).components.seconds ?? 0)"))
        }
    }

    private var now: Duration { start.duration(to: clock.now) }

    private func announce(_ description: Description, _ store: Result<any ObjectStore, StoreError>) {
        switch (description.kind, store) {
        case ("s3", .success): log.info("using S3 for persistent storage", ("store", description.name))
        case ("directory", .success): log.info("using local filesystem storage", ("store", description.name))
        case ("s3", .failure(let error)):
            log.error(
                "S3 initialization failed, falling back to local storage", ("store", description.name),
                ("reason", "\(error)"))
        case (_, .failure(let error)):
            log.error("store cannot be opened", ("store", description.name), ("reason", "\(error)"))
        default: break
        }
    }
}

/// Opens a store from its row and the environment that holds its credentials.
func openStore(
    _ description: StoreRegistry.Description, environment: [String: String]
) throws(StoreError) -> any ObjectStore {
    switch description.kind {
    case "directory":
        guard let path = description.path else { throw StoreError(.misconfigured, "the store has no path") }
        return try DirectoryStore(
            root: path + (description.prefix.isEmpty ? "" : "/" + description.prefix.dropLast()),
            publicURL: description.publicURL.map { $0 + "/" + description.prefix })
    case "s3":
        var configuration = S3Configuration(bucket: description.bucket ?? "")
        configuration.endpoint = description.endpoint
        configuration.region = description.region ?? "us-east-1"
        configuration.prefix = description.prefix
        configuration.addressing =
            switch description.addressing {
            case "path": .path
            case "virtual": .virtual
            default: .automatic
            }
        configuration.publicURL = description.publicURL
        configuration.certificateAuthority = description.options["certificate_authority"]
        configuration.storageClass = description.options["storage_class"]
        if let cacheControl = description.options["cache_control"] { configuration.cacheControl = cacheControl }
        return try S3Store(
            configuration,
            credentials: EnvironmentCredentials(
                accessKey: description.credentials["access_key"] ?? "S3_ACCESS_KEY_ID",
                secretKey: description.credentials["secret_key"] ?? "S3_SECRET_ACCESS_KEY",
                sessionToken: description.credentials["session_token"] ?? "AWS_SESSION_TOKEN",
                in: environment))
    default:
        throw StoreError(.misconfigured, "stores of kind \(description.kind) cannot be used yet")
    }
}

extension StoreRegistry.Description {
    init(_ row: Row) throws(PostgresError) {
        name = try row.value(0)
        kind = try row.value(1)
        endpoint = try row.value(2)
        bucket = try row.value(3)
        region = try row.value(4)
        prefix = try row.value(5)
        addressing = try row.value(6)
        publicURL = try row.value(7)
        path = try row.value(8)
        credentials = dictionary(try row.value(9), try row.value(10))
        options = dictionary(try row.value(11), try row.value(12))
    }
}

private func dictionary(_ names: [String], _ values: [String]) -> [String: String] {
    Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
}
