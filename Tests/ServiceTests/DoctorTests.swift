import Foundation
import Offload
import Postgres
import Service
import TestGround
import Testing

@Suite("Doctor")
struct DoctorTests {
    private func examine(
        _ fresh: FreshDatabase, as role: String? = nil, _ variables: [String: String] = [:]
    ) async throws -> [Doctor.Finding] {
        var findings: [Doctor.Finding] = []
        let doctor = Doctor(environment: Environment(variables), patience: .seconds(60))
        await doctor.examine(try DatabaseAddress(role.map(fresh.url(as:)) ?? fresh.url, origin: "the test")) {
            findings.append($0)
        }
        return findings
    }

    private static let attached = """
        create table products (id int primary key, image text);
        select offload.attach('products', 'image');
        select offload.heartbeat(gen_random_uuid(), 'here', 42, '\(productVersion)');
        """

    @Test("a sound database has nothing but ok")
    func sound() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(Self.attached)
            let findings = try await examine(fresh)
            #expect(findings.filter { $0.level != .ok } == [])
            let subjects = Set(findings.map(\.subject))
            #expect(
                subjects.isSuperset(of: [
                    "connection", "server", "schema", "rights", "table products", "stores", "worker", "queue",
                    "notifications",
                ]))
        }
    }

    @Test("without the schema it says how to install it")
    func absent() async throws {
        try await FreshDatabase.with { fresh in
            let findings = try await examine(fresh)
            #expect(findings.last?.level == .fail && findings.last?.remedy == "offload install")
        }
    }

    @Test(
        "what is broken is found, and the remedy mends it",
        arguments: [
            ("alter table products disable trigger zz_offload_capture_1", "is disabled"),
            ("alter table products disable trigger zz_offload_guard_1", "is disabled"),
            ("drop trigger zz_offload_guard_1 on products", "zz_offload_guard_1 is missing"),
            ("drop trigger zz_offload_truncate_1 on products", "a TRUNCATE of the table"),
            (
                "insert into products values (1, 'aGVsbG8='); alter table offload.arrival alter column id restart",
                "offload.arrival_id_seq was set back"
            ),
            ("drop function offload._fetch_1", "_fetch_1 is missing"),
            ("drop function offload._guard_1 cascade", "_guard_1 is missing"),
            ("create role owner_of_products; alter table products owner to owner_of_products", "owner has changed"),
            (
                """
                do $$
                begin
                  execute replace(pg_get_functiondef('offload._scan_1'::regproc), '$function$', E'$function$\\n');
                end;
                $$;
                """, "older version"
            ),
            (
                """
                create role owner_of_products; alter table products owner to owner_of_products;
                alter table products enable row level security; alter table products force row level security;
                """, "row security is forced"
            ),
        ])
    func mends(damage: String, text: String) async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(Self.attached)
            let role = "owner_of_\(fresh.name)"
            try await fresh.run(damage.replacing("owner_of_products", with: role))
            let broken = try await examine(fresh).filter { $0.level != .ok }
            #expect(broken.contains { $0.text.contains(text) }, "\(broken)")
            for finding in broken {
                try await fresh.run(try #require(finding.remedy))
            }
            let left = try await examine(fresh).filter { $0.level != .ok }
            #expect(left == [])
            if damage.contains("create role") {
                try await fresh.run("drop owned by \(role) cascade; drop role \(role)")
            }
        }
    }

    @Test("a trigger that fires after the guard, one that came after the attachment, and a renamed column, are named")
    func tables() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(
                Self.attached,
                """
                create function touch() returns trigger language plpgsql as 'begin return new; end';
                create trigger zzz before update on products for each row execute function touch();
                create trigger a_first before update on products for each row execute function touch();
                create trigger zzz_after after update on products for each row execute function touch();
                """)
            var findings = try await examine(fresh).filter { $0.level != .ok }
            let outdated = [
                "trigger zz_offload_admit_1, zz_offload_change_1 is missing",
                "trigger zz_offload_guard_1 was made before the table changed, and does not see all that happens to its rows",
            ]
            #expect(findings.map(\.text) == outdated + ["trigger zzz fires after ours, and may leave a stale URL"])
            try await fresh.run("drop trigger zzz on products", "alter table products rename image to picture")
            findings = try await examine(fresh).filter { $0.level != .ok }
            #expect(
                findings.map(\.text)
                    == outdated + ["column image was renamed or moved: what is written is not captured"])
            try await fresh.run(try #require(findings.first?.remedy))
            #expect(try await examine(fresh).filter { $0.level != .ok } == [])
        }
    }

    @Test("a directory store is tried with an object of its own, and one that is not there is told")
    func directory() async throws {
        try await FreshDatabase.with { fresh in
            let path = NSTemporaryDirectory() + "doctor-\(fresh.name)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await fresh.install()
            try await fresh.run(
                Self.attached,
                "select offload.add_store('disk', 'directory', path => '\(path)')",
                "select offload.add_store('lost', 'directory', path => '\(path)/lost')")
            let findings = try await examine(fresh)
            #expect(
                findings.contains { $0.subject == "store disk" && $0.level == .ok && $0.text.hasPrefix("puts, reads") })
            #expect(findings.contains { $0.subject == "store disk" && $0.text.contains("are free at") })
            let lost = findings.filter { $0.subject == "store lost" }
            #expect(lost.map(\.level) == [.fail] && lost.first?.remedy == "mkdir -p \(path)/lost")
            let left = try FileManager.default.subpathsOfDirectory(atPath: path)
            #expect(!left.contains { $0.contains("probe") })
        }
    }

    @Test("a store without credentials, and one that nobody answers for, are told apart")
    func remote() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(
                Self.attached,
                "select offload.add_store('media', 's3', bucket => 'shop-media', endpoint => 'http://127.0.0.1:1')")
            func store(_ variables: [String: String]) async throws -> Doctor.Finding? {
                try await examine(fresh, variables).first { $0.subject == "store media" }
            }
            let bare = try await store([:])
            #expect(bare?.level == .fail)
            #expect(bare?.remedy == "export S3_ACCESS_KEY_ID=… S3_SECRET_ACCESS_KEY=…")
            let unheard = try await store([
                "AWS_ACCESS_KEY_ID": "made-up-key", "AWS_SECRET_ACCESS_KEY": "made-up-secret",
            ])
            #expect(unheard?.level == .fail && unheard?.remedy?.contains("can be reached") == true)
            #expect(unheard?.text.contains("made-up") == false)
        }
    }

    @Test("work without a worker fails, an idle database without one warns, dead jobs are named")
    func work() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(
                "create table products (id int primary key, image text); select offload.attach('products', 'image')")
            func worker() async throws -> Doctor.Finding? {
                try await examine(fresh).first { $0.subject == "worker" }
            }
            #expect(try await worker()?.level == .warn)
            try await fresh.run("insert into products values (1, 'aGVsbG8=')")
            #expect(try await worker()?.level == .fail)
            #expect(try await worker()?.remedy == "offload work")
            try await fresh.run(
                "select offload.claim()",
                "update offload.job set lease = null, leased_until = null, died_at = now(), reason = 'internal'")
            #expect(try await examine(fresh).contains { $0.remedy?.contains("offload.retry()") == true })
        }
    }

    @Test("a role that may not work is told who can let it, and is spared what it may not see")
    func rights() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            try await fresh.run(Self.attached)
            let role = "stranger_\(fresh.name)"
            try await withRoles([role], in: fresh) {
                let findings = try await examine(fresh, as: role)
                #expect(!findings.contains { $0.level == .fail })
                let rights = findings.first { $0.subject == "rights" }
                #expect(rights?.text.contains("may do nothing") == true)
                #expect(rights?.remedy == "As postgres: select offload.grant_role('worker', '\(role)');")
                try await fresh.run("select offload.grant_role('worker', '\(role)')")
                #expect(try await examine(fresh, as: role).filter { $0.level != .ok } == [])
            }
        }
    }

    @Test("a server that does not answer is one finding")
    func unreachable() async throws {
        var findings: [Doctor.Finding] = []
        await Doctor(environment: Environment([:])).examine(
            try DatabaseAddress("postgresql://u:hunter2@127.0.0.1:1/x", origin: "DATABASE_URL")
        ) { findings.append($0) }
        #expect(findings.map(\.level) == [.fail])
        #expect(findings.first?.remedy?.contains("DATABASE_URL") == true)
        #expect(findings.first?.text.contains("hunter2") == false)
    }

    @Test("the environment's errors and notes are findings")
    func configuration() {
        func examine(_ variables: [String: String]) -> [Doctor.Level] {
            Doctor(environment: Environment(variables)).examineConfiguration("/").map(\.level)
        }
        #expect(examine([:]) == [.ok])
        #expect(examine(["STORAGE_STRATEGY": "x"]) == [.fail])
        #expect(examine(["S3_BUKET": "x"]) == [.ok, .warn])
        #expect(examine(["ENVIRONMENT": "production"]) == [.ok])
    }

    @Test("keys for a store that the database names alarm nobody, and without such a store they do")
    func idleVariables() async throws {
        let variables = [
            "S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret", "ENVIRONMENT": "production",
        ]
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            func warned() async throws -> [String?] {
                try await examine(fresh, variables).filter { $0.subject == "configuration" }.map(\.remedy)
            }
            let before = try await warned()
            #expect(before.count == 2 && before.allSatisfy { $0?.contains("offload.add_store") == true }, "\(before)")
            try await fresh.run(
                "select offload.add_store('media', 's3', endpoint => 'http://127.0.0.1:1', bucket => 'shop')")
            #expect(try await warned() == [])
        }
    }
}
