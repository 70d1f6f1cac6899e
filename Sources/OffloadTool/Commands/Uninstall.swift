import Offload
import Platform
import Service

extension Command {
    static let uninstall = Command(
        name: "uninstall", summary: "end the management of every column and take the schema offload away",
        details: [
            "Your tables go on working: their rows, URL columns and URLs stay as they are, and so does everything that "
                + "lies in stores. The triggers, the <table>_media views and the schema offload go, with all "
                + "statistics. It is one transaction: if one table is busy, nothing has happened."
        ],
        options: [
            .database,
            .flag("dry-run", "change nothing: print the SQL that would be run"),
            .flag("yes", "do not ask"),
            .envFile,
        ],
        examples: [
            Example(line: "offload uninstall", summary: "say what would go, and ask"),
            Example(line: "offload uninstall --yes", summary: "do it, in a script"),
        ]
    ) { invocation in
        if invocation.arguments.has("dry-run") {
            say(EmbeddedSQL.uninstall)
            return
        }
        let database = try await invocation.connect()
        let installer = Installer(database)
        let removal = try await installer.removal()
        say(removal.summary)
        if !invocation.arguments.has("yes") {
            guard StandardStream.input.isTerminal else {
                throw UsageError(message: "nobody is there to say yes", hint: "Add --yes.")
            }
            guard Process.ask("Go on? [y/N] ")?.lowercased().hasPrefix("y") == true else {
                say("nothing has been changed")
                throw Exit(status: Exit.failed)
            }
        }
        try await installer.uninstall()
        say("pg_offload is removed from \(removal.address)")
        await database.close()
    }
}

extension Installer.Removal {
    var summary: String {
        var lines = ["In \(address) this would go:"]
        for column in columns {
            let view = column.view.map { ", and the view \($0)" } ?? ""
            lines.append("  the management of \(column.relation).\(column.column)\(view)")
        }
        lines.append("  schema offload" + (jobs > 0 ? ", with \(countText(jobs, "job")) that nobody has done yet" : ""))
        lines.append("This stays:")
        for column in columns {
            lines.append("  table \(column.relation), with its URLs in column \(column.urlColumn)")
        }
        if objects > 0 {
            lines.append(
                "  \(countText(objects, "object")) (\(byteText(bytes))) in \(stores.joined(separator: ", ")); nobody "
                    + "will collect them any more")
        }
        if !roles.isEmpty { lines.append("  the roles \(roles.joined(separator: ", "))") }
        if archived > 0 {
            lines.append(
                "Mind: \(countText(archived, "row")) had the original archived in a store; only schema offload knows "
                    + "which is whose. Bring them back first.")
        }
        if withoutSource > 0 {
            lines.append(
                "Mind: \(countText(withoutSource, "row has", "rows have")) a URL and no source; the bytes are where it "
                    + "leads alone. To have ours in the rows again, before: select offload.configure(…, "
                    + "strategy => 'local_primary', source_policy => 'keep'); and wait for a worker.")
        }
        if liveWorkers > 0 {
            lines.append("Mind: \(countText(liveWorkers, "worker is", "workers are")) running; stop them first.")
        }
        return lines.joined(separator: "\n")
    }
}
