private import ImageCodec
import ObjectStore
package import Offload
import Platform
import Postgres

/// An object as a person at the command line sees it.
package struct StoredObject: Sendable, Equatable {
    package var key: String
    package var bytes: Int
    package var etag: String?
    package var mediaType: String?
    /// In seconds since 1970.
    package var modified: Int64?
    package var url: String?

    package var json: JSON {
        .object([
            ("key", .string(key)), ("bytes", .number(bytes)), ("etag", .optional(etag)),
            ("media_type", .optional(mediaType)), ("modified", .optional(modified.map(timestampText))),
            ("url", .optional(url)),
        ])
    }

    package var modifiedText: String? { modified.map(timestampText) }
}

private func timestampText(_ seconds: Int64) -> String { timestamp(Int(seconds)) }

/// A store of the database, opened with the credentials of this environment for a person at the command line.
package struct StoreAccess: Sendable {
    package let name: String
    package let kind: String
    private let description: StoreRegistry.Description
    private let store: any ObjectStore
    private let connection: Connection
    private static let files = ThreadPool(count: 1)
    /// Below it an object is read whole.
    private static let inMemory = 16 << 20

    package init(_ name: String, _ database: Database, _ environment: Environment) async throws(Problem) {
        let connection = database.connection
        let rows = try await explained {
            try await connection.query(
                "select \(StoreRegistry.Description.columns) from offload.store s where name = $1", [name])
        }
        guard let row = rows.first else {
            let known: [String] = try await explained {
                try await connection.query("select name from offload.store order by name").map { try $0.value(0) }
            }
            throw Problem(
                "there is no store \(name)",
                hint: closest(to: name, among: known).map { "Did you mean \($0)?" }
                    ?? (known.isEmpty
                        ? "Add one: select offload.add_store('\(name)', …);"
                        : "The stores are \(known.joined(separator: ", "))."))
        }
        let description = try await explained { try StoreRegistry.Description(row) }
        self.name = name
        kind = description.kind
        self.description = description
        self.connection = connection
        do throws(StoreError) {
            store =
                description.kind == "database"
                ? DatabaseStore(connection) : try openStore(description, environment: environment.withBothSpellings)
        } catch {
            throw Problem(error, description)
        }
    }

    // MARK: Reading

    /// Hands over the objects whose keys begin with the prefix, a page at a time, until the body has had enough.
    package func list(_ prefix: String, _ body: ([StoredObject]) -> Bool) async throws(Problem) {
        var continuation: String?
        repeat {
            let after = continuation
            let page = try await asked { () throws(StoreError) in try await store.list(prefix, after: after) }
            guard body(page.objects.map { stored($0, withURL: false) }) else { return }
            continuation = page.next
        } while continuation != nil
    }

    /// Nil: there is none.
    package func head(_ key: String) async throws(Problem) -> StoredObject? {
        do throws(StoreError) {
            return try await store.head(ObjectKey(key)).map { stored($0) }
        } catch {
            guard error.kind == .refused else { throw Problem(error, description) }
            // To whom may not list without a prefix, S3 tells nothing of what is not there.
            let page = try await asked { () throws(StoreError) in try await store.list(key, after: nil) }
            guard page.objects.contains(where: { bytewiseEqual($0.key.path, key) }) else { return nil }
            throw Problem(error, description)
        }
    }

    /// Writes the object to a file, which appears when it is whole.
    package func download(_ key: String, to path: String) async throws(Problem) -> StoredObject {
        stored(
            try await asked { () throws(StoreError) in try await store.download(ObjectKey(key), to: path) })
    }

    /// Hands over the object's bytes, piece by piece.
    package func read(_ key: String, _ body: @Sendable ([UInt8]) -> Void) async throws(Problem) {
        guard let object = try await head(key) else { throw missing(key) }
        if object.bytes <= Self.inMemory || kind == "database" {
            body(try await asked { () throws(StoreError) in try await store.get(ObjectKey(key), limit: .max) })
            return
        }
        let path = Files.temporaryPath()
        _ = try await download(key, to: path)
        do throws(FileError) {
            let file = try OpenFile(path)
            file.unlink()
            while true {
                let piece = try file.read(1 << 20)
                if piece.isEmpty { return }
                body(piece)
            }
        } catch {
            throw Problem("\(error)")
        }
    }

    package func missing(_ key: String) -> Problem {
        Problem("store \(name) has no object \(key)", hint: "See what it has: offload store list \(name)")
    }

    // MARK: Writing

    /// Stores a file under a key that no row has to do with.
    package func put(_ key: String, from path: String, mediaType: String?) async throws(Problem) -> StoredObject {
        try await refuseManaged(key, "overwritten")
        let file: OpenFile
        let type: String
        do throws(FileError) {
            file = try OpenFile(path)
            let head = try file.read(4096)
            type = mediaType ?? sniff(head)?.rawValue ?? "application/octet-stream"
            file.rewind()
        } catch {
            throw Problem("\(error)", hint: "Name a file that can be read.")
        }
        let content: Upload.Content =
            file.byteCount == 0
            ? .bytes([])
            : .stream(count: file.byteCount) {
                try await Self.files.run { () throws(FileError) in try file.read(1 << 20) }
            }
        let upload = Upload(content, mediaType: type)
        var object = stored(
            try await asked { () throws(StoreError) in try await store.put(ObjectKey(key), upload) })
        object.mediaType = type
        return object
    }

    /// Deletes an object that no row has to do with.
    package func remove(_ key: String) async throws(Problem) {
        try await refuseManaged(key, "deleted")
        guard try await head(key) != nil else { throw missing(key) }
        let failures = try await asked { () throws(StoreError) in
            // What finds it again, where its key alone does not.
            let provider = try await store.head(ObjectKey(key))?.provider ?? [:]
            return try await store.delete(recorded: [RecordedObject(ObjectKey(key), provider: provider)])
        }
        if let error = failures.first?.value { throw Problem(error, description) }
    }

    /// What belongs to rows goes its way with them.
    private func refuseManaged(_ key: String, _ what: String) async throws(Problem) {
        if kind == "database" { return }
        let isManaged: Bool = try await explained {
            try await connection.query(
                """
                select exists (
                  select from offload.replica r join offload.store s on s.id = r.store
                  where s.name = $1 and r.key = $2)
                """, [name, key]
            ).only()
        }
        if isManaged {
            throw Problem(
                "\(key) is managed, and is not \(what) by hand",
                hint: "It belongs to rows, or did. Such objects are kept, also when their rows are gone: "
                    + "nothing collects them yet.")
        }
    }

    // MARK: Testing

    package struct Trial: Sendable {
        package var put: Duration
        package var get: Duration
        package var list: Duration
        package var delete: Duration
        package var clock: ClockFinding?
        package var clockDifference: Duration?
        package var opensURLs: Bool?
        package var capabilities: JSON
        /// The same in words.
        package var abilities: [String]
        /// The store's.
        package var access: String
        package var openingRemedy: String?
        /// Whether it was written down; without the right it is not.
        package var isRecorded: Bool
    }

    /// Puts, reads, lists and deletes a small object, and writes down what came of it.
    package func test() async throws(Problem) -> Trial {
        let probe: Probe
        do throws(StoreError) {
            probe = try await store.probe()
        } catch {
            try? await connection.noteCheck(name, .failure(error))
            throw Problem(error, description)
        }
        let isRecorded = (try? await connection.noteCheck(name, .success(probe))) != nil
        let (access, remedy) = try await explained {
            try await connection.query(
                "select access, offload._opening_remedy(s) from offload.store s where name = $1", [name])[0]
                .decoded(as: (String, String?).self)
        }
        return Trial(
            put: probe.put, get: probe.get, list: probe.list, delete: probe.delete,
            clock: ClockFinding(probe.clockDifference), clockDifference: probe.clockDifference,
            opensURLs: probe.opensURLs, capabilities: probe.capabilities, abilities: probe.abilities,
            access: access, openingRemedy: remedy,
            isRecorded: isRecorded)
    }

    // MARK: Answers

    private func stored(_ info: ObjectInfo, withURL: Bool = true) -> StoredObject {
        let url = withURL && kind != "database" ? info.url ?? store.url(for: info.key) : nil
        return StoredObject(
            key: info.key.path, bytes: info.byteCount, etag: info.etag, mediaType: info.mediaType,
            modified: info.modified, url: url)
    }

    private func asked<Answer>(_ body: () async throws(StoreError) -> Answer) async throws(Problem) -> Answer {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw Problem(error, description)
        }
    }
}

extension Problem {
    init(_ error: StoreError, _ description: StoreRegistry.Description) {
        self.init("store \(description.name): \(error)", hint: description.remedy(for: error))
    }
}

/// Two keys of the same bytes; to Swift also others are equal.
private func bytewiseEqual(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
