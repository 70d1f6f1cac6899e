import Offload
import Postgres
import Service
import TestGround
import Testing

@Suite("Installer")
struct InstallerTests {
    @Test("an empty database gets everything, and a second run changes nothing")
    func installs() async throws {
        try await FreshDatabase.with { fresh in
            let database = try await fresh.open()
            let installer = Installer(database)
            let first = try await installer.install()
            #expect(first.existing == nil)
            #expect(first.pending.map(\.number) == EmbeddedSQL.migrations.map(\.number))
            let second = try await installer.install()
            #expect(second.pending.isEmpty && second.existing?.route == .migrations)
            #expect(second.existing?.schemaVersion == EmbeddedSQL.schemaVersion)
            #expect(
                try await fresh.ask("select count(*) from offload.migration", as: Int.self)
                    == EmbeddedSQL.migrations.count)
            await database.close()
        }
    }

    @Test("two that install at once both end well")
    func racing() async throws {
        try await FreshDatabase.with { fresh in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { try await fresh.install() } }
                try await group.waitForAll()
            }
            #expect(
                try await fresh.ask("select max(number) from offload.migration", as: Int.self)
                    == EmbeddedSQL.schemaVersion)
        }
    }

    @Test("a plan changes nothing, and tells what would be done")
    func plans() async throws {
        try await FreshDatabase.with { fresh in
            let database = try await fresh.open()
            let plan = try await Installer(database).plan()
            #expect(plan.mayInstall && plan.existing == nil && plan.role == "postgres")
            #expect(plan.roles.map(\.name) == ["offload_app", "offload_analyst", "offload_worker", "offload_admin"])
            #expect(try await fresh.ask("select to_regnamespace('offload') is null", as: Bool.self))
            await database.close()
        }
    }

    @Test("a role that may not install is told what it lacks, and nothing has happened")
    func rights() async throws {
        try await FreshDatabase.with { fresh in
            try await withRoles(["stranger_\(fresh.name)"], in: fresh) {
                let database = try await fresh.open(as: "stranger_\(fresh.name)")
                let problem = await complaint { _ = try await Installer(database).install() }
                #expect(problem?.message.contains("may not create a schema") == true)
                #expect(problem?.hint?.contains("grant create on database") == true)
                #expect(try await Installer(database).plan().mayCreateRoles == false)
                await database.close()
                #expect(try await fresh.ask("select to_regnamespace('offload') is null", as: Bool.self))
            }
        }
    }

    @Test("a schema that is newer than the program is left alone")
    func newer() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run("insert into offload.migration (number, name) values (9999, 'tomorrow')")
            let database = try await fresh.open()
            let problem = await complaint { _ = try await Installer(database).install() }
            #expect(problem?.message.contains("newer than this program") == true)
            let required = await complaint { try await Installation.require(database.connection) }
            #expect(required == problem)
            await database.close()
        }
    }

    @Test("uninstalling ends all management: writes work, rows and URLs stay, and nothing of ours is left")
    func uninstalls() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(
                """
                create table products (id int primary key, image text, image_s3_url text);
                insert into products values (1, 'aGVsbG8=', null), (2, null, 'https://elsewhere/2.webp');
                select offload.attach('products', 'image', url_column => 'image_s3_url');
                insert into products values (3, 'aGVsbG8=', null);
                select offload.recount(1);
                """)
            let database = try await fresh.open()
            let removal = try await Installer(database).removal()
            #expect(
                removal.columns.map { "\($0.relation).\($0.column) \($0.urlColumn)" } == ["products.image image_s3_url"]
            )
            #expect(removal.columns.first?.view == "products_media")
            #expect(removal.withoutSource == 1, "the row of an older system")
            try await Installer(database).uninstall()
            await database.close()
            try await fresh.run(
                "insert into products values (4, 'x', 'y')", "update products set image = 'z' where id = 1")
            #expect(
                try await fresh.ask(
                    "select string_agg(concat_ws(':', id, image, image_s3_url), ' ' order by id) from products")
                    == "1:z 2:https://elsewhere/2.webp 3:aGVsbG8= 4:x:y")
            #expect(
                try await fresh.ask(
                    """
                    select count(*) from pg_depend d join pg_proc p on p.oid = d.refobjid
                    where d.refclassid = 'pg_proc'::regclass and p.pronamespace = to_regnamespace('offload')
                    """, as: Int.self) == 0)
            #expect(try await fresh.ask("select to_regnamespace('offload') is null", as: Bool.self))
            #expect(try await fresh.ask("select to_regclass('products_media') is null", as: Bool.self))
            #expect(try await fresh.ask("select count(*) from pg_trigger where not tgisinternal", as: Int.self) == 0)
        }
    }

    @Test("what others built on ours is named, and stays")
    func dependents() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run("create view dashboard as select * from offload.storage_stats")
            let database = try await fresh.open()
            let problem = await complaint { try await Installer(database).uninstall() }
            #expect(problem?.message.contains("dashboard") == true)
            await database.close()
            #expect(try await fresh.ask("select count(*) from dashboard", as: Int.self) == 0)
        }
    }

    @Test("there is nothing to uninstall where nothing is installed")
    func nothing() async throws {
        try await FreshDatabase.with { fresh in
            let database = try await fresh.open()
            let problem = await complaint { _ = try await Installer(database).removal() }
            #expect(problem?.message == "pg_offload is not installed in this database")
            await database.close()
        }
    }
}

func complaint(_ body: () async throws -> Void) async -> Problem? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Problem
    }
}
