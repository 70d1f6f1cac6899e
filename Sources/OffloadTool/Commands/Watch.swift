import Offload
import Platform
import Service

/// `offload status --watch`: the report, drawn anew in place, until Ctrl-C. A database that goes away is waited for.
struct Watch {
    let invocation: Invocation
    let failures: Int
    let interval: Duration

    /// The other screen of the terminal, without a cursor; what was on the first comes back at the end.
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    func run() async throws {
        guard StandardStream.output.isTerminal else {
            throw UsageError(
                message: "--watch draws on a terminal, and standard output is none",
                hint: "Without --watch the report is printed once.")
        }
        // What is wrong from the beginning is said as without --watch.
        let database = try await invocation.connect()
        let begun = ContinuousClock.now
        let board = Board(try await StatusReport.read(database.connection, failures: failures), at: begun)
        writeToStandardOutput(Self.enter)
        await withTaskGroup { group in
            group.addTask { for await _ in StopRequests.stream { break } }
            group.addTask { await read(from: database, onto: board, after: begun) }
            group.addTask {
                // A terminal that was closed is none any more.
                while StandardStream.output.isTerminal {
                    await board.draw()
                    guard (try? await Task.sleep(for: .seconds(1))) != nil else { break }
                }
            }
            await group.next()
            group.cancelAll()
        }
        writeToStandardOutput(Self.leave)
    }

    private func read(from first: Database, onto board: Board, after begun: ContinuousClock.Instant) async {
        var database: Database? = first
        var pause = pause(after: begun.duration(to: .now))
        while (try? await Task.sleep(for: pause)) != nil {
            let begun = ContinuousClock.now
            do {
                let connected = if let database { database } else { try await invocation.connect() }
                database = connected
                let report = try await StatusReport.read(connected.connection, failures: failures)
                await board.show(report, at: begun)
                pause = self.pause(after: begun.duration(to: .now))
            } catch {
                await database?.close()
                database = nil
                await board.say(error)
                pause = interval
            }
        }
    }

    /// To count a long queue takes seconds: who watches takes a tenth of the time at most.
    private func pause(after reading: Duration) -> Duration { max(interval, reading * 9) }
}

/// What is on the screen.
private actor Board {
    private var report: StatusReport
    private var rates: WatchRates
    private var readAt: ContinuousClock.Instant
    private var trouble: (reason: String, since: ContinuousClock.Instant)?

    init(_ report: StatusReport, at moment: ContinuousClock.Instant) {
        self.report = report
        readAt = moment
        rates = WatchRates(report, at: moment)
    }

    func show(_ report: StatusReport, at moment: ContinuousClock.Instant) {
        self.report = report
        readAt = moment
        trouble = nil
        rates.add(report, at: moment)
        draw()
    }

    func say(_ error: any Error) {
        let reason = (error as? Problem)?.message ?? "\(error)"
        trouble = (reason, trouble?.since ?? .now)
        draw()
    }

    func draw() {
        guard !Task.isCancelled else { return }
        let size = terminalSize() ?? (columns: 80, rows: 24)
        let head = [report.rateText(rates) + age, troubleText]
        let sections = fitted(report.sections(rates), rows: max(1, size.rows - 1 - head.count))
        writeToStandardOutput(screen(head + sections, columns: size.columns, rows: size.rows))
    }

    private var age: String {
        let seconds = Int(readAt.duration(to: .now).components.seconds)
        return seconds > 3 ? "; as of \(secondsText(seconds)) ago" : ""
    }

    private var troubleText: String {
        guard let trouble else { return "" }
        let seconds = Int(trouble.since.duration(to: .now).components.seconds)
        return "NO ANSWER for \(secondsText(seconds)), asked again: \(trouble.reason)"
    }
}

/// What a report alone does not say: how fast things change. Of the last ten seconds, so that a number can be read.
struct WatchRates {
    private var samples: [(at: ContinuousClock.Instant, ready: Int, stores: [String: (objects: Int, bytes: Int)])] = []

    init(_ report: StatusReport, at moment: ContinuousClock.Instant) { add(report, at: moment) }

    mutating func add(_ report: StatusReport, at moment: ContinuousClock.Instant) {
        samples.append(
            (
                moment, report.queue.reduce(0) { $0 + $1.ready },
                Dictionary(report.stores.map { ($0.name, ($0.objects, $0.bytes)) }) { first, _ in first }
            ))
        while samples.count > 2, samples[1].at.duration(to: moment) >= .seconds(10) { samples.removeFirst() }
    }

    /// By how much the queue grows or shrinks in a second; nil: that is not known yet.
    var ready: Double? { perSecond { $0.ready } }

    /// What came to a store in a second; nil: that is not known yet, or it was not there before.
    func store(_ name: String) -> (objects: Double, bytes: Double)? {
        guard let objects = perSecond({ $0.stores[name]?.objects }), let bytes = perSecond({ $0.stores[name]?.bytes })
        else { return nil }
        return (objects, bytes)
    }

    private func perSecond(
        _ count: ((at: ContinuousClock.Instant, ready: Int, stores: [String: (objects: Int, bytes: Int)])) -> Int?
    ) -> Double? {
        guard samples.count > 1, let first = samples.first, let last = samples.last, let before = count(first),
            let now = count(last)
        else { return nil }
        return Double(now - before) / max(first.at.duration(to: last.at) / .seconds(1), 0.001)
    }
}

extension StatusReport {
    /// What the workers did is theirs to say, with each heartbeat; a difference of their totals would be none for long,
    /// and then many at once.
    func rateText(_ rates: WatchRates) -> String {
        let alive = workers.filter(\.isAlive)
        let done = alive.compactMap(\.completedPerSecond)
        let parts = [
            alive.isEmpty
                ? "no worker is alive"
                : (done.isEmpty ? "–" : rateNumber(done.reduce(0, +))) + " rows done a second",
            "queue \(rates.ready.map { ($0 < 0 ? "−" : "+") + rateNumber(abs($0)) } ?? "–") a second",
            failures.map { countText($0.total, "failure") },
        ]
        return parts.compactMap(\.self).joined(separator: ", ") + "; Ctrl-C ends"
    }
}

/// A small rate with a decimal: one in two seconds is not none.
func rateNumber(_ rate: Double) -> String {
    guard rate < 9.95 else { return countText(Int(rate.rounded())) }
    let tenths = Int((rate * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
}

/// The sections one below the other, with a line between them; where there is no room for all, the longest are cut first,
/// and say so.
func fitted(_ sections: [[String]], rows: Int) -> [String] {
    var limits = sections.map(\.count)
    let isRoomy = limits.reduce(sections.count - 1, +) <= rows
    while !isRoomy, limits.reduce(0, +) > rows,
        let longest = limits.indices.max(by: { limits[$0] < limits[$1] }), limits[longest] > 2
    {
        limits[longest] -= 1
    }
    let shown = zip(sections, limits).map { section, limit in
        limit >= section.count
            ? section : section.prefix(limit - 1) + ["  … \(countText(section.count - limit + 1, "line")) more"]
    }
    return Array(shown.map { Array($0) }.joined(separator: isRoomy ? [""] : []))
}

/// The lines as far as the terminal has room, over what was there.
func screen(_ lines: [String], columns: Int, rows: Int) -> String {
    let shown = lines.prefix(max(1, rows - 1)).map { $0.prefix(columns) + "\u{1B}[K" }
    return "\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J"
}
