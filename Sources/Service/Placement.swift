import ObjectStore
import Offload
import Postgres
import Signing

/// Brings objects to the stores in which they are wanted.
///
/// Equal bytes that are wanted twice at once are sent once: the second waits for the first.
actor Placement {
    enum Outcome: Sendable, Equatable {
        case placed
        /// Of the chain and the local store one holds it, and the other would not take it.
        case degraded
        /// For a reason that passes and is not the store's: somebody else is bringing it there, or the source broke off.
        /// Look again after so long; no other store need take it.
        case busy(retryAfter: Duration)
        /// No store would take it; worth another try after so long.
        case unplaced(retryAfter: Duration)
    }

    private struct Errand: Hashable {
        var hash: SHA256Digest
        var store: String
    }

    let queue: Queue
    let registry: StoreRegistry
    private let uploads: Allowance
    private let lease: Duration
    let log: Log
    private var running: [Errand: Task<Outcome, any Error>] = [:]

    /// - Parameter lease: how long an upload is held when its worker dies.
    init(queue: Queue, registry: StoreRegistry, uploads: Allowance, lease: Duration, log: Log) {
        self.queue = queue
        self.registry = registry
        self.uploads = uploads
        self.lease = lease
        self.log = log
    }

    /// Whether an attempt makes sense now: of the chain and the local store, one that lacks the object can be asked.
    func obstacle(among stores: [Queue.WantedStore]) async -> Duration? {
        var pauses: [Duration] = []
        for store in groups(stores).filter({ !$0.contains(where: \.holds) }).joined() {
            if await registry.available(store.name) != nil { return nil }
            pauses.append(await registry.pause(store.name))
        }
        return pauses.min().map { max($0, .milliseconds(100)) }
    }

    /// Stores the object in one store of the chain and in the local store. `row` is for the log.
    ///
    /// Where one of the two is out, the other holds it all the same.
    func place(_ object: NewObject, in stores: [Queue.WantedStore], row: [Log.Field]) async throws -> Outcome {
        var outcomes: [Outcome] = []
        for group in groups(stores) {
            var outcome = Outcome.unplaced(retryAfter: .seconds(30))
            for store in group {
                outcome = try await place(object, in: store, row: row)
                guard case .unplaced = outcome else { break }
            }
            outcomes.append(outcome)
        }
        guard let failure = outcomes.first(where: { $0 != .placed }) else { return .placed }
        return outcomes.contains(.placed) ? .degraded : failure
    }

    /// The chain and the local store: of the one, any store will do; the other must be there, too.
    private func groups(_ stores: [Queue.WantedStore]) -> [[Queue.WantedStore]] {
        [stores.filter { !$0.isLocal }, stores.filter(\.isLocal)].filter { !$0.isEmpty }
    }

    private func place(_ object: NewObject, in store: Queue.WantedStore, row: [Log.Field]) async throws -> Outcome {
        let errand = Errand(hash: object.hash, store: store.name)
        while let other = running[errand] {
            do {
                return try await other.value
            } catch is CancellationError where !Task.isCancelled {
                // It was the other's batch that was ended.
                if running[errand] == other { running[errand] = nil }
            }
        }
        let task = Task { try await upload(object, to: store, row: row) }
        running[errand] = task
        defer { if running[errand] == task { running[errand] = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func upload(_ object: NewObject, to wanted: Queue.WantedStore, row: [Log.Field]) async throws -> Outcome {
        guard let (store, probe) = await registry.admitted(wanted.name) else {
            return .unplaced(retryAfter: await registry.pause(wanted.name))
        }
        let outcome: Outcome
        do {
            outcome = try await upload(object, to: wanted, at: store, row: row)
        } catch {
            if let probe { await registry.gaveUp(wanted.name, probe) }
            throw error
        }
        if let probe { await registry.gaveUp(wanted.name, probe) }
        return outcome
    }

    private func upload(
        _ object: NewObject, to wanted: Queue.WantedStore, at store: any ObjectStore, row: [Log.Field]
    ) async throws -> Outcome {
        switch try await queue.beginUpload(object, to: wanted.name, for: lease) {
        case .stored: return .placed
        case .busy: return .busy(retryAfter: .seconds(2))
        case .upload(let key, let lease):
            Failpoint.uploadBegun.reached()
            let renewing = Task { await renew(object, to: wanted.name, lease) }
            defer { renewing.cancel() }
            let info: ObjectInfo
            await object.rewind?()
            do {
                var upload = Upload(object.content, mediaType: object.mediaType, sha256: object.hash)
                upload.condition = .absentOrSame
                info = try await uploads.using(1) { [upload] in try await store.put(ObjectKey(key), upload) }
            } catch let error as StoreError {
                await abandon(object, to: wanted.name, lease)
                if error.kind == .cancelled { throw CancellationError() }
                // The database's doing: the row changed, or its session was lost.
                if error.kind == .source { return .busy(retryAfter: .seconds(1)) }
                if error.kind == .rejected {
                    // It says something of the object, and nothing of the store.
                    await registry.answered(wanted.name)
                } else {
                    await registry.failed(wanted.name, error)
                }
                log.log(
                    .warning,
                    wanted.kind == "s3" ? "S3 upload failed, falling back to base64" : "upload failed",
                    [("store", wanted.name)] + row + [("reason", "\(error)")]
                        + (hint(for: error).map { [("hint", $0)] } ?? []))
                // As long as all the others wait for this store, so that none overtakes the row that asked for them.
                let pause = await registry.pause(wanted.name)
                let usual: Duration = pause > .zero ? pause : .seconds(error.kind == .rejected ? 600 : 5)
                return .unplaced(retryAfter: error.retryAfter ?? usual)
            }
            Failpoint.uploaded.reached()
            await registry.succeeded(wanted.name)
            let isStored = try await finish(object, to: wanted, lease, info)
            Failpoint.uploadFinished.reached()
            log.log(
                .info, wanted.kind == "s3" ? "S3 upload successful" : "upload successful",
                [("store", wanted.name)] + row + [("object", key), ("bytes", "\(object.byteCount)")])
            // The lease ended under way: another upload of the same bytes counts, and will be there in a moment.
            return isStored ? .placed : .busy(retryAfter: .seconds(2))
        }
    }

    /// Once more where the session was lost: the bytes are there, and it would be a pity to send them again.
    private func finish(
        _ object: NewObject, to wanted: Queue.WantedStore, _ lease: UniqueID, _ info: ObjectInfo
    ) async throws -> Bool {
        let proof = evidence(ofKind: wanted.kind)
        do {
            return try await queue.finishUpload(object, to: wanted.name, lease, evidence: proof, info)
        } catch PostgresError.connectionLost {
            return try await queue.finishUpload(object, to: wanted.name, lease, evidence: proof, info)
        }
    }

    /// Holds an upload for as long as it takes.
    private func renew(_ object: NewObject, to store: String, _ upload: UniqueID) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: lease / 3)
            if !Task.isCancelled { try? await queue.renewUpload(object, to: store, upload, for: lease) }
        }
    }

    /// Also where this task was cancelled. Where the session is lost, the lease ends by itself.
    private func abandon(_ object: NewObject, to store: String, _ lease: UniqueID) async {
        let queue = queue
        await Task { try? await queue.abandonUpload(object, to: store, lease) }.value
    }
}

/// How a store of the kind answers for exactly the bytes that it was given.
func evidence(ofKind kind: String) -> String {
    switch kind {
    case "s3": "signed_payload"
    case "cloudinary": "checksum"
    default: "read_back"
    }
}

/// What to do about a store that refuses.
private func hint(for error: StoreError) -> String? {
    if error.clockDifference != nil || error.code == "RequestTimeTooSkewed" {
        return "Set this machine's clock: timedatectl set-ntp true"
    }
    return switch error.kind {
    case .refused: "Check the store's credentials in this environment, and its policy: offload doctor"
    case .notFound, .misconfigured: "Check the store's settings: offload doctor"
    case .rejected: "Give the column another store, or one more in its chain: offload.configure"
    case .full: "Make room in the store."
    default: nil
    }
}
