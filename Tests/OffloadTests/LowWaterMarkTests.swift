import Testing

@testable import Offload

@Suite("The low-water mark")
struct LowWaterMarkTests {
    /// Asks once; returns where from. `took` is how long a scan from the start takes.
    private func look(
        _ mark: inout LowWaterMark, at now: inout Duration, finding id: Int64? = nil, took: Duration
    ) -> (place: LowWaterMark.Place, again: Bool) {
        let place = mark.next(now: now)
        let time = place == .start ? took : .milliseconds(1)
        now += time
        return (place, mark.claimed(lowestID: id, from: place, took: time, now: now))
    }

    @Test("where nothing is found from the mark on it looks from the start at once, if that is cheap")
    func looksAgain() {
        var mark = LowWaterMark()
        var now: Duration = .zero
        equal(look(&mark, at: &now, finding: 7, took: .milliseconds(2)).place, .start)
        let second = look(&mark, at: &now, took: .milliseconds(2))
        equal(second.place, .mark(7))
        equal(second.again, true)
        equal(mark.isCertain, false)
        let third = look(&mark, at: &now, took: .milliseconds(2))
        equal(third.place, .start)
        equal(third.again, false)
        equal(mark.isCertain, true)
    }

    @Test("a job that is committed late, below the mark, is found by the next look from the start")
    func lateCommit() {
        var mark = LowWaterMark()
        _ = mark.claimed(lowestID: 900, from: mark.next(now: .zero), took: .zero, now: .zero)
        equal(mark.next(now: .seconds(1)), .mark(900))
        equal(mark.next(now: .seconds(2)), .start)
    }

    @Test("a dear look from the start is made for a tenth of the time, and not for each empty answer")
    func isPaced() {
        var mark = LowWaterMark()
        var now: Duration = .zero
        var spent: Duration = .zero
        var fromTheMark = 0
        var from: [LowWaterMark.Place] = []
        // One alone may have waited for something else.
        equal(look(&mark, at: &now, took: .seconds(5)).again, false)
        equal(look(&mark, at: &now, took: .seconds(5)).again, true)
        equal(look(&mark, at: &now, took: .seconds(5)).place, .start)
        now = .zero
        while now < .seconds(300) {
            let begun = now
            let (place, again) = look(&mark, at: &now, took: .seconds(5))
            from.append(place)
            if place == .start {
                spent += now - begun
                equal(again, false)
            } else {
                fromTheMark += 1
                equal(again, false)
                equal(mark.isCertain, false)
            }
            now += .milliseconds(100)
        }
        #expect(spent <= .seconds(30) && spent >= .seconds(20))
        #expect(fromTheMark > 2000)
    }

    @Test("a look from the start that comes to no end stops none from the mark, and is followed by a careful one")
    func failsAlone() {
        var mark = LowWaterMark()
        equal(mark.next(now: .zero), .start)
        mark.failed(from: .start, took: .seconds(10), now: .seconds(10))
        equal(mark.hasFailed, true)
        for second in 10..<110 {
            equal(mark.next(now: .seconds(second)), .mark(0))
            equal(mark.claimed(lowestID: nil, from: .mark(0), took: .zero, now: .seconds(second)), false)
            equal(mark.isCertain, false)
        }
        equal(mark.next(now: .seconds(110)), .start)
        equal(mark.claimed(lowestID: nil, from: .start, took: .milliseconds(1), now: .seconds(110)), false)
        equal(mark.hasFailed, false)
        equal(mark.isCertain, true)
    }

    @Test("who finds something from the start did not only look, and is not slow for that")
    func worksAndLooks() {
        var mark = LowWaterMark()
        equal(mark.next(now: .zero), .start)
        equal(mark.claimed(lowestID: 3, from: .start, took: .milliseconds(900), now: .zero), false)
        equal(mark.next(now: .zero), .mark(3))
        equal(mark.claimed(lowestID: nil, from: .mark(3), took: .zero, now: .zero), true)
    }

    @Test("ended leases are looked for since the last look, and all of them for a tenth of the time")
    func endedLeases() {
        var ended = EndedLeases(overlap: .seconds(60))
        equal(ended.next(now: .seconds(5)), nil)
        ended.failed(back: nil, took: .seconds(120), now: .seconds(125))
        equal(ended.next(now: .seconds(130)), .seconds(190))
        ended.looked(back: .seconds(190), took: .zero, now: .seconds(130))
        equal(ended.next(now: .seconds(150)), .seconds(80))
        ended.failed(back: .seconds(80), took: .seconds(10), now: .seconds(160))
        equal(ended.next(now: .seconds(170)), .seconds(100))
        equal(ended.next(now: .seconds(1324)), .seconds(1254))
        equal(ended.next(now: .seconds(1325)), nil)
        ended.looked(back: nil, took: .seconds(1), now: .seconds(1326))
        equal(ended.next(now: .seconds(1346)), .seconds(81))
        equal(ended.next(now: .seconds(1925)), nil)
    }
}
