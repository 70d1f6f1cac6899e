import ImageCodec
import ObjectStore
import Offload
import Platform
import Postgres
import Signing

/// The way of one claim: fetch, optimise, place, complete. Batches go their ways side by side and share what is scarce.
struct Batch: Sendable {
    /// What all batches share.
    struct Workshop: Sendable {
        let queue: Queue
        let registry: StoreRegistry
        let placement: Placement
        /// For sources and objects.
        let memory: Allowance
        /// For pictures that are decoded whole, however small their files. Taken last: whoever has it waits for nothing.
        let decoding: Allowance
        let cores: ThreadPool
        let log: Log
        let backoff = Backoff()
    }

    struct Tally: Sendable {
        var completed = 0
        var failed = 0
        var putOff = 0
    }

    /// Shorter sources come with the lengths, in one answer for the whole batch.
    static let inlineLimit = 32 << 10
    /// Longer ones that stay as they are never come whole: parts of this size go from the database to the store.
    private static let partSize = 8 << 20

    private enum RowOutcome: Sendable {
        case done(RowResult)
        case putOff(Duration, reason: String?)
        case failed(reason: String, detail: String)
    }

    let workshop: Workshop
    let claim: Queue.Claim
    let columns: [Int32: Queue.Column]
    let urlPrefixes: [String]

    /// Rows go first: who looks at a whole table may meet a lock there, and take long.
    func run() async throws -> Tally {
        var tally = try await takeRows(claim.jobs.filter { $0.key != nil })
        for job in claim.jobs where job.key == nil { try await takeTable(job, &tally) }
        return tally
    }

    private func takeTable(_ job: Queue.Job, _ tally: inout Tally) async throws {
        do {
            try await prune(job)
            tally.completed += 1
        } catch PostgresError.server(let error) where error.isLock {
            tally.putOff += try await putOff([job])
        } catch PostgresError.server(let error) where !error.isPassing {
            // A column was renamed, and offload.refresh has not been called yet.
            try await fail(job, reason: "not_readable", detail: error.message)
            tally.failed += 1
        }
    }

    private func takeRows(_ jobs: [Queue.Job]) async throws -> Tally {
        var tally = Tally()
        guard !jobs.isEmpty else { return tally }

        var results: [RowResult] = []
        let readAlready = Set(claim.values.map(\.job))
        let (fetched, ended, unreadable, locked) = try await fetch(jobs.filter { !readAlready.contains($0.id) })
        tally.completed += ended.count
        tally.putOff += try await putOff(locked)
        for (job, error) in unreadable {
            // Row security, a table whose owner changed; or a column that was renamed or dropped.
            let reason = ["42501", "42703"].contains(error.sqlState) ? "not_readable" : "internal"
            try await fail(job, reason: reason, detail: error.message)
            tally.failed += 1
        }
        Failpoint.fetched.reached()

        let leftAlone = ended.union(unreadable.map(\.job.id) + locked.map(\.id))
        let values = Dictionary(grouping: claim.values + fetched, by: \.job)
        try await withThrowingTaskGroup(of: (Queue.Job, RowOutcome).self) { group in
            for job in jobs where !leftAlone.contains(job.id) {
                let row = values[job.id] ?? []
                group.addTask { (job, try await lookAlone(job, row)) }
            }
            for try await (job, outcome) in group {
                switch outcome {
                case .done(let result): results.append(result)
                case .putOff(let delay, let reason):
                    tally.putOff += 1
                    try await workshop.queue.release([job.id], claim.lease, after: delay, reason: reason)
                case .failed(let reason, let detail):
                    tally.failed += 1
                    try await fail(job, reason: reason, detail: detail)
                }
            }
        }
        Failpoint.encoded.reached()

        if !results.isEmpty {
            let tables = Dictionary(jobs.map { ($0.id, $0.table) }, uniquingKeysWith: { first, _ in first })
            let (outcomes, unwritable, locked) = try await complete(results[...], tables)
            tally.putOff += try await putOff(jobs.filter { locked.contains($0.id) })
            for (row, error) in unwritable {
                guard let job = jobs.first(where: { $0.id == row.job }) else { continue }
                try await fail(job, reason: "not_writable", detail: error.message)
                tally.failed += 1
            }
            tally.completed += outcomes.count { ["written", "unchanged", "gone", "waiting"].contains($0.outcome) }
            tally.putOff += outcomes.count { ["changed", "locked", "unplaced"].contains($0.outcome) }
        }
        Failpoint.completed.reached()
        return tally
    }

    // MARK: Rows that fail alone

    /// The short values of the rows; the jobs of those that need nothing are ended with it. Where that fails, halves of
    /// them are tried, so that one row (or one table) that cannot be read holds up no other.
    ///
    /// A table that somebody holds locked is put off whole: to try its rows one by one would wait for each.
    private func fetch(
        _ jobs: [Queue.Job]
    ) async throws -> (
        fetched: [Queue.Fetched], ended: Set<Int64>, unreadable: [(job: Queue.Job, error: ServerError)],
        locked: [Queue.Job]
    ) {
        guard !jobs.isEmpty else { return ([], [], [], []) }
        do {
            let (fetched, ended) = try await workshop.queue.look(
                claim.lease, jobs: jobs.map(\.id), upTo: Self.inlineLimit)
            return (fetched, ended, [], [])
        } catch PostgresError.server(let error) where !error.isPassing || error.isLock {
            var parts = halves(jobs[...])
            if error.isLock {
                parts = byFirstTable(jobs) { $0.table }
                if parts.1.isEmpty { return ([], [], [], jobs) }
            } else if jobs.count == 1 {
                return ([], [], [(jobs[0], error)], [])
            }
            let first = try await fetch(parts.0)
            let second = try await fetch(parts.1)
            return (
                first.fetched + second.fetched, first.ended.union(second.ended),
                first.unreadable + second.unreadable, first.locked + second.locked
            )
        }
    }

    private func halves(_ jobs: ArraySlice<Queue.Job>) -> ([Queue.Job], [Queue.Job]) {
        let sorted = jobs.sorted { ($0.table, $0.id) < ($1.table, $1.id) }
        return (Array(sorted.prefix(jobs.count / 2)), Array(sorted.dropFirst(jobs.count / 2)))
    }

    /// What is of the first one's table, and the rest.
    private func byFirstTable<Element>(
        _ all: some Collection<Element>, _ table: (Element) -> Int32?
    ) -> ([Element], [Element]) {
        let first = all.first.flatMap(table)
        return (all.filter { table($0) == first }, all.filter { table($0) != first })
    }

    /// Gives back the rows of tables that somebody holds locked; returns how many.
    private func putOff(_ jobs: [Queue.Job]) async throws -> Int {
        guard !jobs.isEmpty else { return 0 }
        let tables = Set(jobs.map { job in columns.values.first { $0.table == job.table }?.relation ?? "" })
        workshop.log.limited(
            .warning, "locked by somebody, and put off", every: 5, ("table", tables.sorted().joined(separator: ", ")))
        try await workshop.queue.release(jobs.map(\.id), claim.lease, after: .seconds(5))
        return jobs.count
    }

    /// Writes the rows back, in one transaction where it can be: a trigger or constraint may refuse one of them.
    private func complete(
        _ rows: ArraySlice<RowResult>, _ tables: [Int64: Int32]
    ) async throws -> (
        outcomes: [(job: Int64, outcome: String)], unwritable: [(row: RowResult, error: ServerError)],
        locked: Set<Int64>
    ) {
        do {
            let (json, contents) = encodeResults(Array(rows))
            return (try await workshop.queue.complete(claim.lease, results: json, contents: contents), [], [])
        } catch PostgresError.server(let error) where !error.isPassing || error.isLock {
            var parts = (Array(rows.prefix(rows.count / 2)), Array(rows.dropFirst(rows.count / 2)))
            if error.isLock {
                parts = byFirstTable(rows) { tables[$0.job] }
                if parts.1.isEmpty { return ([], [], Set(rows.map(\.job))) }
            } else if rows.count == 1 {
                return ([], rows.map { ($0, error) }, [])
            }
            let first = try await complete(parts.0[...], tables)
            let second = try await complete(parts.1[...], tables)
            return (
                first.outcomes + second.outcomes, first.unwritable + second.unwritable,
                first.locked.union(second.locked)
            )
        }
    }

    /// What the server refuses for this row is this row's failure.
    private func lookAlone(_ job: Queue.Job, _ values: [Queue.Fetched]) async throws -> RowOutcome {
        do {
            return try await look(job, values)
        } catch PostgresError.server(let error) where !error.isPassing {
            return .failed(reason: "internal", detail: error.message)
        } catch PostgresError.timedOut {
            return .failed(reason: "internal", detail: "the database did not answer in time")
        }
    }

    private func fail(_ job: Queue.Job, reason: String, detail: String) async throws {
        let delay = workshop.backoff.delay(afterAttempt: Int(job.attempts), jitter: .random(in: 0..<1))
        let dead = try await workshop.queue.fail([job.id], claim.lease, reason: reason, detail: detail, after: delay)
        workshop.log.warning(
            dead > 0 ? "given up" : "to be tried again",
            ("table", columns.values.first { $0.table == job.table }?.relation ?? ""),
            ("key", (job.key ?? []).map { $0 ?? "null" }.joined(separator: ",")), ("reason", reason),
            ("detail", detail))
    }

    // MARK: One row

    private func look(_ job: Queue.Job, _ values: [Queue.Fetched]) async throws -> RowOutcome {
        guard let version = values.first?.version else { return .done(RowResult(job: job.id)) }
        var result = RowResult(job: job.id, version: version)
        let isWhole = values.allSatisfy { $0.source != nil || takesItsOwn($0) }
        if isWhole { return try await look(job, values, &result) ?? .done(result) }
        // The answer, the value in it, what it stands for, and what the encoder needs.
        // What is streamed beside it need not come along.
        let limit = values.filter { $0.source == nil && !isStreamed($0) }.compactMap(\.length).max() ?? 0
        let held = values.compactMap(\.length).filter { $0 <= limit }.reduce(0) { $0 + Int($1) }
        var later: [Queue.Fetched] = []
        let outcome: RowOutcome? = try await workshop.memory.using(held * 3 + (4 << 20)) {
            let values = try await workshop.queue.fetch(claim.lease, jobs: [job.id], upTo: Int(limit))
            guard let version = values.first?.version else { return .done(RowResult(job: job.id)) }
            result.version = version
            later = values.filter(takesItsOwn)
            return try await look(job, values.filter { !takesItsOwn($0) }, &result)
        }
        // Who has memory must not wait for more: what takes its own comes when the rest was given back.
        if let outcome { return outcome }
        return try await look(job, later, &result) ?? .done(result)
    }

    /// Whether a value takes its memory itself, when it knows how much.
    private func takesItsOwn(_ value: Queue.Fetched) -> Bool { value.length == nil || isStreamed(value) }

    /// Adds what becomes of the values to the result; not nil: the row cannot be done now.
    private func look(
        _ job: Queue.Job, _ values: [Queue.Fetched], _ result: inout RowResult
    ) async throws -> RowOutcome? {
        for value in values {
            guard let column = columns[value.column] else { continue }
            let row: [Log.Field] = [
                ("table", column.relation), ("key", (job.key ?? []).map { $0 ?? "null" }.joined(separator: ",")),
                ("column", column.name),
            ]
            guard value.length != nil else {
                if let url = value.url, isOurs(url), !column.isArray {
                    switch try await lookWithoutSource(job, column, url, row) {
                    case .item(let item): result.items.append(item)
                    case .nothing: break
                    case .putOff(let delay, let reason): return .putOff(delay, reason: reason)
                    }
                }
                continue
            }
            if let url = value.url, !isOurs(url) { continue }
            switch try await look(job, value, column, row) {
            case .item(let item): result.items.append(item)
            case .nothing: break
            case .putOff(let delay, let reason): return .putOff(delay, reason: reason)
            }
        }
        return nil
    }

    // MARK: One value

    enum ValueOutcome {
        case item(ItemResult)
        /// Not for us: a foreign URL in the image's place.
        case nothing
        case putOff(Duration, reason: String?)
    }

    static let storeIsAway = ValueOutcome.putOff(.seconds(30), reason: "store_unavailable")

    private func look(
        _ job: Queue.Job, _ value: Queue.Fetched, _ column: Queue.Column, _ row: [Log.Field]
    ) async throws -> ValueOutcome {
        var item = ItemResult(column: column.id, position: value.position, elements: value.elements)
        if isStreamed(value) { return try await stream(job, value, column, &item, row) }
        guard let raw = value.source else { return .putOff(.seconds(1), reason: nil) }
        item.raw = SHA256.digest(raw)

        let source: [UInt8]
        if column.isText {
            switch readSourceText(raw.span) {
            case .url: return .nothing
            case .unreadable:
                return refuse(&item, "not_base64", "the text begins with \(excerpt(raw))", row)
            case .bytes(let bytes): source = bytes
            }
        } else {
            source = raw
        }
        guard !source.isEmpty else { return refuse(&item, "empty", "the value has no bytes", row) }
        let sourceHash = SHA256.digest(source)
        item.source = sourceHash
        item.sourceBytes = source.count

        if column.isText { item.isDataURI = dataURIPrefix(of: raw.span) != nil }
        let memory = try await workshop.queue.recall(
            job.id, column: column.id, position: value.position, source: (sourceHash, source.count), url: value.url)
        if let refusal = memory.refusal { return refuse(&item, refusal, memory.detail ?? "", row) }
        if let content = memory.content {
            guard let bytes = try await workshop.placement.read(content, row) else { return Self.storeIsAway }
            item.content = column.isText ? text(for: bytes, asDataURI: item.isDataURI ?? true) : bytes
        }
        let replaces = column.kind == "image" && column.sourcePolicy == "replace" && !memory.keepsSource
        if let object = memory.object, memory.isPlaced, !replaces || object == sourceHash {
            // It may have come there while its source was to stay.
            if memory.lacksOriginal, let wait = try await archive(source, for: column, row) { return wait }
            item.object = object
            item.detail = memory.detail
            return .item(item)
        }
        return try await bring(source, raw, item, memory, replaces, column, row)
    }

    // MARK: Values that are too large to hold

    /// Bytes that stay as they are need not be held whole. A text is decoded, and an image looked at, as a whole.
    private func isStreamed(_ value: Queue.Fetched) -> Bool {
        guard let column = columns[value.column], let length = value.length else { return false }
        return value.source == nil && column.kind != "image" && !column.isText && length > Int64(2 * Self.partSize)
    }

    private func stream(
        _ job: Queue.Job, _ value: Queue.Fetched, _ column: Queue.Column, _ item: inout ItemResult, _ row: [Log.Field]
    ) async throws -> ValueOutcome {
        let parts = SourceParts(
            queue: workshop.queue, lease: claim.lease, job: job.id, column: column.id, position: value.position,
            partSize: Self.partSize)
        let length = Int(value.length ?? 0)
        let stores = try await workshop.queue.wantedStores(for: column.id, sourceBytes: Int64(length), object: nil)
        if let obstacle = await workshop.placement.obstacle(among: stores) {
            return .putOff(obstacle, reason: "store_unavailable")
        }
        // A part in the answer, in hand and on its way; what is not sent in parts is gathered before it is sent.
        return try await workshop.memory.using(3 * Self.partSize + min(length, 64 << 20)) {
            // Twice through the database instead of once through memory: the name of the object is its hash.
            var hash = SHA256()
            var head: [UInt8] = []
            var count = 0
            while let part = try await parts.next() {
                if head.isEmpty { head = Array(part.prefix(512)) }
                count += part.count
                hash.update(part.span)
            }
            let digest = hash.finish()
            guard count == length else { return .putOff(.zero, reason: nil) }
            item.raw = digest
            item.source = digest
            item.sourceBytes = count
            item.object = digest
            var object = NewObject(
                hash: digest, content: .stream(count: count, next: { try await parts.next() ?? [] }),
                mediaType: mediaType(of: head))
            object.rewind = { await parts.rewind() }
            if let wait = try await place(object, in: stores, row).putOff { return wait }
            return .item(item)
        }
    }

    // MARK: Odds and ends

    private func prune(_ job: Queue.Job) async throws {
        var key = try await workshop.queue.prune(job.table, after: nil)
        while key != nil {
            key = try await workshop.queue.prune(job.table, after: key)
        }
        try await workshop.queue.finish([job.id], claim.lease)
    }

    func refuse(
        _ item: inout ItemResult, _ reason: String, _ detail: String, _ row: [Log.Field]
    ) -> ValueOutcome {
        item.refusal = reason
        item.detail = detail
        workshop.log.log(.warning, "left as it was", row + [("reason", reason), ("detail", detail)])
        return .item(item)
    }

    private func isOurs(_ url: String) -> Bool {
        urlPrefixes.contains { url.hasPrefix($0) }
    }
}

/// The parts of one large value, one after another. A part that cannot be had any more ends it early.
private actor SourceParts {
    private let queue: Queue
    private let lease: UniqueID
    private let job: Int64
    private let column: Int32
    private let position: Int32
    private let partSize: Int
    private var offset: Int64 = 0

    init(queue: Queue, lease: UniqueID, job: Int64, column: Int32, position: Int32, partSize: Int) {
        self.queue = queue
        self.lease = lease
        self.job = job
        self.column = column
        self.position = position
        self.partSize = partSize
    }

    func next() async throws -> [UInt8]? {
        let part = try await queue.readPart(
            job, lease, column: column, position: position, after: offset, count: Int32(partSize))
        guard let part, !part.isEmpty else { return nil }
        offset += Int64(part.count)
        return part
    }

    func rewind() { offset = 0 }
}

func mediaType(of bytes: [UInt8]) -> String {
    sniff(bytes)?.rawValue ?? "application/octet-stream"
}

/// Base64 stays base64: bare where it was bare, else with the type of what it now holds.
func text(for bytes: [UInt8], asDataURI isDataURI: Bool) -> [UInt8] {
    Array((isDataURI ? "data:\(mediaType(of: bytes));base64," : "").utf8) + encodeBase64(bytes.span)
}

/// The beginning of a text, harmless to print.
private func excerpt(_ bytes: [UInt8]) -> String {
    let start = bytes.prefix(16).map { (0x20..<0x7F).contains($0) ? Character(Unicode.Scalar($0)) : "?" }
    return "\"" + String(start) + "\""
}

extension ServerError {
    fileprivate var isLock: Bool { sqlState == "55P03" }

    /// Whether it may not come again by itself: a server that shuts down, a lock, a conflict of two transactions.
    fileprivate var isPassing: Bool {
        sqlState != "57014" && sqlState != "53200" && ["08", "40", "53", "55", "57"].contains(sqlState.prefix(2))
    }
}
