import Foundation
import HTTPTransfer
import TestGround
import Testing

extension Shop {
    /// Runs the program to its end.
    func command(_ arguments: String..., environment changes: [String: String] = [:]) async throws -> Program.Ended {
        try await Program(offload, arguments, environment: environment(changes)).end(
            within: .seconds(120))
    }

    func addDirectory(_ name: String, at path: String) async throws {
        try await run("select offload.add_store($1, 'directory', path => $2)", [name, path])
    }
}

private func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

@Suite("Stores at the command line")
struct StoreCommandTests {
    @Test(
        "put, list, head, exists, get, download and rm do the same on every kind", arguments: ["media", "disk"])
    func everyVerb(store: String) async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.addStore()
            try FileManager.default.createDirectory(atPath: scratch.path + "/root", withIntermediateDirectories: true)
            try await shop.addDirectory("disk", at: scratch.path + "/root")
            let picture = Picture.png(seed: 1)
            let file = scratch.path + "/a.png"
            try Data(picture).write(to: URL(filePath: file))

            for key in ["uploads/a b.png", "uploads2/a.png", "embeddings/x/y.png"] {
                let put = try await shop.command("store", "put", store, key, file)
                #expect(
                    put.status == 0 && put.output.hasPrefix("stored ") && put.output.contains("image/png"), "\(put)")
            }
            let list = try await shop.command("store", "list", store, "uploads/")
            #expect(list.status == 0 && list.output.hasSuffix("  uploads/a b.png\n"), "\(list)")
            #expect(list.output.split(separator: "\n").count == 1, "a prefix is a folder: uploads2 is none of it")
            let json = try await shop.command("store", "list", store, "--json")
            let listed = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
            #expect(
                listed?.map { $0["key"] as? String } == ["embeddings/x/y.png", "uploads/a b.png", "uploads2/a.png"])
            #expect(
                try await shop.command("store", "list", store, "--limit", "1").output.split(separator: "\n").count == 1)

            let head = try await shop.command("store", "head", store, "uploads/a b.png")
            #expect(head.status == 0 && head.output.contains("bytes     \(picture.count)\n"), "\(head)")
            #expect(head.output.contains("uploads/a%20b.png"), "its URL")
            #expect(try await shop.command("store", "exists", store, "uploads/a b.png").status == 0)
            let absent = try await shop.command("store", "exists", store, "uploads/b.png")
            #expect(absent.status == 1 && absent.output == "no\n" && absent.error.isEmpty)

            let target = scratch.path + "/down/b.png"
            try FileManager.default.createDirectory(atPath: scratch.path + "/down", withIntermediateDirectories: true)
            for round in 1...2 {
                let down = try await shop.command("store", "download", store, "uploads/a b.png", target)
                #expect(down.status == 0, "\(round): \(down)")
                #expect(FileManager.default.contents(atPath: target).map { [UInt8]($0) } == picture)
                #expect(try names(in: scratch.path + "/down") == ["b.png"], "and nothing else is left")
            }
            let missing = try await shop.command("store", "download", store, "nowhere", scratch.path + "/down/c")
            #expect(missing.status == 1 && missing.error.contains("nowhere"))
            #expect(try names(in: scratch.path + "/down") == ["b.png"])

            let gone = try await shop.command("store", "rm", store, "uploads/a b.png", "uploads2/a.png")
            #expect(gone.status == 0, "\(gone)")
            #expect(try await shop.command("store", "head", store, "uploads/a b.png").status == 1)
            #expect(try await shop.command("store", "rm", store, "uploads/a b.png").status == 1)
            let test = try await shop.command("store", "test", store)
            #expect(test.status == 0 && test.output.contains("works"), "\(test)")
            #expect(try await shop.count("offload.store_check where is_reachable and latency > '0'") == 1)
        }
    }

    @Test("the same verbs do the same on a Cloudinary cloud, for pictures and for other files")
    func everyVerbOnCloudinary() async throws {
        let server = try CloudinaryServer()
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.run(
                """
                select offload.add_store('cloud', 'cloudinary', bucket => $1, endpoint => $2, public_url => $3,
                  prefix => 'shop/')
                """, [CloudinaryServer.cloud, server.endpoint, server.publicURL])
            func store(_ arguments: String...) async throws -> Program.Ended {
                try await Program(
                    offload, ["store"] + arguments, environment: shop.environment(Shop.cloudinaryKeys)
                ).end(within: .seconds(120))
            }
            let contents = ["uploads/a b.png": Picture.png(seed: 1), "uploads2/note.txt": Array("a note".utf8)]
            for (key, content) in contents {
                let file = scratch.path + "/in"
                try Data(content).write(to: URL(filePath: file))
                let put = try await store("put", "cloud", key, file)
                #expect(put.status == 0 && put.output.hasPrefix("stored "), "\(put)")
            }
            #expect(try await Set(server.assets.keys) == ["image/shop/uploads/a b.png", "raw/shop/uploads2/note.txt"])
            let list = try await store("list", "cloud", "uploads/")
            #expect(list.output.hasSuffix("  uploads/a b.png\n") && list.output.split(separator: "\n").count == 1)
            #expect(try await store("list", "cloud").output.split(separator: "\n").count == 2)

            for (key, content) in contents {
                let head = try await store("head", "cloud", key)
                #expect(head.status == 0 && head.output.contains("bytes     \(content.count)\n"), "\(head)")
                let line = try #require(head.output.split(separator: "\n").first { $0.hasPrefix("url ") })
                let response = try await open(String(line.dropFirst(10)))
                #expect(response.status == 200 && response.body == content, "\(line)")
                #expect(try await store("exists", "cloud", key).output == "yes\n")
                let file = scratch.path + "/out"
                for verb in ["get", "download"] {
                    #expect(try await store(verb, "cloud", key, file).status == 0)
                    #expect(FileManager.default.contents(atPath: file).map { [UInt8]($0) } == content)
                    try FileManager.default.removeItem(atPath: file)
                }
            }
            #expect(try names(in: scratch.path) == ["in"], "and nothing else is left")
            let test = try await store("test", "cloud")
            #expect(test.status == 0 && test.output.contains("works"), "\(test)")
            #expect(try await shop.count("offload.store_check where is_reachable and latency > '0'") == 1)

            let gone = try await store("rm", "cloud", "uploads/a b.png", "uploads2/note.txt")
            #expect(gone.status == 0, "\(gone)")
            #expect(try await server.assets.isEmpty, "the probe took away what it left")
            for key in contents.keys {
                #expect(try await store("exists", "cloud", key).output == "no\n")
                #expect(try await store("get", "cloud", key).status == 1)
                #expect(try await store("rm", "cloud", key).status == 1)
            }
        }
    }

    @Test("what is got goes to standard output byte for byte, however large")
    func get() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            try await shop.addStore()
            let bytes = Picture.noise(20_000_000, seed: 5)
            try Data(bytes).write(to: URL(filePath: scratch.path + "/in"))
            _ = try await shop.command("store", "put", "media", "big", scratch.path + "/in")
            let script = "\(offload) store get media big > \(scratch.path)/out"
            let ended = try await Program(
                "/bin/sh", ["-c", script], environment: shop.environment(["TMPDIR": scratch.path])
            ).end()
            #expect(ended.status == 0, "\(ended)")
            #expect(FileManager.default.contentsEqual(atPath: scratch.path + "/in", andPath: scratch.path + "/out"))
            #expect(try names(in: scratch.path) == ["in", "out"])
            _ = try await shop.command("store", "rm", "media", "big")
        }
    }

    @Test("what belongs to rows is neither deleted nor overwritten by hand")
    func managedKeys() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.work()
            let key: String = try await shop.value("select key from offload.replica")
            let removed = try await shop.command("store", "rm", "media", key)
            #expect(removed.status == 1 && removed.error.contains("is managed"))
            #expect(removed.error.contains("hint: It belongs to rows, or did."), "\(removed)")
            try await shop.run("delete from products")
            try await shop.work()
            #expect(try await shop.command("store", "rm", "media", key).status == 1, "the hint is true")
            #expect(try await shop.command("store", "exists", "media", key).status == 0)
            let put = try await shop.command("store", "put", "media", key, offload)
            #expect(put.status == 1 && put.error.contains("is managed"))
            try await shop.expectNoOrphans()
            #expect(try await shop.command("store", "exists", "media", key).status == 0)
        }
    }

    @Test("a download that is killed leaves no file, and what was there as it was")
    func killedDownload() async throws {
        try await Shop.open(withRelay: true) { shop in
            let scratch = try Scratch()
            try await shop.addStore()
            let file = scratch.path + "/in"
            try Data(Picture.noise(60_000_000, seed: 3)).write(to: URL(filePath: file))
            _ = try await shop.command("store", "put", "media", "big", file)
            let directory = scratch.path + "/down"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data("before".utf8).write(to: URL(filePath: directory + "/file"))
            let program = try Program(
                offload, ["store", "download", "media", "big", directory + "/file"],
                environment: shop.environment())
            // A file without a name lies in the directory: the download is under way.
            try await eventually("a file that is being written", every: .milliseconds(1)) {
                guard program.isRunning else { throw TimedOut(description: "it ended: \(program.log)") }
                let open = "/proc/\(program.pid)/fd"
                return ((try? FileManager.default.contentsOfDirectory(atPath: open)) ?? []).contains {
                    let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(open)/\($0)")) ?? ""
                    return path.hasPrefix(directory + "/")
                }
            }
            program.send(SIGKILL)
            #expect(try await program.end().wasKilled)
            #expect(try names(in: directory) == ["file"])
            #expect(try String(contentsOfFile: directory + "/file", encoding: .utf8) == "before")
            _ = try await shop.command("store", "rm", "media", "big")
        }
    }

    @Test("the rows answer as a store for what they hold, and take nothing by hand")
    func rows() async throws {
        try await Shop.open { shop in
            try await shop.run("select offload.add_store('rows', 'database')")
            try await shop.run("create table files (id int primary key, body bytea)")
            try await shop.run("select offload.attach('files', 'body', kind => 'file', stores => '{}')")
            try await shop.run("insert into files values (1, 'hello')")
            try await shop.work()
            let list = try await shop.command("store", "list", "rows")
            let key = try #require(list.output.split(separator: " ").last).trimmingCharacters(in: .newlines)
            #expect(list.output.contains("           5 "), "\(list)")
            #expect(try await shop.command("store", "get", "rows", key).output == "hello")
            #expect(try await shop.command("store", "exists", "rows", key).status == 0)
            #expect(try await shop.command("store", "exists", "rows", "other").status == 1)
            let scratch = try Scratch()
            #expect(try await shop.command("store", "download", "rows", key, scratch.path + "/f").status == 0)
            #expect(try String(contentsOfFile: scratch.path + "/f", encoding: .utf8) == "hello")
            for refused in [["store", "put", "rows", "k", scratch.path + "/f"], ["store", "rm", "rows", key]] {
                let ended = try await Program(offload, refused, environment: shop.environment()).end()
                #expect(ended.status == 1 && ended.error.contains("the rows themselves"), "\(ended)")
            }
        }
    }

    @Test("what a store lacks is said with what mends it")
    func testFails() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            let refused = try await shop.command(
                "store", "test", "media", environment: ["S3_SECRET_ACCESS_KEY": "wrong"])
            #expect(refused.status == 1 && refused.error.contains("S3_SECRET_ACCESS_KEY"), "\(refused)")
            #expect(try await shop.count("offload.store_check where not is_reachable and detail <> ''") == 1)
            let unset = try await shop.command(
                "store", "test", "media", environment: ["S3_ACCESS_KEY_ID": "", "S3_SECRET_ACCESS_KEY": ""])
            #expect(unset.status == 1 && unset.error.contains("hint: export S3_ACCESS_KEY_ID=…"), "\(unset)")
            try await shop.run("select offload.configure_store('media', bucket => 'no-such-bucket', moved => true)")
            let vanished = try await shop.command("store", "test", "media")
            #expect(vanished.status == 1 && vanished.error.contains("no-such-bucket"), "\(vanished)")
            let misspelt = try await shop.command("store", "test", "meda")
            #expect(misspelt.status == 1 && misspelt.error.contains("Did you mean media?"), "\(misspelt)")
            #expect(try await shop.command("store", "test").status == 64)
        }
    }

    @Test("the printed policies open the URLs, admit other origins and end forgotten uploads")
    func policies() async throws {
        try await Shop.open { shop in
            let scratch = try Scratch()
            let bucket = "offload-policy-\(UUID().uuidString.lowercased())"
            let administer = TestServers.project + "/Tests/Support/servers/bucket.py"
            let endpoint = shop.bucket.endpoint
            let python = TestServers.pythonWithBoto3
            try await succeed(python, administer, endpoint, bucket, "make")
            try await shop.run(
                """
                select offload.add_store('closed', 's3', endpoint => $1, bucket => $2, prefix => 'img/',
                  addressing => 'path')
                """, [endpoint, bucket])
            try Data("hello".utf8).write(to: URL(filePath: scratch.path + "/a"))
            _ = try await shop.command("store", "put", "closed", "a", scratch.path + "/a")
            let url = "\(endpoint)/\(bucket)/img/a"
            #expect(try await open(url).status == 403)
            let before = try await shop.command("store", "test", "closed")
            #expect(before.status == 0 && before.output.contains("do NOT open"), "\(before)")
            #expect(before.output.contains("put-bucket-policy --bucket \(bucket)"))
            let verdict = "select access_verdict from offload.store_stats where name = 'closed'"
            #expect(try await shop.value(verdict) == "refused")
            let doctor = try await shop.command("doctor")
            #expect(
                doctor.output.contains("warn  store closed: its URLs do not open") && doctor.output.contains(bucket))

            let whole = try await shop.command("store", "policy", "closed", "--json")
            let documents = try JSONSerialization.jsonObject(with: Data(whole.output.utf8)) as? [String: Any]
            #expect(Set(documents?.keys.map(\.self) ?? []) == ["iam", "bucket", "cors", "lifecycle"], "\(whole)")
            for name in ["iam", "bucket", "cors", "lifecycle"] {
                let one = try await shop.command("store", "policy", "closed", "--only", name)
                #expect((try? JSONSerialization.jsonObject(with: Data(one.output.utf8))) is [String: Any], "\(name)")
                try Data(one.output.utf8).write(to: URL(filePath: "\(scratch.path)/\(name).json"))
            }
            let said = try await succeed(python, administer, endpoint, bucket, "apply", scratch.path)
            #expect(said.contains("aborts after 7 days") && said.contains("cors GET HEAD"), "\(said)")
            #expect(try await open(url).status == 200)
            let after = try await shop.command("store", "test", "closed")
            #expect(after.output.contains("open without credentials") && !after.output.contains("NOT"), "\(after)")
            #expect(try await shop.value(verdict) == "opens")
            try await succeed(python, administer, endpoint, bucket, "remove")
        }
    }

    @Test("the doctor and the test tell of a clock that is off, on a server that still answers")
    func shiftedClock() async throws {
        try await Shop.open { shop in
            let script = TestServers.project + "/Tests/Support/servers/shifted_clock.py"
            let server = String(shop.bucket.endpoint.drop { $0 != "/" }.dropFirst(2))
            let relay = try Program("/usr/bin/env", ["python3", script, server, "330"])
            try await eventually("the relay's port") { relay.output.hasSuffix("\n") }
            let port = relay.output.trimmingCharacters(in: .newlines)
            try await shop.run(
                """
                select offload.add_store('late', 's3', endpoint => $1, bucket => $2, prefix => $3, addressing => 'path')
                """, ["http://127.0.0.1:\(port)", shop.bucket.name, shop.bucket.prefix])
            let doctor = try await shop.command("doctor")
            // And some seconds, up to thirty: a Date has whole ones, and an answer takes its time.
            #expect(doctor.output.contains("warn  store late: its clock is 5 min "), "\(doctor)")
            #expect(doctor.output.contains(" s ahead of ours"), "\(doctor)")
            #expect(doctor.output.contains("→ Set this machine's clock"))
            #expect(doctor.output.contains("ok    store late: its URLs open"))
            let test = try await shop.command("store", "test", "late")
            #expect(
                test.status == 0 && test.output.contains("5 min ") && test.output.contains(" s ahead of ours"),
                "\(test)")
            let isNoted: Bool = try await shop.value(
                "select clock_difference between '300 s' and '335 s' from offload.store_stats where name = 'late'")
            #expect(isNoted)
            // It ends with its last use.
            withExtendedLifetime(relay) {}
        }
    }
}
