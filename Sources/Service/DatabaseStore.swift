package import ObjectStore
import Platform
package import Postgres

/// The rows themselves, as a store: objects are listed and read where rows hold them. They come and go by SQL alone.
package struct DatabaseStore: ObjectStore {
    private let connection: Connection
    private static let pageSize = 1000

    package init(_ connection: Connection) {
        self.connection = connection
    }

    package func put(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) -> ObjectInfo { throw Self.refusal }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        throw Self.refusal
    }

    private static let refusal = StoreError(
        .refused, "the store is the rows themselves: write and delete with INSERT, UPDATE and DELETE")

    package func get(_ key: ObjectKey, limit: Int) async throws(StoreError) -> [UInt8] {
        let bytes: [UInt8]? = try await asked {
            try await connection.query("select offload.read_row_object($1)", [key.path]).only()
        }
        guard let bytes else { throw StoreError(.notFound, "no row holds the object \(key)") }
        guard bytes.count <= limit else { throw StoreError(.corrupt, "\(key) is longer than \(limit) bytes") }
        return bytes
    }

    package func download(_ key: ObjectKey, to path: String) async throws(StoreError) -> ObjectInfo {
        let bytes = try await get(key, limit: .max)
        do throws(FileError) {
            let file = try NewFile(for: path)
            try file.append(bytes)
            try file.publish()
        } catch {
            throw StoreError(.source, "\(error)")
        }
        return ObjectInfo(key: key, byteCount: bytes.count)
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try await list(key.path, after: nil).objects.first { $0.key == key }
    }

    package func list(_ prefix: String, after continuation: String?) async throws(StoreError) -> ListPage {
        let rows = try await asked {
            try await connection.query(
                """
                select key, bytes, media_type, extract(epoch from placed_at)::bigint
                from offload.row_objects($1, $2, $3)
                """, [prefix, continuation ?? "", Int32(Self.pageSize)])
        }
        let objects = try await asked {
            try rows.decoded(as: (String, Int64, String, Int64).self).map { key, bytes, mediaType, placed in
                ObjectInfo(key: ObjectKey(key), byteCount: Int(bytes), mediaType: mediaType, modified: placed)
            }
        }
        return ListPage(objects: objects, next: objects.count == Self.pageSize ? objects.last?.key.path : nil)
    }

    /// The rows have no URLs.
    package func url(for key: ObjectKey) -> String { "" }

    package func probe() async throws(StoreError) -> Probe {
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await list("", after: nil)
        let listTime = clock.now - start
        return Probe(
            put: .zero, get: .zero, list: listTime, delete: .zero, clockDifference: nil, hasConditionalWrites: true,
            opensURLs: nil)
    }

    private func asked<Answer>(_ body: () async throws -> Answer) async throws(StoreError) -> Answer {
        do {
            return try await body()
        } catch let PostgresError.server(error) where error.sqlState == "42501" {
            throw StoreError(
                .refused,
                "\(error.message): only the set of rights admin reads rows as a store (offload.grant_role)")
        } catch {
            throw StoreError(.unreachable, "\(error)")
        }
    }
}
