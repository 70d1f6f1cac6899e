import Offload
import Service

extension Command {
    static let storeList = Command(
        name: "store list", summary: "show where bytes may lie, or what lies in one of these places",
        details: [
            "Stores are added in SQL: select offload.add_store('media', 's3', bucket => 'shop-media'); their credentials "
                + "stay in the environment of the workers.",
            "With a store's name it lists the objects there, those of rows and all others, in the order of their keys: "
                + "bytes, time, key.",
        ],
        operand: Operand(
            placeholder: "NAME",
            summary: "a store, and what the keys of the objects begin with; without it, all stores",
            minimum: 0, maximum: 2, form: "[NAME [PREFIX]]"),
        options: [
            .database, .value("limit", "NUMBER", "of objects, at most so many; default: all"), .json, .envFile,
        ],
        examples: [
            Example(line: "offload store list", summary: "each store, what it holds, and whether it was reached"),
            Example(line: "offload store list media uploads/", summary: "the objects whose keys begin with uploads/"),
        ]
    ) { invocation in
        let limit = try invocation.arguments.number("limit", 0...Int.max) ?? .max
        try await invocation.withDatabase { database in
            guard let name = invocation.arguments.operands.first else {
                return try await listStores(invocation, database)
            }
            let store = try await StoreAccess(name, database, invocation.environment)
            try await listObjects(invocation, store, limit)
        }
    }

    private static func listStores(_ invocation: Invocation, _ database: Database) async throws {
        let report = try await StatusReport.read(database.connection, failures: 0)
        if invocation.wantsJSON {
            say(JSON.array(report.stores.map(\.json)).description)
        } else {
            for line in report.storeLines() { say(line) }
        }
    }

    /// As it comes, page by page: a store may hold millions.
    private static func listObjects(_ invocation: Invocation, _ store: StoreAccess, _ limit: Int) async throws {
        let prefix = invocation.arguments.operands.count > 1 ? invocation.arguments.operands[1] : ""
        var left = limit
        var count = 0
        try await store.list(prefix) { page in
            for object in page.prefix(left) {
                if invocation.wantsJSON {
                    say((count == 0 ? "[" : ",") + object.json.description)
                } else {
                    let bytes = "\(object.bytes)"
                    let padding = String(repeating: " ", count: max(0, 12 - bytes.count))
                    say("\(padding)\(bytes)  \(object.modifiedText ?? "–")  \(object.key)")
                }
                count += 1
            }
            left -= min(left, page.count)
            return left > 0
        }
        if invocation.wantsJSON { say(count == 0 ? "[]" : "]") }
    }
}
