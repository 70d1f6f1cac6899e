import Testing

@testable import Offload

@Suite("Solitude")
struct SolitudeTests {
    @Test("what may have killed its worker is taken only where nothing else is in flight")
    func nothingBeside() {
        let solitude = Solitude()
        equal(solitude.isAlone(inFlight: 1, now: .zero), false)
        equal(solitude.isAlone(inFlight: 0, now: .zero), true)
    }

    @Test("beside others it has half of the time at most, and all of it where there are none")
    func turns() {
        var solitude = Solitude()
        solitude.claimed(whileTheyWait: true, inTheirTurn: false, now: .zero)
        equal(solitude.isDue(now: .zero), true)
        for tenth in 0..<9 {
            solitude.took(since: .milliseconds(100 * tenth), now: .milliseconds(100 * (tenth + 1)))
            equal(solitude.isAlone(inFlight: 0, now: .milliseconds(100 * (tenth + 1))), true)
        }
        solitude.took(since: .milliseconds(900), now: .milliseconds(1000))
        equal(solitude.isAlone(inFlight: 0, now: .milliseconds(1000)), false)
        solitude.claimed(whileTheyWait: true, inTheirTurn: false, now: .milliseconds(1500))
        equal(solitude.isDue(now: .milliseconds(1999)), false)
        equal(solitude.isDue(now: .milliseconds(2000)), true)
        solitude.took(since: .seconds(2), now: .seconds(12))
        equal(solitude.isAlone(inFlight: 0, now: .seconds(21)), false)
        equal(solitude.foundNothing(now: .seconds(13)), true)
        equal(solitude.isAlone(inFlight: 0, now: .seconds(13)), true)
        equal(solitude.foundNothing(now: .seconds(13)), false)
        equal(solitude.isDue(now: .seconds(100)), false)
    }

    @Test("where somebody else is at them, the others are not kept waiting")
    func somebodyElse() {
        var solitude = Solitude()
        solitude.claimed(whileTheyWait: true, inTheirTurn: true, now: .seconds(5))
        equal(solitude.isDue(now: .milliseconds(5999)), false)
        equal(solitude.isDue(now: .seconds(6)), true)
    }
}
