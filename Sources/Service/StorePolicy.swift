package import Postgres

/// A document that S3 needs for a store, as its own tools take it.
package struct StorePolicy: Sendable {
    /// `iam`, `bucket`, `cors` or `lifecycle`.
    package var document: String
    package var means: String
    package var json: String
    /// What applies it.
    package var command: String

    package static let documents = ["iam", "bucket", "cors", "lifecycle"]

    package static func read(_ store: String, _ connection: Connection) async throws(Problem) -> [StorePolicy] {
        try await explained {
            try await connection.query(
                "select document, means, policy::text, command from offload.store_policy($1)", [store]
            ).decoded(as: (String, String, String, String).self).map {
                StorePolicy(document: $0.0, means: $0.1, json: $0.2, command: $0.3)
            }
        }
    }
}
