import ImageCodec
import Postgres
import Service
import TestGround
import Testing

@Suite("File optimizer")
struct FileOptimizerTests {
    @Test("every refusal of an image that a row can have is one that SQL explains, too")
    func reasons() async throws {
        try await FreshDatabase.with { fresh in
            try await fresh.install()
            let known = try await fresh.ask(
                "select array_agg(reason order by reason) from offload.refusal_reason", as: [String].self)
            // What ends an attempt and not the value is tried again, and never written down as a refusal.
            let passing: Set<Refusal.Code> = [.cancelled, .outOfMemory]
            for code in Refusal.Code.allCases where !passing.contains(code) {
                #expect(known.contains(code.rawValue), "\(code)")
            }
        }
    }

    @Test("every refusal has something to do about it")
    func remedies() {
        for code in Refusal.Code.allCases {
            #expect(code.remedyForFile.hasSuffix("."), "\(code)")
        }
    }
}
