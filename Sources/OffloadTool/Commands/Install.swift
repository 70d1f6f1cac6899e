import Offload
import Service

extension Command {
    static let install = Command(
        name: "install", summary: "put the schema offload into a database, or bring it to this version",
        details: [
            "Everything it makes lies in the schema offload and belongs to the role that installs. It is one "
                + "transaction, and harmless when repeated: what is there already stays, functions are renewed.",
            "Where the server's file system is yours, create extension pg_offload does the same.",
        ],
        options: [
            .database,
            .flag("dry-run", "change nothing: print the SQL that would be run"),
            .flag("summary", "with --dry-run: say in words what would be done here, instead of printing the SQL"),
            .flag(
                "roles",
                "create the roles offload_app, offload_analyst, offload_worker and offload_admin where they are missing, "
                    + "and grant each its set of rights"),
            .json, .envFile,
        ],
        examples: [
            Example(line: "offload install --database postgresql:///shop", summary: "install, or upgrade"),
            Example(line: "offload install --dry-run --summary", summary: "what it would do, in words"),
            Example(line: "offload install --dry-run | less", summary: "read the SQL first"),
            Example(line: "offload install --roles", summary: "create the four roles, too"),
        ]
    ) { invocation in
        let arguments = invocation.arguments
        if arguments.has("summary"), !arguments.has("dry-run") {
            throw UsageError(
                message: "--summary belongs to --dry-run", hint: "Write: offload install --dry-run --summary")
        }
        if arguments.has("dry-run"), !arguments.has("summary") {
            say(EmbeddedSQL.install)
            return
        }
        let database = try await invocation.connect()
        let installer = Installer(database)
        if arguments.has("dry-run") {
            let plan = try await installer.plan()
            say(invocation.wantsJSON ? plan.json.description : plan.summary(roles: arguments.has("roles")))
            if let refusal = plan.refusal {
                if !invocation.wantsJSON { complain(refusal.message, hint: refusal.hint) }
                throw Exit(status: Exit.failed)
            }
            return
        }
        let plan = try await installer.install()
        let roles = arguments.has("roles") ? try await installer.grantRoles() : []
        if invocation.wantsJSON {
            say(plan.json.description)
        } else {
            say(plan.outcome)
            for (name, outcome) in roles {
                switch outcome {
                case .created: say("role \(name) is created and has its rights")
                case .found: say("role \(name) was there and has its rights")
                case .refused: break
                }
            }
        }
        let refused = roles.compactMap { name, outcome in
            if case .refused(let reason, let remedy) = outcome { (name, reason, remedy) } else { nil }
        }
        for (name, reason, remedy) in refused {
            complain(
                "role \(name) has not been given its rights: \(reason)", hint: "Have an administrator run: \(remedy)")
        }
        if !refused.isEmpty { throw Exit(status: Exit.failed) }
        if !invocation.wantsJSON {
            say("Next, in SQL: select offload.attach('your_table', 'its_column');")
        }
        await database.close()
    }
}

extension Installer.Plan {
    var isNew: Bool { existing == nil }

    var outcome: String {
        if isNew { return "pg_offload \(productVersion) is installed in \(address)" }
        return pending.isEmpty
            ? "pg_offload \(productVersion) was installed in \(address); its functions are renewed"
            : "pg_offload is upgraded to \(productVersion) in \(address): "
                + countText(pending.count, "migration")
    }

    func summary(roles wantsRoles: Bool) -> String {
        var lines = [
            "\(address), PostgreSQL \(server / 10_000).\(server % 10_000), as role \(role)", "",
            isNew
                ? "It would create schema offload, and everything in it:"
                : pending.isEmpty
                    ? "Schema offload is up to date (version \(EmbeddedSQL.schemaVersion)). It would renew the functions."
                    : "Schema offload would be upgraded from version \(existing?.schemaVersion ?? 0):",
        ]
        lines += pending.map { "  migration \($0.number), \($0.name)" }
        if isNew {
            let count = { (word: String) in
                EmbeddedSQL.install.split(separator: "\n").count { $0.lowercased().hasPrefix(word) }
            }
            lines += [
                "  \(count("create table")) tables, \(count("create or replace view")) views, "
                    + "\(count("create or replace function")) functions, owned by \(role)"
            ]
        }
        if wantsRoles {
            lines.append(
                mayCreateRoles || roles.allSatisfy(\.exists)
                    ? "And these roles, which cannot log in, each with its set of rights:"
                    : "Role \(role) may not create roles. These would be missing:")
            lines += roles.map { "  \($0.name)" + ($0.exists ? " (is there)" : "") }
        } else {
            lines.append("It would create no role (--roles does).")
        }
        lines += ["", "No table of yours is touched before you call offload.attach."]
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        .object([
            ("address", .string(address)), ("server_version", .number(server)), ("role", .string(role)),
            ("was_installed", .bool(!isNew)), ("route", .optional(existing?.route.rawValue)),
            ("schema_version_before", .optional(existing?.schemaVersion)),
            ("schema_version", .number(EmbeddedSQL.schemaVersion)),
            ("migrations", .array(pending.map { .string("\($0.number) \($0.name)") })),
            ("may_install", .bool(mayInstall)), ("refusal", .optional(refusal?.message)),
            ("hint", .optional(refusal?.hint)),
            (
                "roles",
                .array(roles.map { .object([("name", .string($0.name)), ("existed", .bool($0.exists))]) })
            ),
        ])
    }
}
