import Offload
import Platform
import Service

extension Command {
    static let doctor = Command(
        name: "doctor", summary: "look at everything the service needs, and name what mends what is wrong",
        details: [
            "Looks at the environment, the connection, the server, the schema, the rights of this role, each managed "
                + "table's triggers and functions, each store (from here: run it where the worker runs), the disk, the "
                + "workers and the queue. Of each store it puts, reads, lists and deletes a small object of its own; "
                + "nothing else is changed."
        ],
        options: [
            .database,
            .value("patience", "SECONDS", "how long one store may take to answer; default 20"),
            .json, .envFile,
        ],
        examples: [
            Example(line: "offload doctor", summary: "each thing with ok, warn or FAIL, and the command that mends it"),
            Example(
                line: "offload doctor --json | jq '.findings[] | select(.level == \"fail\")'",
                summary: "what fails, for a monitor"),
        ]
    ) { invocation in
        let seconds = try invocation.arguments.number("patience", 1...600) ?? 20
        let doctor = Doctor(environment: invocation.environment, patience: .seconds(seconds))
        var findings: [Doctor.Finding] = []
        func report(_ finding: Doctor.Finding) {
            findings.append(finding)
            if !invocation.wantsJSON { say(text(finding)) }
        }
        for finding in doctor.examineConfiguration(Files.workingDirectory) { report(finding) }
        do throws(ConfigurationError) {
            await doctor.examine(try invocation.address(), report: report)
        } catch {
            report(Doctor.Finding(.fail, "connection", error.problem, remedy: error.hint))
        }
        let failed = findings.count { $0.level == .fail }
        let warned = findings.count { $0.level == .warn }
        if invocation.wantsJSON {
            say(
                JSON.object([
                    ("failed", .number(failed)), ("warned", .number(warned)),
                    ("findings", .array(findings.map(json))),
                ]).description)
        } else {
            say("")
            say(
                failed + warned == 0
                    ? "All is well."
                    : "\(countText(failed, "thing fails", "things fail")), \(countText(warned, "warning"))")
        }
        if failed > 0 { throw Exit(status: Exit.failed) }
    }

    private static func text(_ finding: Doctor.Finding) -> String {
        let level = finding.level == .fail ? "FAIL" : finding.level.rawValue
        let mark = level + String(repeating: " ", count: 4 - level.count)
        let line = "\(mark)  \(finding.subject): \(finding.text)"
        return finding.remedy.map { "\(line)\n      → \($0)" } ?? line
    }

    private static func json(_ finding: Doctor.Finding) -> JSON {
        .object([
            ("level", .string(finding.level.rawValue)), ("subject", .string(finding.subject)),
            ("text", .string(finding.text)), ("remedy", .optional(finding.remedy)),
        ])
    }
}
