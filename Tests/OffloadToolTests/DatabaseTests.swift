import Foundation
import TestGround
import Testing

@Suite("The program on a database")
struct DatabaseTests {
    @Test("install, status, store list, doctor and uninstall go the whole circle")
    func circle() async throws {
        try await FreshDatabase.with { fresh in
            let url = fresh.url
            let variables = ["DATABASE_URL": url]
            let before = try await Program.run("status", variables: variables)
            #expect(before.status == 1 && before.errors.contains("hint: Run: offload install"))

            let summary = try await Program.run("install", "--dry-run", "--summary", variables: variables)
            #expect(summary.status == 0 && summary.output.contains("It would create schema offload"))
            #expect(try await Program.run("status", variables: variables).status == 1)

            let installed = try await Program.run("install", variables: variables)
            #expect(installed.status == 0 && installed.output.contains(" is installed in "), "\(installed.errors)")
            #expect(try await Program.run("install", variables: variables).output.contains("its functions are renewed"))

            try await fresh.run(
                """
                create table products (id int primary key, image text);
                select offload.attach('products', 'image');
                select offload.add_store('media', 's3', bucket => 'shop-media', endpoint => 'http://127.0.0.1:1');
                """)
            let status = try await Program.run("status", variables: variables)
            #expect(status.status == 0 && status.errors.isEmpty)
            for word in ["COLUMNS", "products.image", "QUEUE", "WORKERS", "STORES", "media", "FAILURES"] {
                #expect(status.output.contains(word), "\(word)")
            }
            let json = try await Program.run("status", "--json", variables: variables)
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            #expect((report["columns"] as? [[String: Any]])?.first?["relation"] as? String == "products")
            #expect(try await Program.run("store", "list", variables: variables).output.contains("media"))
            let doctor = try await Program.run("doctor", variables: variables)
            #expect(doctor.status == 1 && doctor.output.contains("FAIL  store media"))

            let unasked = try await Program.run("uninstall", variables: variables)
            #expect(unasked.status == 64 && unasked.output.contains("the management of products.image"))
            #expect(try await Program.run("status", variables: variables).status == 0)
            let removed = try await Program.run("uninstall", "--yes", variables: variables)
            #expect(removed.status == 0 && removed.output.contains("is removed from"), "\(removed.errors)")
            try await fresh.run("insert into products values (1, 'x')")
        }
    }

    @Test("what install --dry-run prints installs by psql alone")
    func dryRun() async throws {
        try await FreshDatabase.with { fresh in
            let url = fresh.url
            let sql = try await Program.run("install", "--dry-run")
            #expect(sql.status == 0)
            let psql = try await Program.pipe(
                sql.output, through: "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=INPUT", url)
            #expect(psql.status == 0, "\(psql.output)")
            #expect(try await Program.run("status", "--database", url).status == 0)
            let uninstall = try await Program.run("uninstall", "--dry-run")
            let removed = try await Program.pipe(
                uninstall.output, through: "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file=INPUT",
                url)
            #expect(removed.status == 0, "\(removed.output)")
            #expect(try await Program.run("status", "--database", url).status == 1)
        }
    }

    @Test("the environment wins over .env, and an option over both")
    func precedence() async throws {
        try await FreshDatabase.with { fresh in
            let url = fresh.url
            let scratch = try Scratch()
            try "# the shop\nexport DATABASE_URL='\(url)'\n".write(
                toFile: scratch.path + "/.env", atomically: false, encoding: .utf8)
            #expect(try await Program.run("install", directory: scratch.path).status == 0)
            let nowhere = "postgresql://127.0.0.1:1/nowhere"
            #expect(
                try await Program.run("status", variables: ["DATABASE_URL": nowhere], directory: scratch.path).status
                    == 1)
            #expect(
                try await Program.run(
                    "status", "--database", url, variables: ["DATABASE_URL": nowhere], directory: scratch.path
                )
                .status == 0)
            #expect(try await Program.run("status", "--env-file", scratch.path + "/.env").status == 0)
            let driver = url.replacing("postgresql://", with: "postgresql+psycopg2://")
            #expect(try await Program.run("status", variables: ["DATABASE_URL": driver]).status == 0)
        }
    }

    @Test("a wrong database, user or option of the connection is one line and a hint")
    func wrong() async throws {
        try await FreshDatabase.with { fresh in
            let url = fresh.url
            for (address, hint) in [
                (url + "_nowhere", "createdb"), (url.replacing("postgres@", with: "nobody_at_all@"), "Check the user"),
                (url + "?sslmode=maybe", "Check sslmode"), ("host=127.0.0.1 nonsense", "Write postgresql://"),
            ] {
                let outcome = try await Program.run("status", "--database", address)
                #expect(outcome.status == 1, "\(address)")
                #expect(outcome.errors.split(separator: "\n").count == 2, "\(outcome.errors)")
                #expect(outcome.errors.contains(hint), "\(outcome.errors)")
            }
        }
    }
}
