import Service

extension Command {
    static let version = Command(
        name: "version", summary: "say which version this is",
        options: [.json],
        examples: [Example(line: "offload version --json", summary: "the program's version and its schema's")]
    ) { invocation in
        if invocation.wantsJSON {
            say(
                JSON.object([
                    ("version", .string(productVersion)), ("schema_version", .number(EmbeddedSQL.schemaVersion)),
                ]).description)
        } else {
            say("offload \(productVersion)")
        }
    }
}
