import Offload
import Platform
import Service

private let storeAndKey = "a store, as offload store list shows it, and the name of an object in it"

extension Command {
    static let storePut = Command(
        name: "store put", summary: "store a file under a key of your own",
        details: [
            "A key is any name, uploads/2026/chair.png for instance: no row has to do with it, and nothing collects it. "
                + "What was there is replaced; keys of rows are refused. A file of any size goes in bounded memory. Its "
                + "type is told by its bytes."
        ],
        operand: Operand(
            placeholder: "NAME KEY FILE", summary: storeAndKey + "; and the file", minimum: 3, maximum: 3,
            files: .files,
            form: "NAME KEY FILE"),
        options: [
            .database, .value("type", "TYPE", "the media type, where the bytes do not tell it: text/css"), .json,
            .envFile,
        ],
        examples: [
            Example(line: "offload store put media uploads/chair.png chair.png", summary: "one file"),
            Example(line: "offload store put media site.css site.css --type text/css", summary: "with its type"),
        ]
    ) { invocation in
        let words = invocation.arguments.operands
        try await invocation.withStore { store in
            let object = try await store.put(words[1], from: words[2], mediaType: invocation.arguments.value("type"))
            let type = object.mediaType ?? "bytes"
            show(object, invocation, "stored \(byteText(object.bytes)) as \(type) in \(store.name)")
        }
    }

    static let storeGet = Command(
        name: "store get", summary: "write an object to standard output, or to a file",
        operand: Operand(
            placeholder: "NAME KEY FILE", summary: storeAndKey + "; and the file, which appears when it is whole",
            minimum: 2, maximum: 3, files: .files, form: "NAME KEY [FILE]"),
        options: [.database, .json, .envFile],
        examples: [
            Example(line: "offload store get media uploads/chair.png | file -", summary: "look at it"),
            Example(line: "offload store get media uploads/chair.png chair.png", summary: "as offload store download"),
        ]
    ) { invocation in
        let words = invocation.arguments.operands
        try await invocation.withStore { store in
            if words.count > 2 { return try await download(words[1], to: words[2], store, invocation) }
            try await store.read(words[1], writeBytesToStandardOutput)
        }
    }

    static let storeDownload = Command(
        name: "store download", summary: "write an object to a file, which appears when it is whole",
        details: ["Whatever ends it before, a signal or a full disk: no half file and no other file is left."],
        operand: Operand(
            placeholder: "NAME KEY FILE", summary: storeAndKey + "; and the file", minimum: 3, maximum: 3,
            files: .files,
            form: "NAME KEY FILE"),
        options: [.database, .json, .envFile],
        examples: [
            Example(line: "offload store download media uploads/chair.png chair.png", summary: "one object")
        ]
    ) { invocation in
        let words = invocation.arguments.operands
        try await invocation.withStore { store in try await download(words[1], to: words[2], store, invocation) }
    }

    private static func download(
        _ key: String, to path: String, _ store: StoreAccess, _ invocation: Invocation
    ) async throws {
        if Files.isDirectory(path) {
            throw UsageError(message: "\(path) is a directory", hint: "Name the file that is to be written.")
        }
        let object = try await store.download(key, to: path)
        show(object, invocation, "wrote \(byteText(object.bytes)) to \(path)", url: false)
    }

    static let storeHead = Command(
        name: "store head", summary: "say what a store knows of an object",
        operand: Operand(
            placeholder: "NAME KEY", summary: storeAndKey, minimum: 2, maximum: 2, form: "NAME KEY"),
        options: [.database, .json, .envFile],
        examples: [
            Example(line: "offload store head media uploads/chair.png", summary: "its size, type, time and URL")
        ]
    ) { invocation in
        try await invocation.withStore { store in
            let key = invocation.arguments.operands[1]
            guard let object = try await store.head(key) else { throw store.missing(key) }
            if invocation.wantsJSON { return say(object.json.description) }
            let facts: [(String, String?)] = [
                ("key", object.key), ("bytes", "\(object.bytes)"), ("type", object.mediaType),
                ("modified", object.modifiedText), ("etag", object.etag), ("url", object.url),
            ]
            for (name, value) in facts {
                if let value { say(name + String(repeating: " ", count: 10 - name.count) + value) }
            }
        }
    }

    static let storeExists = Command(
        name: "store exists", summary: "say whether a store has an object: exit 0 if so, 1 if not",
        operand: Operand(
            placeholder: "NAME KEY", summary: storeAndKey, minimum: 2, maximum: 2, form: "NAME KEY"),
        options: [.database, .json, .envFile],
        examples: [
            Example(line: "offload store exists media uploads/chair.png", summary: "in a script")
        ]
    ) { invocation in
        try await invocation.withStore { store in
            let exists = try await store.head(invocation.arguments.operands[1]) != nil
            say(invocation.wantsJSON ? JSON.object([("exists", .bool(exists))]).description : exists ? "yes" : "no")
            if !exists { throw Exit(status: Exit.failed) }
        }
    }

    static let storeRemove = Command(
        name: "store rm", summary: "delete objects that no row has to do with",
        details: [
            "Keys of rows are refused, also when the rows are gone: such objects are kept, for nothing collects them yet."
        ],
        operand: Operand(
            placeholder: "NAME KEY", summary: "a store, and the names of objects in it", minimum: 2, maximum: nil,
            form: "NAME KEY…"),
        options: [.database, .json, .envFile],
        examples: [Example(line: "offload store rm media uploads/chair.png", summary: "one object")]
    ) { invocation in
        let keys = invocation.arguments.operands.dropFirst()
        try await invocation.withStore { store in
            for key in keys {
                try await store.remove(key)
                if !invocation.wantsJSON { say("deleted \(key) from \(store.name)") }
            }
            if invocation.wantsJSON {
                say(JSON.object([("deleted", .array(keys.map(JSON.string)))]).description)
            }
        }
    }

    private static func show(
        _ object: StoredObject, _ invocation: Invocation, _ line: String, url: Bool = true
    ) {
        if invocation.wantsJSON { return say(object.json.description) }
        say(line)
        if url, let url = object.url { say(url) }
    }
}

extension Invocation {
    func withDatabase(_ body: (Database) async throws -> Void) async throws {
        let database = try await connect()
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    /// Opens the store that the first operand names.
    func withStore(_ body: (StoreAccess) async throws -> Void) async throws {
        try await withDatabase { database in
            try await body(try await StoreAccess(arguments.operands[0], database, environment))
        }
    }
}
