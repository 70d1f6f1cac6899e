import Offload
import Platform
import Service

/// `offload status --watch`: the report, drawn anew in place, until Ctrl-C.
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
        let database = try await invocation.connect()
        let watching = Task { try await draw(database) }
        let stopping = Task {
            for await _ in StopRequests.stream {
                watching.cancel()
                break
            }
        }
        writeToStandardOutput(Self.enter)
        let outcome = await watching.result
        writeToStandardOutput(Self.leave)
        stopping.cancel()
        if case .failure(let error) = outcome, !Task.isCancelled, !watching.isCancelled { throw error }
        await database.close()
    }

    private func draw(_ database: Database) async throws {
        var before: (completed: Int, ready: Int, at: ContinuousClock.Instant)?
        while !Task.isCancelled {
            let report = try await StatusReport.read(database.connection, failures: failures)
            let now = (
                completed: report.workers.reduce(0) { $0 + $1.completed },
                ready: report.queue.reduce(0) { $0 + $1.ready }, at: ContinuousClock.now
            )
            let head = before.map { before in
                rateText(
                    done: now.completed - before.completed, ready: now.ready - before.ready,
                    in: before.at.duration(to: now.at))
            }
            before = now
            let size = terminalSize() ?? (columns: 80, rows: 24)
            let lines =
                [head ?? "", ""] + report.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            writeToStandardOutput(screen(lines, columns: size.columns, rows: size.rows))
            try await Task.sleep(for: interval)
        }
    }

    private func rateText(done: Int, ready: Int, in time: Duration) -> String {
        let seconds = max(time / .seconds(1), 0.001)
        let perSecond = { (count: Int) in countText(Int((Double(count) / seconds).rounded())) }
        return "\(perSecond(max(0, done))) rows done a second, queue \(ready < 0 ? "−" : "+")\(perSecond(abs(ready))) "
            + "a second; Ctrl-C ends"
    }
}

/// The lines as far as the terminal has room, over what was there.
func screen(_ lines: [String], columns: Int, rows: Int) -> String {
    let shown = lines.prefix(max(1, rows - 1)).map { $0.prefix(columns) + "\u{1B}[K" }
    return "\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J"
}
