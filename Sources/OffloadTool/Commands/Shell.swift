extension Command {
    static let completion = Command(
        name: "completion", summary: "print the script that lets a shell finish command lines",
        operand: Operand(
            placeholder: "SHELL", summary: "bash or zsh", minimum: 1, maximum: 1, choices: ["bash", "zsh"]),
        examples: [
            Example(
                line: "offload completion bash > ~/.local/share/bash-completion/completions/offload",
                summary: "for bash, from the next shell on"),
            Example(line: "offload completion zsh > ~/.zfunc/_offload", summary: "for zsh, with ~/.zfunc in fpath"),
        ]
    ) { invocation in
        say(Completion.script(for: invocation.arguments.operands[0], Command.all))
    }

    static let manual = Command(
        name: "manual", summary: "print the manual page",
        examples: [Example(line: "offload manual | man -l -", summary: "read it without installing it")]
    ) { _ in
        say(Manual.page(Command.all))
    }
}
