import Service
import Platform

@main
struct OffloadTool {
    static func main() {
        let (signals, heard) = AsyncStream<Signals.Name>.makeStream()
        Signals.hear([.terminate, .interrupt]) { heard.yield($0) }
        Process.run {
            var settings = WorkerSettings(
                connectionString: Process.environment["DATABASE_URL"] ?? "", environment: Process.environment)
            settings.untilEmpty = CommandLine.arguments.contains("--until-empty")
            settings.cores = Process.coreCount
            let worker = Worker(settings, log: Log())
            let stopping = Task { for await _ in signals { await worker.stop() } }
            defer { stopping.cancel() }
            do { print(try await worker.run()); return 0 } catch { print(error); return 1 }
        }
    }
}
