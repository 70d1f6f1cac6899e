import ObjectStore
import Offload
import Postgres
import Signing
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
        /// What a probe found that it can do. It is not compared: a store learns by its own probe, too.
        var capabilities: Set<String> = []
        /// It is disabled, and takes nothing new.
        var isReadOnly = false

        static func == (left: Description, right: Description) -> Bool {
            left.name == right.name && left.kind == right.kind && left.endpoint == right.endpoint
                && left.bucket == right.bucket && left.region == right.region && left.prefix == right.prefix
                && left.addressing == right.addressing && left.publicURL == right.publicURL && left.path == right.path
                && left.credentials == right.credentials && left.options == right.options
                && left.isReadOnly == right.isReadOnly
        }

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

        var retries: Int64 { Int64((try? store.get().retries) ?? 0) }
    }

    private let environment: [String: String]
    private let log: Log
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var entries: [String: Entry] = [:]
    /// By store, without what its entry knows; a store that is opened anew goes on counting.
    private var tallies: [String: StoreTally] = [:]
    private var told: [String: StoreTally] = [:]
    private var tellAtOnce: (@Sendable () async -> Void)?
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
        for name in entries.keys where !names.contains(name) { close(name) }
        for name in waiters.keys where !names.contains(name) { letGo(name) }
        for description in descriptions where entries[description.name]?.description != description {
            description.secrets(in: environment).forEach(log.conceal)
            close(description.name)
            let store = Result { () throws(StoreError) in try openStore(description, environment: environment) }
            entries[description.name] = Entry(description: description, store: store)
            announce(description, store)
            letGo(description.name)
            if case .success = store { opened.append(description.name) }
        }
        return opened
    }

    /// The store, unless it takes nothing, or is to be left alone for now.
    func available(_ name: String) -> (any ObjectStore)? {
        guard let entry = entries[name], !entry.description.isReadOnly, entry.circuit.allows(now: now) else {
            return nil
        }
        return try? entry.store.get()
    }

    /// The names of the stores that take objects.
    var writable: [String] { entries.values.filter { !$0.description.isReadOnly }.map(\.description.name) }

    /// The store, once it is this caller's turn; nil while it is left alone, and where it takes nothing and that is not
    /// all that is wanted of it. After a pause one goes ahead, and the others wait here for what becomes of it. Who gets
    /// a probe's number ends it with `gaveUp`, whatever became of it.
    func admitted(_ name: String, toRead: Bool = false) async -> (store: any ObjectStore, probe: Int?)? {
        while true {
            guard let entry = entries[name], toRead || !entry.description.isReadOnly,
                let store = try? entry.store.get()
            else { return nil }
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
        if entry.description.isReadOnly { return .seconds(30) }
        if case .failure = entry.store { return .seconds(30) }
        return entry.circuit.pause(now: now)
    }

    /// The store took an object.
    func succeeded(_ name: String) async {
        tallies[name, default: StoreTally(store: name)].puts += 1
        await answered(name)
    }

    /// The store is there, whatever its answer was.
    func answered(_ name: String) async {
        defer { letGo(name) }
        guard let entry = entries[name], entry.circuit.failures > 0 else { return }
        let wasOpen = entry.circuit.failures >= entry.circuit.tolerance
        entries[name]?.circuit.succeeded()
        guard wasOpen else { return }
        log.info("store is back", ("store", name))
        await tellAtOnce?()
    }

    /// The store did not take an object.
    func failed(_ name: String, _ error: StoreError) async {
        defer { letGo(name) }
        tallies[name, default: StoreTally(store: name)].failures += 1
        tallies[name]?.lastError = "\(error)"
        let hasOpened = entries[name]?.circuit.failed(
            now: now, jitter: .random(in: 0..<1), isLasting: error.isLasting, pause: error.pause)
        guard hasOpened == true else { return }
        log.warning(
            "store is left alone for a while", ("store", name),
            ("seconds", "\(entries[name]?.circuit.pause(now: now).components.seconds ?? 0)"))
        await tellAtOnce?()
    }

    /// Has the body called whenever a circuit opens or closes, so that nobody waits for the next heartbeat to see it.
    func onCircuit(_ body: @escaping @Sendable () async -> Void) { tellAtOnce = body }

    /// What is to be told of the stores since the last time.
    func news() -> [StoreTally] {
        let names = Set(tallies.keys).union(entries.keys)
        return names.sorted().map(tally).filter { $0.isNews(after: told[$0.store]) }
    }

    func wasTold(_ news: [StoreTally]) {
        for tally in news { told[tally.store] = tally }
    }

    private func tally(_ name: String) -> StoreTally {
        var tally = tallies[name] ?? StoreTally(store: name)
        guard let entry = entries[name] else { return tally }
        tally.retries += entry.retries
        // Once its pause is over it stays open until somebody came through.
        if entry.circuit.failures >= entry.circuit.tolerance { tally.pause = entry.circuit.pause(now: now) }
        return tally
    }

    private func close(_ name: String) {
        guard let entry = entries.removeValue(forKey: name) else { return }
        if entry.retries > 0 { tallies[name, default: StoreTally(store: name)].retries += entry.retries }
    }

    private var now: Duration { start.duration(to: clock.now) }

    private func announce(_ description: Description, _ store: Result<any ObjectStore, StoreError>) {
        if description.isReadOnly {
            if case .failure(let error) = store {
                log.info(
                    "a disabled store cannot be opened", ("store", description.name), ("reason", "\(error)"))
            }
            return
        }
        switch (description.kind, store) {
        case ("s3", .success): log.info("using S3 for persistent storage", ("store", description.name))
        case ("cloudinary", .success):
            log.info("using Cloudinary for persistent storage", ("store", description.name))
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
        configuration.capabilities = S3Capabilities(
            conditionalWrites: description.capabilities.contains("conditional_writes"),
            checksums: description.capabilities.contains("checksums"))
        try configuration.apply(description.options)
        let chain = CredentialChain(
            names: description.credentials, options: description.options, environment: environment)
        return try S3Store(configuration, credentials: try chain.source())
    case "cloudinary":
        return try openCloudinary(description, environment: environment)
    default:
        throw StoreError(.misconfigured, "stores of kind \(description.kind) cannot be used yet")
    }
}

private func openCloudinary(
    _ description: StoreRegistry.Description, environment: [String: String]
) throws(StoreError) -> CloudinaryStore {
    var configuration = CloudinaryConfiguration(cloud: description.bucket ?? "")
    if let endpoint = description.endpoint { configuration.endpoint = endpoint }
    configuration.publicURL = description.publicURL
    configuration.prefix = description.prefix
    configuration.certificateAuthority = description.options["certificate_authority"]
    if let name = description.options["signature_algorithm"] {
        configuration.algorithm = try option(CloudinarySignature.Algorithm(rawValue: name), "signature_algorithm")
    }
    if let text = description.options["timeout"] {
        let seconds = try option(Double(text).flatMap { (0.01...3600).contains($0) ? $0 : nil }, "timeout")
        configuration.stallTimeout = .seconds(seconds)
        configuration.connectTimeout = min(configuration.connectTimeout, .seconds(seconds))
    }
    if let text = description.options["attempts"] {
        configuration.attempts = try option(Int(text).flatMap { (1...10).contains($0) ? $0 : nil }, "attempts")
    }
    if let text = description.options["chunk_size"] {
        let range = 5_000_001...100_000_000
        configuration.chunkSize = try option(Int(text).flatMap { range.contains($0) ? $0 : nil }, "chunk_size")
    }
    let credentials = cloudinaryCredentials(description, environment)
    // A store without credentials is one that cannot be opened: that is said once, and not for each row.
    _ = try credentials.found()
    return try CloudinaryStore(configuration, credentials: credentials)
}

private func cloudinaryCredentials(
    _ description: StoreRegistry.Description, _ environment: [String: String]
) -> CloudinaryCredentials {
    CloudinaryCredentials(
        cloud: description.bucket ?? "", key: description.credentials["api_key"] ?? "CLOUDINARY_API_KEY",
        secret: description.credentials["api_secret"] ?? "CLOUDINARY_API_SECRET",
        url: description.credentials["url"] ?? "CLOUDINARY_URL", in: environment)
}

private func option<Value>(_ value: Value?, _ name: String) throws(StoreError) -> Value {
    guard let value else { throw StoreError(.misconfigured, "the store's option \(name) has a value that cannot be") }
    return value
}

extension StoreRegistry.Description {
    /// What must never be printed.
    func secrets(in environment: [String: String]) -> [String] {
        credentials.values.compactMap { environment[$0] }
            + (kind == "s3" ? [environment["AWS_SESSION_TOKEN"]].compactMap(\.self).filter { !$0.isEmpty } : [])
            + (kind == "cloudinary" ? cloudinaryCredentials(self, environment).secrets : [])
    }

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
