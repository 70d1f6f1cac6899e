/// An option of a command.
struct Option: Sendable {
    /// Without its dashes.
    var name: String
    /// What stands for its value in the help; nil: it takes none.
    var placeholder: String?
    var summary: String
    var isRepeated = false
    /// The values it can have, where they are few.
    var choices: [String] = []
    var files = Completion.none

    enum Completion: Sendable {
        case none
        case files
        case directories
    }

    static func flag(_ name: String, _ summary: String) -> Option {
        Option(name: name, placeholder: nil, summary: summary)
    }

    static func value(
        _ name: String, _ placeholder: String, _ summary: String, choices: [String] = [], files: Completion = .none
    ) -> Option {
        Option(name: name, placeholder: placeholder, summary: summary, choices: choices, files: files)
    }
}

/// What a command takes besides its options.
struct Operand: Sendable {
    var placeholder: String
    var summary: String
    var minimum: Int
    var maximum: Int?
    var choices: [String] = []
    var files = Option.Completion.none
    /// How several that differ stand in the usage, such as `NAME KEY [FILE]`.
    var form: String?

    var usage: String {
        if let form { return form }
        let text = maximum == 1 ? placeholder : placeholder + "…"
        return minimum == 0 ? "[\(text)]" : text
    }
}

struct Example: Sendable {
    var line: String
    var summary: String
}

/// One thing the program does. Everything that is said about it, in the help, the manual and the completions, is here.
struct Command: Sendable {
    /// One word, or two: `install`, `store list`.
    var name: String
    var summary: String
    var details: [String] = []
    var operand: Operand?
    var options: [Option] = []
    var examples: [Example] = []
    var run: @Sendable (Invocation) async throws -> Void

    /// Its own options, and those that every command has.
    var allOptions: [Option] {
        options + [.flag("help", "explain this command")]
    }

    func option(_ name: String) -> Option? {
        allOptions.first { $0.name == name }
    }
}

extension Option {
    static let database = Option.value(
        "database", "URL", "the database; without it DATABASE_URL, PGHOST and its kin, or DB_HOST and its kin")
    static let envFile = Option.value(
        "env-file", "FILE", "read variables from this file instead of .env; the environment itself wins",
        files: .files)
    static let json = Option.flag("json", "answer in JSON, for machines")
}
