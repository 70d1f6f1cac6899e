import Offload
import Service

/// The manual page, made from the table of commands.
enum Manual {
    static func page(_ commands: [Command]) -> String {
        var lines = [
            ".\\\" Made by: offload manual",
            ".TH OFFLOAD 1 \"\" \"pg_offload \(escaped(productVersion))\" \"pg_offload\"",
            ".SH NAME",
            "offload \\- keep images and files of Postgres columns small, in the right place, and reachable by SQL",
            ".SH SYNOPSIS", ".B offload", ".I COMMAND", "[\\fIOPTION\\fR...]",
            ".SH DESCRIPTION",
            "An application inserts images and files into ordinary columns, as base64 or",
            ".BR bytea .",
            "A trigger queues the row;",
            ".B offload work",
            "compresses the image, stores it in S3 or a directory, verifies it, and writes its URL back into the row.",
            ".SH COMMANDS",
        ]
        for command in commands { lines += section(command) }
        lines += [
            ".SH ENVIRONMENT",
            "These are read from the environment, and beneath it from a file",
            ".I .env",
            "in the working directory. Of several names the first that is set counts.",
        ]
        for variable in Configuration.variables {
            lines += [
                ".TP", variable.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", "),
                sentence(variable.means),
            ]
        }
        lines += [
            ".SH EXIT STATUS", ".TP", ".B 0", "Done.", ".TP", ".B 1", "It failed; standard error says why.", ".TP",
            ".B 64", "The command line or a variable cannot be used.",
            ".SH FILES", ".TP", ".I .env", "Variables, one", ".I NAME=value", "a line.",
            ".SH SEE ALSO", ".BR psql (1),", ".BR systemd.service (5)", "",
        ]
        return lines.joined(separator: "\n")
    }

    private static func section(_ command: Command) -> [String] {
        var lines = [
            ".SS \"" + escaped(Help.usage(command).replacing("…", with: "...")) + "\"", sentence(command.summary),
        ]
        for paragraph in command.details { lines += [".PP", text(paragraph)] }
        if let operand = command.operand {
            lines += [".TP", "\\fI\(escaped(operand.placeholder))\\fR", sentence(operand.summary)]
        }
        for option in command.allOptions {
            let value = option.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? ""
            lines += [".TP", "\\fB\\-\\-\(escaped(option.name))\\fR\(value)", sentence(Help.described(option))]
        }
        for example in command.examples {
            lines += [".PP", sentence(example.summary), ".RS", ".nf", "\\fB\(escaped(example.line))\\fR", ".fi", ".RE"]
        }
        return lines
    }

    private static func sentence(_ text: String) -> String {
        let first = text.prefix(1).uppercased() + text.dropFirst()
        return self.text(first.hasSuffix(".") ? first : first + ".")
    }

    /// A line of text; one that began with a dot or a quote would be taken for a request.
    private static func text(_ text: String) -> String {
        let line = escaped(text)
        return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "…": result += "..."
            case "→": result += "\\(->"
            case "\"": result += "\\(dq"
            default: result.append(character)
            }
        }
        return result
    }
}
