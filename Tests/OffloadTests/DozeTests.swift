import Testing

@testable import Offload

@Suite("Doze")
struct DozeTests {
    @Test("it looks once more under the lock before it dozes")
    func looksUnderTheLock() {
        var doze = Doze()
        equal(doze.looked(found: 0, now: .seconds(1)), .takeLock)
        equal(doze.tried(.taken), .look)
        equal(doze.looked(found: 0, now: .seconds(1)), .doze(atMost: .seconds(10)))
    }

    @Test("work that is found under the lock gives the lock back")
    func givesTheLockBack() {
        var doze = Doze()
        _ = doze.looked(found: 0, now: .seconds(1))
        _ = doze.tried(.taken)
        equal(doze.looked(found: 1, now: .seconds(1)), .giveLock)
        equal(doze.unlocked(), .look)
    }

    @Test("who was rung gives the lock back and looks; a retry that is due is looked for under the lock")
    func wakes() {
        var doze = Doze()
        _ = doze.looked(found: 0, now: .seconds(1))
        _ = doze.tried(.taken)
        _ = doze.looked(found: 0, now: .seconds(1))
        equal(doze.woke(.due, now: .seconds(5)), .look)
        equal(doze.looked(found: 0, now: .seconds(5)), .doze(atMost: .seconds(10)))
        equal(doze.woke(.rung, now: .seconds(6)), .giveLock)
    }

    @Test("in silence it asks whether the session lives, and looks only now and then")
    func silence() {
        var doze = Doze()
        _ = doze.looked(found: 0, now: .seconds(1))
        _ = doze.tried(.taken)
        _ = doze.looked(found: 0, now: .seconds(1))
        equal(doze.woke(.silence, now: .seconds(11)), .doze(atMost: .seconds(10)))
        equal(doze.woke(.silence, now: .seconds(21)), .doze(atMost: .seconds(10)))
        equal(doze.woke(.silence, now: .seconds(31)), .look)
        equal(doze.hasFoundUnrung, false)
        equal(doze.looked(found: 1, now: .seconds(31)), .giveLock)
        equal(doze.hasFoundUnrung, true)
        _ = doze.unlocked()
        _ = doze.looked(found: 1, now: .seconds(31))
        equal(doze.hasFoundUnrung, false)
    }

    @Test("a lock that a producer holds keeps it awake: it is about to commit")
    func staysAwake() {
        var doze = Doze()
        _ = doze.looked(found: 0, now: .seconds(1))
        equal(doze.tried(.heldByProducer), .pause(.milliseconds(50)))
        for _ in 0..<40 { _ = doze.tried(.heldByProducer) }
        equal(doze.tried(.heldByProducer), .pause(.milliseconds(100)))
    }

    @Test("beside another listener it stands by, is rung with it, and takes its place when it is gone")
    func standsBy() {
        var doze = Doze()
        _ = doze.looked(found: 0, now: .seconds(1))
        equal(doze.tried(.heldByListener), .standBy(atMost: .seconds(10)))
        equal(doze.woke(.rung, now: .seconds(2)), .look)
        _ = doze.looked(found: 0, now: .seconds(2))
        equal(doze.tried(.heldByListener), .standBy(atMost: .seconds(10)))
        equal(doze.woke(.silence, now: .seconds(12)), .takeLock)
        equal(doze.tried(.taken), .look)
    }

    @Test("where nobody rings it polls each second")
    func polls() {
        var doze = Doze()
        equal(doze.tried(.off), .pause(.seconds(1)))
    }

    @Test("after much work it stays awake for a while, after a little it is rung for the next")
    func lingers() {
        var doze = Doze()
        equal(doze.looked(found: 1, now: .seconds(1)), .look)
        equal(doze.looked(found: 0, now: .milliseconds(1010)), .takeLock)
        equal(doze.looked(found: 40, now: .seconds(2)), .look)
        equal(doze.looked(found: 0, now: .milliseconds(2100)), .pause(.milliseconds(50)))
        equal(doze.looked(found: 0, now: .milliseconds(2300)), .takeLock)
    }

    @Test("it lingers at 200 jobs a second, and not at 20")
    func lingersAboveARate() {
        for (rate, lingers) in [(20, false), (200, true)] {
            var doze = Doze()
            var now: Duration = .zero
            var last = Doze.Action.look
            for _ in 0..<(3 * rate) {
                now += .seconds(1) / rate
                _ = doze.looked(found: 1, now: now)
                last = doze.looked(found: 0, now: now)
            }
            equal(last, lingers ? .pause(.milliseconds(50)) : .takeLock)
        }
    }

    @Test("claims grow while batches are quick and full, and shrink when they are slow")
    func batchSize() {
        var size = BatchSize(least: 32, most: 128)
        size.took(.milliseconds(100), for: 31)
        equal(size.rows, 32)
        for rows in [64, 128, 128] {
            size.took(.milliseconds(100), for: size.rows)
            equal(size.rows, rows)
        }
        size.took(.seconds(1), for: 128)
        equal(size.rows, 128)
        for rows in [64, 32, 32] {
            size.took(.seconds(3), for: size.rows)
            equal(size.rows, rows)
        }
    }

    @Test("after a look with a claim that came to nothing, attempts are counted before rows are read, for a time")
    func caution() {
        var caution = Caution(lasts: .seconds(60))
        equal(caution.looksAtOnce(now: .zero), true)
        caution.failed(now: .seconds(5))
        equal(caution.looksAtOnce(now: .seconds(64)), false)
        equal(caution.looksAtOnce(now: .seconds(65)), true)
    }

    @Test("peers are rung for after a full batch, once a second at most")
    func peers() {
        var call = PeerCall()
        equal(call.isDue(full: false, now: .seconds(1)), false)
        equal(call.isDue(full: true, now: .seconds(1)), true)
        equal(call.isDue(full: true, now: .milliseconds(1900)), false)
        equal(call.isDue(full: true, now: .milliseconds(2000)), true)
    }
}
