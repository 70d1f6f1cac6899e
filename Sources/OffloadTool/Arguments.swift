import Offload

/// A command line that says something else than what is possible.
struct UsageError: Error, Equatable {
    var message: String
    var hint: String
}

/// A command line, taken apart.
struct Arguments: Equatable {
    private(set) var operands: [String] = []
    private(set) var values: [String: [String]] = [:]

    func has(_ option: String) -> Bool { values[option] != nil }

    /// The value of an option; of one given twice, the last.
    func value(_ option: String) -> String? { values[option]?.last }

    func all(_ option: String) -> [String] { values[option] ?? [] }

    init() {}

    /// Takes `--name value`, `--name=value` and operands in any order; after `--` everything is an operand.
    init(_ words: some Sequence<String>, of command: Command) throws(UsageError) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                operands.append(word)
                continue
            }
            if word == "-h" {
                values["help"] = [""]
                continue
            }
            let name = String(word.drop { $0 == "-" }.prefix { $0 != "=" })
            let attached = word.firstIndex(of: "=").map { String(word[$0...].dropFirst()) }
            guard word.hasPrefix("--"), let option = command.option(name) else {
                throw Self.unknown(word.prefix { $0 != "=" }, name, command)
            }
            try take(option, attached, &rest, command)
        }
        if !has("help") { try check(command) }
    }

    private mutating func take(
        _ option: Option, _ attached: String?, _ rest: inout ArraySlice<String>, _ command: Command
    ) throws(UsageError) {
        let help = Self.help(command)
        guard let placeholder = option.placeholder else {
            guard attached == nil else {
                throw UsageError(message: "--\(option.name) takes no value", hint: "Write --\(option.name) alone.")
            }
            values[option.name] = [""]
            return
        }
        guard let value = attached ?? rest.first else {
            throw UsageError(message: "--\(option.name) needs a value: --\(option.name) \(placeholder)", hint: help)
        }
        if attached == nil {
            // A forgotten value would swallow the next option.
            if value.hasPrefix("--"), command.option(String(value.dropFirst(2).prefix { $0 != "=" })) != nil {
                throw UsageError(
                    message: "--\(option.name) needs a value, and \(value.prefix { $0 != "=" }) follows it",
                    hint: "Write --\(option.name)=\(placeholder).")
            }
            rest = rest.dropFirst()
        }
        if !option.choices.isEmpty, !option.choices.contains(value) {
            throw UsageError(
                message: "--\(option.name) cannot be \"\(value)\"",
                hint: closest(to: value, among: option.choices).map { "Did you mean \($0)?" }
                    ?? "It is one of \(option.choices.joined(separator: ", ")).")
        }
        if !option.isRepeated, values[option.name] != nil {
            throw UsageError(message: "--\(option.name) is given twice", hint: "Give it once.")
        }
        values[option.name, default: []].append(value)
    }

    private func check(_ command: Command) throws(UsageError) {
        guard let operand = command.operand else {
            if let word = operands.first {
                throw UsageError(
                    message: "offload \(command.name) takes no \"\(word)\"", hint: Self.help(command))
            }
            return
        }
        if operands.count < operand.minimum {
            throw UsageError(
                message: "offload \(command.name) needs \(operand.summary)",
                hint: "Write: offload \(command.name) \(operand.usage)")
        }
        if let maximum = operand.maximum, operands.count > maximum {
            throw UsageError(
                message: "offload \(command.name) takes no \"\(operands[maximum])\"", hint: Self.help(command))
        }
        if !operand.choices.isEmpty, let word = operands.first(where: { !operand.choices.contains($0) }) {
            throw UsageError(
                message: "\"\(word)\" is not one of \(operand.choices.joined(separator: ", "))",
                hint: closest(to: word, among: operand.choices).map { "Did you mean \($0)?" } ?? Self.help(command))
        }
    }

    private static func unknown(_ word: Substring, _ name: String, _ command: Command) -> UsageError {
        UsageError(
            message: "offload \(command.name) has no option \(word)",
            hint: closest(to: name, among: command.allOptions.map(\.name)).map { "Did you mean --\($0)?" }
                ?? help(command))
    }

    private static func help(_ command: Command) -> String { "See offload \(command.name) --help." }
}

extension Arguments {
    /// A whole number within the range.
    func number(_ option: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                message: "--\(option) cannot be \"\(text)\"",
                hint: "It is a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}

/// Finds the command that a line begins with.
struct CommandLineReader {
    var commands: [Command]

    enum Request {
        case command(Command, [String])
        case help
        case version
    }

    func read(_ words: [String]) throws(UsageError) -> Request {
        guard let first = words.first else {
            throw UsageError(message: "no command is given", hint: "See offload --help.")
        }
        switch first {
        case "--help", "-h": return .help
        case "--version": return .version
        case "help":
            guard words.count > 1 else { return .help }
            guard case .command(let command, _) = try read(Array(words.dropFirst())) else { return .help }
            return .command(command, ["--help"])
        default: break
        }
        if first.hasPrefix("-") {
            throw UsageError(
                message: "\(first.prefix { $0 != "=" }) stands before the command",
                hint: "Write the command first: offload status \(first.hasPrefix("--") ? first : "--json")"
                    .prefix { $0 != "=" } + ".")
        }
        if words.count > 1, let command = commands.first(where: { $0.name == "\(first) \(words[1])" }) {
            return .command(command, Array(words.dropFirst(2)))
        }
        if let command = commands.first(where: { $0.name == first }) {
            return .command(command, Array(words.dropFirst()))
        }
        let nested = commands.filter { $0.name.hasPrefix(first + " ") }.map(\.name)
        if !nested.isEmpty {
            let lines = nested.map { "offload \($0)" }.joined(separator: ", ")
            guard words.count > 1, !words[1].hasPrefix("-") else {
                throw UsageError(message: "offload \(first) needs to know what to do", hint: "Write: \(lines)")
            }
            let seconds = nested.map { String($0.dropFirst(first.count + 1)) }
            throw UsageError(
                message: "offload \(first) cannot \(words[1])",
                hint: closest(to: words[1], among: seconds).map { "Did you mean offload \(first) \($0)?" }
                    ?? "Possible is: \(lines)")
        }
        throw UsageError(
            message: "there is no command \(first)",
            hint: closest(
                to: first, among: Set(commands.map { $0.name.prefix { $0 != " " } }).map(String.init).sorted()
            )
            .map { "Did you mean offload \($0)?" } ?? "See offload --help.")
    }
}
