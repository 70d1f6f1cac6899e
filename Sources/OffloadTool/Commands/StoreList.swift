import Offload
import Service

extension Command {
    static let storeList = Command(
        name: "store list", summary: "show where bytes may lie",
        details: [
            "Stores are added in SQL: select offload.add_store('media', 's3', bucket => 'shop-media'); their credentials "
                + "stay in the environment of the workers."
        ],
        options: [.database, .json, .envFile],
        examples: [
            Example(line: "offload store list", summary: "each store, what it holds, and whether it was reached")
        ]
    ) { invocation in
        let database = try await invocation.connect()
        let report = try await StatusReport.read(database.connection, failures: 0)
        if invocation.wantsJSON {
            say(JSON.array(report.stores.map(\.json)).description)
        } else {
            for line in report.storeLines { say(line) }
        }
        await database.close()
    }
}
