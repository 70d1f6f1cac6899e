import Offload
import Platform
import Postgres
import Service

@main
struct OffloadTool {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        hidePasswords(words)
        let isWatching = words.first == Command.status.name && words.contains("--watch")
        if words.first == Command.work.name || isWatching { StopRequests.hear() }
        Process.run { await run(words) }
    }

    static func run(_ words: [String]) async -> Int32 {
        do {
            switch try CommandLineReader(commands: Command.all).read(words) {
            case .help: say(Help.program(Command.all))
            case .version: say("offload \(productVersion)")
            case .command(let command, let rest):
                let arguments = try Arguments(rest, of: command)
                if arguments.has("help") {
                    say(Help.command(command))
                } else {
                    try await command.run(try Invocation(command, arguments))
                }
            }
            return Exit.done
        } catch let exit as Exit {
            return exit.status
        } catch let error as UsageError {
            complain(error.message, hint: error.hint)
            return Exit.usage
        } catch let error as ConfigurationError {
            complain(error.problem, hint: error.hint)
            return Exit.usage
        } catch let problem as Problem {
            complain(problem.message, hint: problem.hint)
            return Exit.failed
        } catch let error as PostgresError {
            let problem = Problem(error)
            complain(problem.message, hint: problem.hint)
            return Exit.failed
        } catch {
            complain("\(error)")
            return Exit.failed
        }
    }

    /// A password on the command line would stand in the list of processes for as long as we run.
    private static func hidePasswords(_ words: [String]) {
        for (index, word) in words.enumerated() {
            let isDatabase = word.hasPrefix("--database=") || (index > 0 && words[index - 1] == "--database")
            if isDatabase, word.contains("@") || word.contains("password") { Process.hide(argument: index + 1) }
        }
    }
}
