private import ObjectStore
private import Offload
private import Platform
import Postgres

/// Whether each store can be reached from here, and does what is asked of it.
extension Doctor {
    /// How far a store's clock may be from ours before it refuses us, and before we speak of it.
    private static let refusedDifference: Duration = .seconds(15 * 60)
    private static let worthTelling: Duration = .seconds(60)

    func examineStores(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        let stores = try await readStores(connection)
        if stores.isEmpty { report(.ok("stores", "none: objects stay in their rows")) }
        for store in stores {
            let subject = "store \(store.description.name)"
            if store.isDisabled {
                report(Finding(.warn, subject, "it is disabled", remedy: "Enable it, or move its objects elsewhere."))
                continue
            }
            await examine(store, subject, report)
        }
    }

    private struct KnownStore {
        var description: StoreRegistry.Description
        var access: String
        var isDisabled: Bool
    }

    private func examine(_ known: KnownStore, _ subject: String, _ report: (Finding) -> Void) async {
        let description = known.description
        if description.kind == "directory", let path = description.path, let space = Files.space(at: path) {
            let text = "\(byteText(space.free)) of \(byteText(space.total)) are free at \(path)"
            let isLow = space.free < 1_000_000_000 || space.free < space.total / 20
            report(
                isLow
                    ? Finding(.warn, subject, text, remedy: "Make room: uploads stop before the disk is full.")
                    : .ok(subject, text))
        }
        let probe: Probe
        do throws(StoreError) {
            let store = try openStore(description, environment: environment.withBothSpellings)
            probe = try await withinPatience { () throws(StoreError) in try await store.probe() }
        } catch {
            report(Finding(.fail, subject, "\(error)", remedy: remedy(for: error, known)))
            return
        }
        report(
            .ok(
                subject,
                "puts, reads, lists and deletes: \(durationText(probe.put)), \(durationText(probe.get)), "
                    + "\(durationText(probe.list)), \(durationText(probe.delete))"))
        if let difference = probe.clockDifference, abs(difference) >= Self.worthTelling {
            report(
                Finding(
                    abs(difference) >= Self.refusedDifference ? .fail : .warn, subject,
                    "its clock is \(durationText(abs(difference))) \(difference > .zero ? "ahead of" : "behind") ours",
                    remedy: "Set this machine's clock: timedatectl set-ntp true"))
        }
        if !probe.hasConditionalWrites {
            report(
                Finding(
                    .warn, subject, "it does not know conditional writes: two databases could share it unnoticed",
                    remedy: "Give each database a prefix of its own."))
        }
        if probe.opensURLs == false, known.access == "direct" {
            report(Finding(.warn, subject, "its URLs do not open without credentials", remedy: openingRemedy(known)))
        } else if probe.opensURLs == true {
            report(.ok(subject, "its URLs open"))
        }
    }

    private func remedy(for error: StoreError, _ known: KnownStore) -> String {
        let description = known.description
        let names = description.credentials.sorted { $0.key < $1.key }.map(\.value)
        switch error.kind {
        case .misconfigured where error.message.contains("environment variable"):
            return "export " + names.map { "\($0)=…" }.joined(separator: " ")
        case .refused:
            return description.kind == "directory"
                ? "Give the worker's user the directory: chown -R offload \(description.path ?? "")"
                : "Check \(names.joined(separator: " and ")), and that they may put, get, list and delete in the bucket "
                    + (description.bucket ?? "") + "."
        case .notFound, .misconfigured:
            return description.kind == "directory"
                ? "mkdir -p \(description.path ?? "")"
                : "Check the bucket \(description.bucket ?? ""), its region and its endpoint in offload.store."
        case .full: return "Make room in the store."
        case .unreachable:
            return "Check that \(description.endpoint ?? "AWS") can be reached from here; rows wait meanwhile."
        default: return "Try again; if it stays, look at the store itself."
        }
    }

    /// The policy that lets everybody read, and nothing else.
    private func openingRemedy(_ known: KnownStore) -> String {
        let bucket = known.description.bucket ?? ""
        let policy =
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
            + "\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::\(bucket)/\(known.description.prefix)*\"}]}"
        return "aws s3api put-bucket-policy --bucket \(bucket) --policy '\(policy)', or name a public_url, or set the "
            + "store's access to private."
    }

    private func withinPatience<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let task = Task { () async -> Result<Answer, StoreError> in
            do throws(StoreError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        let patience = patience
        let watch = Task {
            try? await Task.sleep(for: patience)
            if !Task.isCancelled { task.cancel() }
        }
        let result = await task.value
        watch.cancel()
        if case .failure(let error) = result, error.kind == .cancelled {
            throw StoreError(.unreachable, "it did not answer within \(durationText(patience))")
        }
        return try result.get()
    }

    private func readStores(_ connection: Connection) async throws -> [KnownStore] {
        let count = StoreRegistry.Description.columnCount
        return try await connection.query(
            """
            select \(StoreRegistry.Description.columns), access, disabled_at is not null
            from offload.store where kind <> 'database' order by name
            """
        ).map { row in
            KnownStore(
                description: try StoreRegistry.Description(row), access: try row.value(count),
                isDisabled: try row.value(count + 1))
        }
    }
}

private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
