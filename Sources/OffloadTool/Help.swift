import Offload

/// What `--help` prints.
struct Help {
    private static let width = 90

    static func program(_ commands: [Command]) -> String {
        let longest = commands.map(\.name.count).max() ?? 0
        var lines = [
            "offload keeps images and files of ordinary Postgres columns small, in the right place, and reachable by SQL.",
            "", "Usage: offload COMMAND [OPTION…]", "", "Commands:",
        ]
        lines += commands.map { "  " + padded($0.name, longest) + "  " + $0.summary }
        lines += ["", "First steps:"]
        lines += examples([
            Example(line: "offload optimize photo.jpg --output small", summary: "see what would become of a picture"),
            Example(line: "offload install --database postgresql:///shop", summary: "put the schema into a database"),
            Example(
                line: "psql shop -c \"select offload.attach('products', 'image')\"",
                summary: "put a column under management"),
            Example(line: "offload work --database postgresql:///shop", summary: "do the work"),
        ])
        lines += ["", "Variables, of the environment or a file .env beside you; the environment wins:"]
        for variable in Configuration.variables {
            lines += ["  " + variable.names.joined(separator: ", "), "      " + variable.means]
        }
        lines += [
            "", "Exit status: 0 done, 1 failed, 64 wrong usage.",
            "See offload COMMAND --help for each, and man offload.",
        ]
        return lines.joined(separator: "\n")
    }

    static func command(_ command: Command) -> String {
        var lines = ["offload \(command.name): \(command.summary)", "", "Usage: " + usage(command)]
        for paragraph in command.details {
            lines += [""] + wrapped(paragraph, width: width)
        }
        if let operand = command.operand {
            lines += ["", "  " + operand.usage, "      " + operand.summary]
        }
        lines += ["", "Options:"]
        for option in command.allOptions {
            lines.append("  " + spelled(option))
            lines += wrapped(described(option), width: width - 6).map { "      " + $0 }
        }
        if !command.examples.isEmpty {
            lines += ["", "Examples:"] + examples(command.examples)
        }
        return lines.joined(separator: "\n")
    }

    static func usage(_ command: Command) -> String {
        ["offload", command.name, command.operand?.usage, "[OPTION…]"].compactMap(\.self).joined(separator: " ")
    }

    static func spelled(_ option: Option) -> String {
        "--\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
    }

    static func described(_ option: Option) -> String {
        option.summary + (option.choices.isEmpty ? "" : ": \(option.choices.joined(separator: ", "))")
            + (option.isRepeated ? " (may be repeated)" : "")
    }

    private static func examples(_ examples: [Example]) -> [String] {
        examples.flatMap { ["  \($0.line)", "      \($0.summary)"] }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
