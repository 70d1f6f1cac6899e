import Offload
import Service

extension Command {
    static let storePolicy = Command(
        name: "store policy", summary: "print the rules that S3 needs for a store, as JSON",
        details: [
            "iam: what the worker's user may do, and no more. bucket: everybody may open a URL. cors: pages of any "
                + "origin may read objects by script. lifecycle: uploads in parts that nobody finished end after a week.",
            "A bucket has one policy, one CORS and one lifecycle document: where it has some already, put these rules "
                + "beside them.",
        ],
        operand: Operand(
            placeholder: "NAME", summary: "a store, as offload store list shows it", minimum: 1, maximum: 1),
        options: [
            .database,
            .value("only", "DOCUMENT", "print one document, and nothing but it", choices: StorePolicy.documents),
            .json, .envFile,
        ],
        examples: [
            Example(line: "offload store policy media", summary: "all of them, each with the command that applies it"),
            Example(line: "offload store policy media --only bucket > bucket.json", summary: "one, for a file"),
        ]
    ) { invocation in
        try await invocation.withDatabase { database in
            let all = try await StorePolicy.read(invocation.arguments.operands[0], database.connection)
            if let only = invocation.arguments.value("only") {
                for policy in all where policy.document == only { say(policy.json) }
            } else if invocation.wantsJSON {
                say("{" + all.map { "\(JSON.string($0.document)):\($0.json)" }.joined(separator: ",\n") + "}")
            } else {
                for (index, policy) in all.enumerated() {
                    if index > 0 { say("") }
                    say("# \(policy.document): \(policy.means)")
                    say("# \(policy.command)")
                    say(policy.json)
                }
            }
        }
    }
}
