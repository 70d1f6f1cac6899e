import Postgres
import TestGround
import Testing

@Suite("What workers do in no hurry")
struct ChoresTests {
    @Test("what piled up is worked off whole, and what fails of it takes nothing of the rest back")
    func tidying() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.work()
            try await shop.run("delete from products")
            try await shop.run(
                "insert into offload.dereferenced select sha256(n::text::bytea) from generate_series(1, 5000) n")
            try await shop.run("update offload.backfill set finished_at = '2001-01-01'")
            try await shop.run(
                """
                create or replace function offload.fold_counts(batch int default 200000) returns bigint
                language plpgsql as $$ begin raise exception 'no fold today'; end $$
                """)
            let ended = try await shop.work()
            #expect(ended.error.contains("no fold today"), "\(ended)")
            #expect(try await shop.count("offload.dereferenced") == 0)
            #expect(try await shop.count("offload.object where unreferenced_since is null") == 0)
            #expect(try await shop.count("offload.backfill where state = 'sweeping'") == 1)
        }
    }

    @Test("a count of a large table holds up no row, ends with its worker, and is ended by no limit to a statement")
    func counting() async throws {
        try await Shop.open { shop in
            try await shop.addStore()
            try await shop.run("create table products (id int primary key, image text, image_s3_url text)")
            try await shop.insertProduct(1, Picture.png(seed: 1))
            try await shop.run(
                "select offload.attach('products', 'image', url_column => 'image_s3_url', stores => '{media}')")
            func takeTime(_ seconds: Int) async throws {
                try await shop.run(
                    """
                    create or replace function slowly() returns trigger language plpgsql
                    as 'begin perform pg_sleep(\(seconds)); return new; end'
                    """)
            }
            try await takeTime(300)
            try await shop.run(
                """
                create trigger slowly before insert on offload.count_entry for each row when (new.rows <> 0)
                execute function slowly()
                """)
            let isCounting = "pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
            let worker = try shop.startWorker()
            try await eventually("a count") { try await shop.count(isCounting) == 1 }
            try await shop.insertProduct(2, Picture.png(seed: 2))
            try await eventually("a row that is done meanwhile") {
                try await shop.count("products where image_s3_url is not null") == 2
            }
            let ended = try await worker.stop(within: .seconds(10))
            #expect(ended.status == 0 && !ended.wasKilled, "\(ended)")
            try await eventually("no count") { try await shop.count(isCounting) == 0 }
            #expect(try await shop.count("offload.backfill where is_counting and queued = 1") == 1)

            try await takeTime(5)
            let database = try await shop.value("select quote_ident(current_database())", as: String.self)
            try await shop.run("alter database \(database) set statement_timeout = '3s'")
            try await shop.run("update offload.backfill set ready_at = null")
            try await shop.work()
            #expect(try await shop.count("offload.storage_stats where backfill = 'complete' and total = 2") == 1)
        }
    }

    @Test("a worker mends sequences that were set back")
    func sequences() async throws {
        try await Shop.open { shop in
            try await shop.attachProducts()
            for id in 1...3 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            func setBack() async throws {
                // What is held or waits for another try keeps its id.
                try await shop.run(
                    """
                    with gone as (delete from only offload.arrival a returning a.*)
                    insert into offload.job (id, managed_table, key, created_at, attempts, ready_at)
                    select g.id, g.managed_table, g.key, g.created_at, 1, clock_timestamp() from gone g
                    """)
                try await shop.run(
                    "select setval('offload.arrival_id_seq', (select min(id) from offload.arrival), false)")
            }
            try await setBack()
            for id in 4...6 { try await shop.insertProduct(id, Picture.png(seed: id)) }
            let ended = try await shop.work()
            #expect(ended.error.contains("were set back"), "\(ended)")
            #expect(try await shop.count("products where image_s3_url is null") == 0)
        }
    }
}
