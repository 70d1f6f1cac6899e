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
}
