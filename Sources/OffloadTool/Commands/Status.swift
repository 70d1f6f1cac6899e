import Offload
import Service

extension Command {
    static let status = Command(
        name: "status", summary: "show columns, queue, workers, stores and failures on one screen",
        details: [
            "The numbers are those of offload.storage_stats, queue_stats, worker_stats, store_stats and failures. A role "
                + "with the set of rights analyst sees all but the failures, which name keys."
        ],
        options: [
            .database,
            .value("failures", "NUMBER", "show so many of the newest failures; default 5"),
            .flag("watch", "draw it anew in place, with rates, until Ctrl-C"),
            .value("interval", "SECONDS", "how often --watch looks; default 2"),
            .json, .envFile,
        ],
        examples: [
            Example(line: "offload status", summary: "the whole on one screen"),
            Example(line: "offload status --watch", summary: "the same, live"),
            Example(line: "offload status --json | jq '.queue[].ready'", summary: "a number for a monitor"),
        ]
    ) { invocation in
        let limit = try invocation.arguments.number("failures", 0...1000) ?? 5
        if invocation.arguments.has("watch") {
            let interval = try invocation.arguments.number("interval", 1...3600) ?? 2
            return try await Watch(invocation: invocation, failures: limit, interval: .seconds(interval)).run()
        }
        let database = try await invocation.connect()
        let report = try await StatusReport.read(database.connection, failures: limit)
        say(invocation.wantsJSON ? report.json.description : report.text)
        await database.close()
    }
}

extension StatusReport {
    var text: String { sections(nil).joined(separator: [""]).joined(separator: "\n") }

    /// - Parameter rates: For who watches.
    func sections(_ rates: WatchRates?) -> [[String]] {
        [[title], columnLines, queueLines, workerLines, storeLines(rates), failureLines]
    }

    private var title: String {
        let schema = installation.schemaVersion.map { "schema \($0), " } ?? ""
        let route = installation.route == .extension ? "as an extension" : "by migrations"
        return "pg_offload \(productVersion) in \(address), PostgreSQL \(serverVersion / 10_000)."
            + "\(serverVersion % 10_000) (\(schema)\(route)), as \(role)"
    }

    private var columnLines: [String] {
        guard !columns.isEmpty else {
            return ["COLUMNS  none: select offload.attach('your_table', 'its_column');"]
        }
        var table = TextTable([
            ("COLUMNS", .left), ("rows", .right), ("remote", .right), ("source", .right), ("both", .right),
            ("neither", .right), ("coverage", .right), ("in rows", .right), ("in stores", .right), ("saved", .right),
            ("backfill", .left),
        ])
        for column in columns {
            table.append([
                "\(column.relation).\(column.column)", countText(column.total), countText(column.withS3),
                countText(column.withBase64), countText(column.withBoth), countText(column.withNeither),
                column.coverage, byteText(column.bytesInRows), byteText(column.bytesInStores),
                byteText(column.bytesSaved),
                (column.backfill ?? "") + (column.isLookedThrough ? "" : column.backfillPercent.map { " \($0)%" } ?? "")
                    + (column.secondsSinceCounted == nil ? ", not counted yet" : ""),
            ])
        }
        return table.lines
    }

    private var queueLines: [String] {
        guard !queue.isEmpty else { return ["QUEUE    empty"] + notificationLines }
        var table = TextTable([
            ("QUEUE", .left), ("ready", .right), ("waiting", .right), ("leased", .right), ("dead", .right),
            ("paused", .right), ("oldest", .right), ("next try", .right),
        ])
        for one in queue {
            table.append([
                one.relation, countText(one.ready), countText(one.waiting), countText(one.leased), countText(one.dead),
                one.pausedColumns.isEmpty
                    ? "–" : "\(countText(one.paused)): \(one.pausedColumns.joined(separator: ", "))",
                one.secondsOfOldest.map { secondsText($0) } ?? "–",
                one.secondsUntilNext.map { "in " + secondsText($0) } ?? "–",
            ])
        }
        return table.lines + notificationLines
    }

    private var notificationLines: [String] {
        guard notificationUsage >= 0.1 else { return [] }
        let percent = Int(notificationUsage * 100)
        return ["  the server's queue of notifications is \(percent)% full: a session listens and does not read"]
    }

    private var workerLines: [String] {
        guard !workers.isEmpty else { return ["WORKERS  none: offload work"] }
        var table = TextTable([
            ("WORKERS", .left), ("version", .left), ("seen", .right), ("up", .right), ("in flight", .right),
            ("done", .right), ("a second", .right), ("failed", .right),
        ])
        for worker in workers {
            table.append([
                "\(worker.host):\(worker.processID)" + (worker.isAlive ? "" : " (gone)"), worker.version,
                secondsText(worker.secondsSinceSeen) + " ago",
                secondsText(worker.secondsSinceStarted - (worker.isAlive ? 0 : worker.secondsSinceSeen)),
                countText(worker.inFlight), countText(worker.completed),
                worker.completedPerSecond.map { countText(Int($0.rounded())) } ?? "–", countText(worker.failed),
            ])
        }
        return table.lines
    }

    func storeLines(_ rates: WatchRates? = nil) -> [String] {
        guard !stores.isEmpty else { return ["STORES   none but the rows themselves: select offload.add_store(…);"] }
        var table = TextTable(
            [("STORES", .left), ("kind", .left), ("access", .left), ("objects", .right), ("bytes", .right)]
                + (rates == nil ? [] : [("a second", .right)]) + [("state", .left), ("URLs begin with", .left)])
        for store in stores {
            table.append(
                [store.name, store.kind, store.access, countText(store.objects), byteText(store.bytes)]
                    + (rates.map { [rateText($0.store(store.name))] } ?? []) + [state(store), store.urlPrefix ?? "–"])
        }
        return table.lines + stores.compactMap { store in store.detail.map { "  \(store.name): \($0)" } }
    }

    private func rateText(_ rate: (objects: Double, bytes: Double)?) -> String {
        rate.map { "\(rateNumber($0.objects)), \(byteText(Int($0.bytes.rounded())))" } ?? "–"
    }

    private func state(_ store: Store) -> String {
        if store.isDisabled { return "disabled" }
        guard let checked = store.secondsSinceChecked else { return store.kind == "database" ? "–" : "not checked yet" }
        let reach = store.isReachable == true ? "reachable" : "NOT REACHABLE"
        let opens = store.opens == false && store.access == "direct" ? ", URLs DO NOT OPEN" : ""
        return "\(reach)\(opens) \(secondsText(checked)) ago"
    }

    private var failureLines: [String] {
        guard let failures else {
            return ["FAILURES not shown: role \(role) has not the set of rights admin"]
        }
        guard failures.total > 0 else { return ["FAILURES none"] }
        var lines = [
            "FAILURES \(countText(failures.total)): "
                + failures.byReason.map { "\($0.reason) \(countText($0.count))" }.joined(separator: ", ")
        ]
        for failure in failures.newest {
            let value = [failure.column, failure.position.flatMap { $0 > 0 ? "[\($0)]" : nil }].compactMap(\.self)
            let place = [failure.relation, "(\(failure.key.joined(separator: ", ")))", value.joined()]
                .filter { !$0.isEmpty }.joined(separator: " ")
            lines.append("  \(place): \(failure.reason ?? "internal")" + (failure.detail.map { ": \($0)" } ?? ""))
            if let remedy = failure.remedy { lines.append("    → \(remedy)") }
        }
        let rest = failures.total - failures.newest.count
        if rest > 0 { lines.append("  and \(countText(rest)) more: select * from offload.failures;") }
        return lines
    }
}

/// Whole seconds, while they are few.
func secondsText(_ seconds: Int) -> String {
    seconds < 60 ? "\(max(0, seconds)) s" : durationText(.seconds(seconds))
}
