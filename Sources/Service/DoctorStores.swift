private import ObjectStore
private import Offload
private import Platform
import Postgres

/// Whether each store can be reached from here, and does what is asked of it.
extension Doctor {
    func examineStores(_ connection: Connection, _ report: (Finding) -> Void) async throws {
        let stores = try await readStores(connection)
        if stores.isEmpty { report(.ok("stores", "none: objects stay in their rows")) }
        let kinds = Set(stores.map(\.description.kind))
        for idle in (try? Configuration(environment))?.idle(besides: kinds) ?? [] {
            report(Finding(.warn, "configuration", idle.text, remedy: idle.remedy))
        }
        for store in stores {
            let subject = "store \(store.description.name)"
            if store.isDisabled {
                report(
                    Finding(
                        .warn, subject, "it takes no new objects",
                        remedy: "select offload.enable_store('\(store.description.name)');"))
                continue
            }
            await examine(store, subject, report)
        }
    }

    private struct KnownStore {
        var description: StoreRegistry.Description
        var access: String
        var isDisabled: Bool
        /// What makes its URLs open.
        var openingRemedy: String
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
            report(Finding(.fail, subject, "\(error)", remedy: description.remedy(for: error)))
            return
        }
        report(
            .ok(
                subject,
                "puts, reads, lists and deletes: \(durationText(probe.put)), \(durationText(probe.get)), "
                    + "\(durationText(probe.list)), \(durationText(probe.delete))"))
        if let finding = ClockFinding(probe.clockDifference) {
            report(
                Finding(finding.isRefused ? .fail : .warn, subject, finding.text, remedy: ClockFinding.remedy))
        }
        if !probe.hasConditionalWrites {
            report(
                Finding(
                    .warn, subject, "it does not know conditional writes: two databases could share it unnoticed",
                    remedy: "Give each database a prefix of its own."))
        }
        if probe.opensURLs == false, known.access == "direct" {
            report(Finding(.warn, subject, "its URLs do not open without credentials", remedy: known.openingRemedy))
        } else if probe.opensURLs == true {
            report(.ok(subject, "its URLs open"))
        }
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
            select \(StoreRegistry.Description.columns), access, disabled_at is not null,
              offload._opening_remedy(s)
            from offload.store s where kind <> 'database' order by name
            """
        ).map { row in
            KnownStore(
                description: try StoreRegistry.Description(row), access: try row.value(count),
                isDisabled: try row.value(count + 1), openingRemedy: try row.value(count + 2))
        }
    }
}
