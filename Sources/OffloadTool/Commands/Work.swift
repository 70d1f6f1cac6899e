import Offload
import Platform
import Postgres
import Service
private import Synchronization

extension Command {
    static let work = Command(
        name: "work", summary: "move images and files to where they belong, until it is stopped",
        details: [
            "Any number of workers, on any hosts, may work on one database. Each takes its credentials from its own "
                + "environment: the stores in the database name the variables.",
            "SIGTERM and Ctrl-C end it within ten seconds: what is in flight is finished or given back.",
        ],
        options: [
            .database,
            .flag("until-empty", "end as soon as nothing is ready, for cron; says how many rows wait for a later try"),
            .value("batch", "ROWS", "rows of one claim and one transaction; default 32, to 512 while they are quick"),
            .value("cores", "NUMBER", "images that are optimised at once; default: all cores"),
            .value("uploads", "NUMBER", "uploads at once; default 16"),
            .value("memory", "MB", "for images on their way, in megabytes; default 192"),
            .value("lease", "SECONDS", "how long a row is held when its worker dies; default 60"),
            .value("log-format", "FORMAT", "text or json", choices: ["text", "json"]),
            .envFile,
        ],
        examples: [
            Example(line: "offload work", summary: "in the foreground, until Ctrl-C"),
            Example(line: "offload work --until-empty", summary: "once, from cron"),
            Example(line: "offload work --log-format json", summary: "as a service whose log a machine reads"),
        ]
    ) { invocation in
        let settings = try workerSettings(invocation)
        let asksForJSON = invocation.arguments.value("log-format") == "json"
        let progress = ProgressLine(isShown: StandardStream.error.isTerminal && !asksForJSON)
        let log = Log(format: asksForJSON ? .json : .text, write: progress.write)
        for secret in try invocation.address().secrets { log.conceal(secret) }
        for secret in try invocation.configuration().secrets { log.conceal(secret.value) }

        let worker = Worker(settings, log: log, onProgress: progress.update)
        let stopping = Task { for await _ in StopRequests.stream { await worker.stop() } }
        defer {
            stopping.cancel()
            log.flush()
        }
        do {
            let summary = try await worker.run()
            progress.clear()
            if settings.untilEmpty {
                say(
                    "\(countText(summary.completed)) rows done, \(countText(summary.failed)) failed, "
                        + "\(countText(summary.waiting)) wait for a later try")
            }
        } catch let error as PostgresError {
            progress.clear()
            throw Problem(connectingTo: try invocation.address(), error)
        } catch let error as WorkError {
            progress.clear()
            complain(error.message, hint: error.hint)
            throw Exit(status: Exit.failed)
        }
    }
}

private func workerSettings(_ invocation: Invocation) throws -> WorkerSettings {
    let arguments = invocation.arguments
    let configuration = try invocation.configuration()
    var settings = WorkerSettings(
        connectionString: try invocation.address().connectionString,
        environment: invocation.environment.withBothSpellings)
    settings.configuration = configuration
    settings.defaults["strategy"] = configuration.strategy?.rawValue
    settings.defaults["threshold"] = configuration.threshold.map(String.init)
    settings.offerStores(configuration)
    settings.untilEmpty = arguments.has("until-empty")
    if let batch = try arguments.number("batch", 1...1000) {
        settings.batch = batch
        settings.largestBatch = batch
    }
    settings.cores = try arguments.number("cores", 1...1024) ?? Process.coreCount
    settings.uploadsAtOnce = try arguments.number("uploads", 1...1000) ?? settings.uploadsAtOnce
    settings.memory = try arguments.number("memory", 16...65_536).map { $0 << 20 } ?? settings.memory
    if let seconds = try arguments.number("lease", 2...3600) {
        settings.lease = .seconds(seconds)
        settings.heartbeat = .milliseconds(seconds * 1000 / 3)
    }
    return settings
}

/// The signals that ask the worker to stop.
enum StopRequests {
    static let (stream, heard) = AsyncStream<Signals.Name>.makeStream()

    /// On the main thread, before any other thread begins.
    static func hear() {
        let heard = heard
        Signals.hear([.terminate, .interrupt]) { heard.yield($0) }
    }
}

/// The last line of a terminal: how far the work is. Log lines scroll by above it.
private final class ProgressLine: Sendable {
    private let isShown: Bool
    private let text = Mutex("")

    init(isShown: Bool) {
        self.isShown = isShown
    }

    @Sendable func write(_ line: String) {
        guard isShown else { return writeLineToStandardError(line) }
        text.withLock { text in
            writeToStandardError("\r\u{1B}[K" + line + "\n" + text)
        }
    }

    @Sendable func update(_ done: WorkSummary, inFlight: Int, left: Int) {
        guard isShown else { return }
        let line = progressText(
            done: done.completed, failed: done.failed, left: left + inFlight, width: terminalWidth() ?? 80)
        text.withLock { text in
            text = line
            writeToStandardError("\r\u{1B}[K" + line)
        }
    }

    func clear() {
        guard isShown else { return }
        text.withLock { text in
            text = ""
            writeToStandardError("\r\u{1B}[K")
        }
    }
}
