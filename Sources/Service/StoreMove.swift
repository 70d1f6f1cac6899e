import ObjectStore
import Offload
import Platform
import Postgres
import Signing

/// Moves what stores hold into others, and has URLs written anew: what a worker does when no row is ready.
///
/// Everything that was done is in the database at once. A worker that is killed leaves at most the lease of an upload.
actor StoreMove {
    private let queue: Queue
    private let registry: StoreRegistry
    private let memory: Allowance
    private let uploads: Allowance
    private let lease: Duration
    private let log: Log
    private let environment: [String: String]
    /// The stores that are being drained take nothing new: they are opened here alone.
    private var sources: [String: (description: StoreRegistry.Description, store: any ObjectStore)] = [:]
    /// How far each drain has come in this pass.
    private var after: [String: [UInt8]] = [:]
    private var failures: [String: Int] = [:]

    private static let objectsAtOnce = 100
    private static let rowsAtOnce: Int32 = 500
    private static let inMemory = 4 << 20
    private static let partSize = 1 << 20

    init(
        queue: Queue, registry: StoreRegistry, memory: Allowance, uploads: Allowance, lease: Duration, log: Log,
        environment: [String: String]
    ) {
        self.queue = queue
        self.registry = registry
        self.memory = memory
        self.uploads = uploads
        self.lease = lease
        self.log = log
        self.environment = environment
    }

    /// Does one batch of it; false where there is nothing to do now.
    func step() async throws -> Bool {
        if try await queue.rewriteURLs(Self.rowsAtOnce) > 0 { return true }
        for drain in try await queue.drains() where try await step(drain) { return true }
        return false
    }

    private func step(_ drain: Queue.Drain) async throws -> Bool {
        let name = drain.source.name
        guard drain.state == "copying" else {
            return try await advance(name, from: drain.state)
        }
        guard let target = await registry.available(drain.target) else { return false }
        let source: any ObjectStore
        do throws(StoreError) {
            source = try open(drain.source)
        } catch {
            log.limited(.error, "store cannot be drained", every: 60, ("store", name), ("reason", "\(error)"))
            _ = try await queue.advanceDrain(name, detail: "\(error)")
            return false
        }
        let batch = try await queue.drainBatch(name, after: after[name] ?? [], Self.objectsAtOnce)
        if batch.isEmpty {
            let failed = failures[name] ?? 0
            (after[name], failures[name]) = (nil, nil)
            // What failed waits for the next time that there is nothing else to do.
            return failed > 0 ? false : try await advance(name, from: drain.state)
        }
        await withTaskGroup { group in
            for object in batch {
                group.addTask {
                    await self.copy(
                        object, from: source, named: name, to: target, named: drain.target, kind: drain.targetKind)
                }
            }
        }
        after[name] = batch.last?.hash
        return true
    }

    private func advance(_ name: String, from state: String) async throws -> Bool {
        let now = try await queue.advanceDrain(name, detail: nil)
        if now == "complete" { log.info("store is drained", ("store", name)) }
        switch now {
        case "complete": return true
        case "rewriting":
            if state == "copying" { return true }
            return try await !queue.isRewriting(name)
        default: return false
        }
    }

    private func open(_ description: StoreRegistry.Description) throws(StoreError) -> any ObjectStore {
        if let known = sources[description.name], known.description == description { return known.store }
        description.secrets(in: environment).forEach(log.conceal)
        let store = try openStore(description, environment: environment)
        sources[description.name] = (description, store)
        return store
    }

    private func copy(
        _ object: Queue.DrainedObject, from source: any ObjectStore, named name: String,
        to target: any ObjectStore, named targetName: String, kind: String
    ) async {
        do {
            // In the order in which a batch takes them. What is not sent in parts is gathered before it is sent.
            try await memory.using(min(object.byteCount, 64 << 20) + Self.partSize) {
                try await uploads.using(1) {
                    try await copyNow(object, from: source, to: target, named: targetName, kind: kind)
                }
            }
        } catch is CancellationError {
            failures[name, default: 0] += 1
        } catch {
            failures[name, default: 0] += 1
            log.limited(
                .warning, "an object was not moved", every: 5, ("store", name), ("target", targetName),
                ("object", object.key), ("reason", "\(error)"))
            _ = try? await queue.advanceDrain(name, detail: "\(object.key): \(error)")
        }
    }

    private nonisolated func copyNow(
        _ object: Queue.DrainedObject, from source: any ObjectStore, to target: any ObjectStore,
        named targetName: String, kind: String
    ) async throws {
        let new = NewObject(
            hash: object.digest, content: .stream(count: object.byteCount) { [] }, mediaType: object.mediaType,
            width: object.width.map(Int.init), height: object.height.map(Int.init))
        guard case .upload(let key, let lease) = try await queue.beginUpload(new, to: targetName, for: lease) else {
            return
        }
        let renewing = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.lease / 3)
                if !Task.isCancelled { try? await queue.renewUpload(new, to: targetName, lease, for: self.lease) }
            }
        }
        defer { renewing.cancel() }
        do {
            var upload = Upload(
                try await content(of: object, in: source), mediaType: object.mediaType, sha256: object.digest)
            upload.condition = .absentOrSame
            let info = try await put(upload, ObjectKey(key), in: target, named: targetName)
            _ = try await queue.finishUpload(new, to: targetName, lease, evidence: evidence(ofKind: kind), info)
            await registry.succeeded(targetName)
        } catch {
            let queue = queue
            await Task { try? await queue.abandonUpload(new, to: targetName, lease) }.value
            throw error
        }
    }

    /// What the source would not give says nothing of the target.
    private nonisolated func put(
        _ upload: Upload, _ key: ObjectKey, in target: any ObjectStore, named name: String
    ) async throws -> ObjectInfo {
        do throws(StoreError) {
            return try await target.put(key, upload)
        } catch {
            if error.kind == .cancelled { throw CancellationError() }
            switch error.kind {
            case .source: break
            case .rejected: await registry.answered(name)
            default: await registry.failed(name, error)
            }
            throw error
        }
    }

    /// A large object goes by way of a file that has no name once it is open.
    private nonisolated func content(
        of object: Queue.DrainedObject, in source: any ObjectStore
    ) async throws -> Upload.Content {
        if object.byteCount <= Self.inMemory {
            return .bytes(try await source.get(ObjectKey(object.key), limit: object.byteCount))
        }
        let file = try await OpenFile.temporary {
            try await source.download(ObjectKey(object.key), to: $0).byteCount == object.byteCount
        }
        guard let file else { throw StoreError(.corrupt, "the store holds another number of bytes than it was given") }
        return .stream(count: object.byteCount) { try file.read(Self.partSize) }
    }
}
