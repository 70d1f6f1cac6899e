import Testing

@testable import Offload

@Suite("Circuit")
struct CircuitTests {
    @Test("it opens after repeated failure, and lets one try through after the pause")
    func opens() {
        var circuit = Circuit()
        equal(circuit.failed(now: .zero, jitter: 0), false)
        equal(circuit.failed(now: .zero, jitter: 0), false)
        equal(circuit.failed(now: .zero, jitter: 0), true)
        #expect(!circuit.allows(now: .milliseconds(999)))
        #expect(circuit.allows(now: .seconds(1)))
        equal(circuit.failed(now: .seconds(1), jitter: 0), true)
        #expect(circuit.pause(now: .seconds(1)) == .seconds(2))
    }

    @Test("after the pause one probe goes ahead, and the others wait for it")
    func probes() {
        var circuit = Circuit()
        equal(circuit.admit(now: .zero), .open)
        for _ in 0..<3 { _ = circuit.failed(now: .zero, jitter: 0) }
        equal(circuit.admit(now: .milliseconds(999)), .closed)
        equal(circuit.admit(now: .seconds(1)), .probe(1))
        equal(circuit.admit(now: .seconds(1)), .awaitProbe)
        equal(circuit.gaveUp(2), false)
        equal(circuit.admit(now: .seconds(1)), .awaitProbe)
        // It ended without a word on the store: the next goes ahead.
        equal(circuit.gaveUp(1), true)
        equal(circuit.admit(now: .seconds(1)), .probe(2))
        equal(circuit.failed(now: .seconds(2), jitter: 0), true)
        equal(circuit.admit(now: .seconds(2)), .closed)
        equal(circuit.admit(now: .seconds(4)), .probe(3))
        circuit.succeeded()
        equal(circuit.admit(now: .seconds(4)), .open)
    }

    @Test("what was under way when it opened does not keep it open longer")
    func stragglers() {
        var circuit = Circuit()
        for _ in 0..<3 { _ = circuit.failed(now: .zero, jitter: 0) }
        for _ in 0..<13 { equal(circuit.failed(now: .milliseconds(500), jitter: 0), false) }
        #expect(circuit.pause(now: .zero) == .seconds(1))
    }

    @Test("a failure that would come again at once opens it alone, for as long as the store asks")
    func lasting() {
        var circuit = Circuit()
        equal(circuit.failed(now: .zero, jitter: 0, isLasting: true), true)
        #expect(circuit.pause(now: .zero) == .seconds(1))
        equal(circuit.failed(now: .zero, jitter: 0, isLasting: true, pause: .seconds(600)), true)
        #expect(circuit.pause(now: .zero) == .seconds(600))
        circuit.succeeded()
        equal(circuit.failed(now: .zero, jitter: 0, pause: .seconds(600)), false)
        #expect(circuit.allows(now: .zero))
    }

    @Test("a success closes it")
    func closes() {
        var circuit = Circuit()
        for _ in 0..<5 { _ = circuit.failed(now: .zero, jitter: 0.5) }
        circuit.succeeded()
        #expect(circuit.allows(now: .zero))
        #expect(circuit.failures == 0)
    }
}

@Suite("Low-water mark")
struct LowWaterMarkTests {
    @Test("an empty answer above the mark is followed by a scan from the start")
    func emptyAboveTheMark() {
        var mark = LowWaterMark()
        let first = mark.next(now: .zero)
        #expect(first == 0)
        equal(mark.claimed(lowestID: 500, from: first), true)
        let second = mark.next(now: .seconds(1))
        #expect(second == 500)
        equal(mark.claimed(lowestID: nil, from: second), true)
        let third = mark.next(now: .seconds(1))
        #expect(third == 0)
        equal(mark.claimed(lowestID: nil, from: third), false)
    }

    @Test("a job that is committed late, below the mark, is found by the next full scan")
    func lateCommit() {
        var mark = LowWaterMark()
        _ = mark.claimed(lowestID: 900, from: mark.next(now: .zero))
        equal(mark.next(now: .seconds(1)), 900)
        equal(mark.next(now: .seconds(2)), 0)
    }
}
