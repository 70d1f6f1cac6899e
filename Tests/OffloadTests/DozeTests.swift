import Testing

@testable import Offload

@Suite("Doze")
struct DozeTests {
    @Test("it looks once more under the lock before it dozes")
    func looksUnderTheLock() {
        var doze = Doze()
        equal(doze.looked(found: false, now: .seconds(1)), .takeLock)
        equal(doze.tried(succeeded: true), .look)
        equal(doze.looked(found: false, now: .seconds(1)), .doze(atMost: .seconds(30)))
    }

    @Test("work that is found under the lock gives the lock back")
    func givesTheLockBack() {
        var doze = Doze()
        _ = doze.looked(found: false, now: .seconds(1))
        _ = doze.tried(succeeded: true)
        equal(doze.looked(found: true, now: .seconds(1)), .giveLock)
        equal(doze.unlocked(), .look)
    }

    @Test("who was rung gives the lock back and looks; whose time is over looks under the lock and dozes on")
    func wakes() {
        var doze = Doze()
        _ = doze.looked(found: false, now: .seconds(1))
        _ = doze.tried(succeeded: true)
        _ = doze.looked(found: false, now: .seconds(1))
        equal(doze.woke(rung: false), .look)
        equal(doze.looked(found: false, now: .seconds(31)), .doze(atMost: .seconds(30)))
        equal(doze.woke(rung: true), .giveLock)
    }

    @Test("a lock that is not to be had keeps it awake: a producer is about to commit")
    func staysAwake() {
        var doze = Doze()
        _ = doze.looked(found: false, now: .seconds(1))
        equal(doze.tried(succeeded: false), .pause(.milliseconds(50)))
    }

    @Test("a lock that is not to be had for long belongs to another listener: it polls each second")
    func pollsBesideAListener() {
        var doze = Doze()
        for _ in 0..<40 { _ = doze.tried(succeeded: false) }
        equal(doze.tried(succeeded: false), .pause(.seconds(1)))
    }

    @Test("after work it stays awake for a while")
    func lingers() {
        var doze = Doze()
        equal(doze.looked(found: true, now: .seconds(1)), .look)
        equal(doze.looked(found: false, now: .milliseconds(1100)), .pause(.milliseconds(50)))
        equal(doze.looked(found: false, now: .milliseconds(1300)), .takeLock)
    }
}
