import Service
import TestGround
import Testing

@Suite("Status report")
struct StatusReportTests {
    private static let shop = """
        create table products (id int primary key, image text);
        insert into products values (1, 'aGVsbG8='), (2, null);
        select offload.attach('products', 'image');
        insert into products values (3, 'aGVsbG8=');
        select offload.add_store('media', 's3', bucket => 'shop-media', endpoint => 'http://127.0.0.1:1');
        insert into offload.job (id, managed_table, key, attempts, died_at, ready_at, reason, detail)
          select 1000, id, '{7}', 10, now(), now(), 'internal', 'made up' from offload.managed_table;
        select offload.heartbeat(gen_random_uuid(), 'here', 42, '0.0.1', 1, 2, 3);
        """

    @Test("columns, queue, workers, stores and failures are read in one snapshot")
    func whole() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(Self.shop)
            let database = try await fresh.open()
            let report = try await StatusReport.read(database.connection)
            await database.close()
            #expect(report.database == fresh.name && report.role == "postgres")
            #expect(report.installation.schemaVersion == EmbeddedSQL.schemaVersion)
            #expect(report.columns.map { "\($0.relation).\($0.column)" } == ["products.image"])
            #expect(report.queue.map(\.dead) == [1] && report.queue.map(\.ready) == [1])
            #expect(report.workers.map { "\($0.host):\($0.processID) \($0.isAlive)" } == ["here:42 true"])
            #expect(report.stores.map(\.name) == ["media"])
            #expect(report.failures?.total == 1 && report.failures?.byReason.first?.reason == "internal")
            #expect(report.failures?.newest.first?.key == ["7"])
            #expect(report.failures?.newest.first?.remedy?.contains("offload.retry") == true)
        }
    }

    @Test("an analyst sees all but the failures, and a stranger is told whom to ask")
    func roles() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(Self.shop)
            let analyst = "analyst_\(fresh.name)"
            let stranger = "stranger_\(fresh.name)"
            try await withRoles([analyst, stranger], in: fresh) {
                try await fresh.run("select offload.grant_role('analyst', '\(analyst)')")
                let seen = try await fresh.open(as: analyst)
                let report = try await StatusReport.read(seen.connection)
                await seen.close()
                #expect(report.failures == nil)
                #expect(report.columns.count == 1 && report.workers.count == 1 && report.stores.count == 1)
                #expect(report.installation.schemaVersion == nil)

                let unseen = try await fresh.open(as: stranger)
                let problem = await complaint { _ = try await StatusReport.read(unseen.connection) }
                await unseen.close()
                #expect(problem?.message == "role \(stranger) may not read the statistics of pg_offload")
                #expect(problem?.hint == "Have postgres run: select offload.grant_role('analyst', '\(stranger)');")
            }
        }
    }

    @Test("without the schema, or with an older one, the way to it is named")
    func schema() async throws {
        try await FreshDatabase.with { fresh in
            let database = try await fresh.open()
            let absent = await complaint { _ = try await StatusReport.read(database.connection) }
            #expect(absent?.message == "pg_offload is not installed in database \(fresh.name)")
            #expect(absent?.hint?.contains("offload install") == true)
            try await fresh.install()
            try await fresh.run("delete from offload.migration where number = \(EmbeddedSQL.schemaVersion)")
            let older = await complaint { _ = try await StatusReport.read(database.connection) }
            #expect(older?.message.contains("older than this program's") == true)
            #expect(older?.hint == "Upgrade it with: offload install")
            await database.close()
        }
    }
}
