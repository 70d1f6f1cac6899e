/// Scripts that let a shell finish command lines, made from the table of commands.
enum Completion {
    static func script(for shell: String, _ commands: [Command]) -> String {
        shell == "zsh" ? zsh(commands) : bash(commands)
    }

    /// What can stand first, and what can stand after it where a command has two words.
    private static func words(_ commands: [Command]) -> [(first: String, summary: String, commands: [Command])] {
        var words: [(first: String, summary: String, commands: [Command])] = []
        for command in commands {
            let first = String(command.name.prefix { $0 != " " })
            if let index = words.firstIndex(where: { $0.first == first }) {
                words[index].commands.append(command)
            } else {
                words.append((first, command.summary, [command]))
            }
        }
        return words
    }

    private static func seconds(_ commands: [Command]) -> [String] {
        commands.compactMap { $0.name.split(separator: " ").dropFirst().first.map(String.init) }
    }

    // MARK: bash

    private static func bash(_ commands: [Command]) -> String {
        let words = words(commands)
        var lines = [
            "# bash completion for offload. Made by: offload completion bash", "",
            "_offload() {",
            "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command options",
            "    COMPREPLY=()",
            "    if ((COMP_CWORD == 1)); then",
            "        mapfile -t COMPREPLY < <(compgen -W '\(words.map(\.first).joined(separator: " ")) --help --version' "
                + "-- \"$current\")",
            "        return", "    fi",
            "    command=${COMP_WORDS[1]}",
        ]
        for word in words where !seconds(word.commands).isEmpty {
            lines += [
                "    if [[ $command == \(word.first) ]]; then",
                "        if ((COMP_CWORD == 2)); then",
                "            mapfile -t COMPREPLY < <(compgen -W '\(seconds(word.commands).joined(separator: " "))' "
                    + "-- \"$current\")",
                "            return", "        fi",
                "        command+=\" ${COMP_WORDS[2]}\"", "    fi",
            ]
        }
        lines.append("    case \"$command $previous\" in")
        for command in commands {
            for option in command.allOptions where option.placeholder != nil {
                lines += [
                    "    '\(command.name) --\(option.name)')",
                    "        " + bashReply(option.choices, option.files), "        return ;;",
                ]
            }
        }
        lines += ["    esac", "    case $command in"]
        for command in commands {
            lines += [
                "    '\(command.name)')",
                "        options='\(command.allOptions.map { "--\($0.name)" }.joined(separator: " "))'",
                "        if [[ $current == -* ]]; then",
                "            mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")",
            ]
            if let operand = command.operand {
                lines += ["        else", "            " + bashReply(operand.choices, operand.files)]
            }
            lines += ["        fi ;;"]
        }
        lines += ["    esac", "}", "complete -F _offload offload", ""]
        return lines.joined(separator: "\n")
    }

    private static func bashReply(_ choices: [String], _ files: Option.Completion) -> String {
        func reply(_ what: String) -> String { "mapfile -t COMPREPLY < <(compgen \(what) -- \"$current\")" }
        if !choices.isEmpty { return reply("-W '\(choices.joined(separator: " "))'") }
        switch files {
        case .files: return "compopt -o filenames; " + reply("-f")
        case .directories: return "compopt -o filenames; " + reply("-d")
        case .none: return "COMPREPLY=()"
        }
    }

    // MARK: zsh

    private static func zsh(_ commands: [Command]) -> String {
        let words = words(commands)
        var lines = [
            "#compdef offload", "# zsh completion for offload. Made by: offload completion zsh", "",
            "_offload() {", "    local -a commands", "    local context state line", "    commands=(",
        ]
        lines += words.map { "        " + zshQuoted("\($0.first):\($0.summary)") }
        lines += [
            "    )", "    _arguments -C '1: :->command' '*:: :->rest' && return",
            "    case $state in", "    command) _describe -t commands command commands ;;", "    rest)",
            "        case ${line[1]} in",
        ]
        for word in words {
            lines.append("        \(word.first))")
            let seconds = seconds(word.commands)
            if seconds.isEmpty {
                lines += zshArguments(word.commands[0]).map { "            " + $0 }
            } else {
                lines += [
                    "            if ((CURRENT == 2)); then compadd \(seconds.joined(separator: " ")); return; fi",
                    "            shift words; ((CURRENT--))", "            case ${words[1]} in",
                ]
                for (second, command) in zip(seconds, word.commands) {
                    lines +=
                        ["            \(second))"] + zshArguments(command).map { "                " + $0 } + [
                            "                ;;"
                        ]
                }
                lines.append("            esac")
            }
            lines.append("            ;;")
        }
        lines += ["        esac ;;", "    esac", "}", "", "_offload \"$@\"", ""]
        return lines.joined(separator: "\n")
    }

    private static func zshArguments(_ command: Command) -> [String] {
        var parts = command.allOptions.map { option in
            let repeats = option.isRepeated ? "*" : ""
            let text = escaped(option.summary, in: "[]:\\")
            guard let placeholder = option.placeholder else { return zshQuoted("\(repeats)--\(option.name)[\(text)]") }
            return zshQuoted(
                "\(repeats)--\(option.name)=[\(text)]:\(placeholder):\(zshAction(option.choices, option.files))")
        }
        if let operand = command.operand {
            let count = operand.maximum == 1 ? "1" : "*"
            parts.append(zshQuoted("\(count):\(operand.placeholder):\(zshAction(operand.choices, operand.files))"))
        }
        return ["_arguments \\"] + parts.dropLast().map { "    \($0) \\" } + parts.suffix(1).map { "    \($0)" }
    }

    private static func zshAction(_ choices: [String], _ files: Option.Completion) -> String {
        if !choices.isEmpty { return "(\(choices.joined(separator: " ")))" }
        return switch files {
        case .files: "_files"
        case .directories: "_files -/"
        case .none: " "
        }
    }

    private static func zshQuoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    private static func escaped(_ text: String, in special: String) -> String {
        String(text.flatMap { special.contains($0) ? ["\\", $0] : [$0] })
    }
}
