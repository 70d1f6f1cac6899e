import Offload
import Platform
import Service

/// Ends the program with this status; what there was to say has been said.
struct Exit: Error {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 64

    var status: Int32
}

/// A command, its arguments, and the environment it runs in.
struct Invocation: Sendable {
    let command: Command
    let arguments: Arguments
    let environment: Environment

    init(_ command: Command, _ arguments: Arguments) throws {
        self.command = command
        self.arguments = arguments
        environment = try Invocation.readEnvironment(arguments.value("env-file"))
    }

    /// The process's variables, above those of the file that was named, or of `.env` where there is one.
    private static func readEnvironment(_ named: String?) throws -> Environment {
        let path = named ?? ".env"
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(path, limit: 1 << 20)
        } catch {
            if error.isMissing, named == nil { return Environment(Process.environment) }
            throw UsageError(message: "cannot read \(error)", hint: "Check --env-file, or what .env is.")
        }
        do throws(DotEnvError) {
            let file = try DotEnv(parsing: String(decoding: bytes, as: UTF8.self))
            return Environment(Process.environment, beneath: file.values)
        } catch {
            throw UsageError(
                message: "\(path), line \(error.line): \(error.problem)",
                hint: "Write NAME=value, one a line; quote a value that has blanks.")
        }
    }

    func configuration() throws(ConfigurationError) -> Configuration {
        try Configuration(environment, workingDirectory: Files.workingDirectory)
    }

    func address() throws(ConfigurationError) -> DatabaseAddress {
        try DatabaseAddress.resolve(option: arguments.value("database"), environment)
    }

    func connect() async throws -> Database {
        try await Database.open(try address())
    }

    var wantsJSON: Bool { arguments.has("json") }
}

/// Writes a line to standard output.
func say(_ line: String = "") {
    writeToStandardOutput(line + "\n")
}

/// Says on standard error what is wrong, and what to do.
func complain(_ message: String, hint: String? = nil) {
    writeLineToStandardError("offload: \(message)")
    if let hint { writeLineToStandardError("  hint: \(hint)") }
}
