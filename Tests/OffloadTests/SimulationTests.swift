import Foundation
import Testing

/// A failure names its seed; `OFFLOAD_SIMULATION_SEED=SEED swift test --filter SimulationTests` repeats it, with every step.
@Suite("The state machines, in many an order")
struct SimulationTests {
    static let schedules = 100_000

    @Test(
        "in 100,000 schedules of claims, crashes, lost sessions and ends of leases nothing is lost, stale or done twice"
    )
    func schedules() async {
        if let seed = ProcessInfo.processInfo.environment["OFFLOAD_SIMULATION_SEED"].flatMap(UInt64.init) {
            return expectNoHarm(seed)
        }
        // The seeds of this run: others each day would be better at finding, and worse at telling who broke it.
        let parts = 4
        await withTaskGroup(of: [UInt64].self) { group in
            for part in 0..<parts {
                group.addTask {
                    (0..<Self.schedules / parts).map { UInt64($0 * parts + part) }.filter { seed in
                        var simulation = Simulation(seed: seed)
                        return simulation.run() != nil
                    }
                }
            }
            var ran = 0
            for await failing in group {
                ran += Self.schedules / parts
                if let seed = failing.first { expectNoHarm(seed, beside: failing.dropFirst()) }
            }
            #expect(ran == Self.schedules)
        }
    }

    private func expectNoHarm(_ seed: UInt64, beside others: ArraySlice<UInt64> = []) {
        var simulation = Simulation(seed: seed, keepsTrace: true)
        let harm = simulation.run()
        let repeats = "OFFLOAD_SIMULATION_SEED=\(seed) swift test --filter SimulationTests repeats it"
        let further = others.isEmpty ? "" : "; \(others.count) more, such as \(Array(others.prefix(9)))"
        #expect(
            harm == nil,
            "seed \(seed): \(harm ?? "")\n\(repeats)\(further)\n\(simulation.trace.joined(separator: "\n"))")
    }

    @Test(
        "each precaution that is left out is found by some schedule, and that schedule again", arguments: Fault.allCases
    )
    func faults(fault: Fault) throws {
        let seed = try #require(
            (0..<20_000).map { UInt64($0) }.first { seed in
                var simulation = Simulation(seed: seed, fault: fault)
                return simulation.run() != nil
            }, "no schedule finds it")
        var first = Simulation(seed: seed, fault: fault, keepsTrace: true)
        var second = Simulation(seed: seed, fault: fault, keepsTrace: true)
        let harm = first.run()
        #expect(harm != nil && harm == second.run())
        #expect(first.trace == second.trace)
        print("\(fault): seed \(seed), \(harm ?? "")")
    }
}
