@testable import Offload

/// Random numbers that a seed repeats.
struct Draw {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(truncatingIfNeeded: next() >> 33) % limit }
    mutating func happens(_ percent: Int) -> Bool { below(100) < percent }
}

/// What can be left out of the protocol, so that the simulation has something to find.
enum Fault: CaseIterable {
    case noSecondLook, standsByForProducers, noScanFromTheStart, noReaping, noFence, completesWithoutLease
    case forgetsEarlierRings, nobodyTakesOver, readsBeforeItClaims
}

/// A database, producers and workers on one clock, every step of which the seed decides: when it happens, and whether a
/// worker crashes, stalls beyond its leases or loses its session. The workers follow the state machines of the product.
struct Simulation {
    static let rows = 2
    static let workers = 2
    static let producers = 2
    static let leaseTime = 2000
    static let beatTime = 660

    enum JobState { case unseen, ready, leased, gone }

    struct Job {
        var row: Int
        var state = JobState.unseen
        var readyAt = 0
        var isFresh = true
        var lease = 0
        var leasedUntil = 0
        var attempts = 0
        var visibleAt = 0
        var wasClaimed = false
    }

    struct Producer {
        enum Step { case begin, append, end, release }
        var next = 0
        var step = Step.begin
        var left = 0
        var row = 0
        var job = 0
        var shares = false
        var rings = false
    }

    /// One claimed row on its way.
    struct Batch {
        enum Step { case fetch, lock, write }
        var next = 0
        var step = Step.fetch
        var job = 0
        var lease = 0
        var version = 0
    }

    struct Worker {
        var next = 0
        var nextBeat = 0
        var doze = Doze()
        var mark = LowWaterMark()
        var action = Doze.Action.look
        var isWaiting = false
        var found = 0
        var isDueSooner = false
        var mayFindMore = false
        var batches: [Batch] = []
        /// Which rows needed nothing when it last looked.
        var settled = [Bool](repeating: false, count: rows)
    }

    private(set) var now = 0
    private(set) var trace: [String] = []
    private var draw: Draw
    private let fault: Fault?
    private let keepsTrace: Bool
    private var isCalm = true
    private var version = [Int](repeating: 1, count: rows)
    private var url = [Int](repeating: 1, count: rows)
    private var isRowLocked = [Bool](repeating: false, count: rows)
    private var jobs: [Job] = []
    private var bell: Int?
    private var sharers = 0
    private var rung = [Bool](repeating: false, count: workers)
    private var nextLease = 1
    private var producers = [Producer](repeating: Producer(), count: producers)
    private var workers = [Worker](repeating: Worker(), count: workers)
    private var harm: String?
    /// Transactions to come, and jobs.
    private var remaining = 0

    init(seed: UInt64, fault: Fault? = nil, keepsTrace: Bool = false) {
        draw = Draw(seed: seed)
        self.fault = fault
        self.keepsTrace = keepsTrace
        isCalm = draw.happens(50)
        jobs.reserveCapacity(8)
        for index in producers.indices {
            producers[index].left = 1 + draw.below(2)
            producers[index].next = draw.below(400)
            remaining += producers[index].left
        }
        for index in workers.indices {
            workers[index].next = draw.below(30)
            workers[index].nextBeat = draw.below(Self.beatTime)
        }
    }

    /// Runs until everything is done. Returns what went wrong.
    mutating func run() -> String? {
        while harm == nil, !isDone {
            step()
            // Only after a crash may the fallback be needed: who wrote a row and died had not looked at what came for it.
            if now > (isCalm ? 25_000 : 60_000) { harm = "not done after \(now) ms" }
        }
        if harm == nil, url != version { harm = "URLs \(url) of versions \(version)" }
        return harm
    }

    private var isDone: Bool { remaining == 0 }

    private mutating func end(_ job: Int) {
        jobs[job].state = .gone
        remaining -= 1
    }

    /// Whoever is next acts.
    private mutating func step() {
        var time = Int.max
        var kind = 0
        var who = 0
        var which = 0
        for index in producers.indices where producers[index].left > 0 && producers[index].next < time {
            (time, kind, who) = (producers[index].next, 0, index)
        }
        for index in workers.indices {
            if workers[index].nextBeat < time { (time, kind, who) = (workers[index].nextBeat, 2, index) }
            if workers[index].next < time { (time, kind, who) = (workers[index].next, 1, index) }
            for (position, batch) in workers[index].batches.enumerated() where batch.next < time {
                (time, kind, who, which) = (batch.next, 3, index, position)
            }
        }
        now = max(now, time)
        switch kind {
        case 0: produce(who)
        case 1: listen(who)
        case 2: beat(who)
        default: carry(who, which)
        }
        if !isCalm, draw.happens(2) { disturb(draw.below(Self.workers)) }
    }

    private mutating func note(_ text: @autoclosure () -> String) {
        if keepsTrace { trace.append("\(now) \(text())") }
    }

    // MARK: Producers

    private mutating func produce(_ index: Int) {
        var producer = producers[index]
        defer { producers[index] = producer }
        producer.next = now + 1 + draw.below(draw.happens(5) ? 3000 : 8)
        switch producer.step {
        case .begin:
            producer.row = draw.below(Self.rows)
            guard !isRowLocked[producer.row] else { return }
            isRowLocked[producer.row] = true
            producer.job = jobs.count
            jobs.append(Job(row: producer.row))
            remaining += 1
            producer.step = .append
        case .append:
            producer.shares = bell == nil
            producer.rings = !producer.shares
            if producer.shares { sharers += 1 }
            note("producer \(index) job \(producer.job) of row \(producer.row) \(producer.shares ? "shares" : "rings")")
            producer.step = .end
        case .end:
            if draw.happens(20) {
                end(producer.job)
                producer.rings = false
                note("producer \(index) rolls back")
            } else {
                version[producer.row] += 1
                url[producer.row] = 0
                jobs[producer.job].state = .ready
                jobs[producer.job].visibleAt = now
                note("producer \(index) commits job \(producer.job)")
            }
            producer.step = .release
            producer.next = now + draw.below(2)
        case .release:
            isRowLocked[producer.row] = false
            if producer.shares { sharers -= 1 }
            if producer.rings { for worker in workers.indices { ring(worker) } }
            producer.step = .begin
            producer.left -= 1
            remaining -= 1
            producer.next = now + draw.below(draw.happens(30) ? 2000 : 20)
        }
    }

    private mutating func ring(_ worker: Int) {
        rung[worker] = true
        if workers[worker].isWaiting { workers[worker].next = min(workers[worker].next, now + 1) }
    }

    // MARK: Workers

    private mutating func listen(_ index: Int) {
        workers[index].next = now + 1 + draw.below(draw.happens(5) ? 150 : 3)
        switch workers[index].action {
        case .look: look(index)
        case .pause(let pause):
            wait(index, pause) { simulation in simulation.workers[index].action = .look }
        case .takeLock:
            var lock = Doze.Lock.heldByProducer
            if let bell {
                lock = bell == index ? .taken : .heldByListener
            } else if sharers == 0 {
                bell = index
                lock = .taken
            }
            if lock == .heldByProducer, fault == .standsByForProducers { lock = .heldByListener }
            note("worker \(index) tries: \(lock)")
            workers[index].action = workers[index].doze.tried(lock)
            if lock == .taken, fault == .noSecondLook {
                workers[index].action = workers[index].doze.looked(found: 0, now: clock)
            }
        case .doze(let limit):
            if !workers[index].isWaiting { beginDoze(index) }
            doze(index, min(limit, untilDue))
        case .standBy(let limit):
            if !workers[index].isWaiting {
                workers[index].isDueSooner = false
                if fault == .forgetsEarlierRings { rung[index] = false }
            }
            doze(index, fault == .nobodyTakesOver ? .seconds(3600) : limit)
        case .giveLock:
            if bell == index { bell = nil }
            note("worker \(index) gives the lock")
            workers[index].action = workers[index].doze.unlocked()
        }
    }

    private var clock: Duration { .milliseconds(now) }

    private var untilDue: Duration {
        var due = Duration.seconds(3600)
        for job in jobs where job.state == .ready && !job.isFresh {
            due = min(due, max(.milliseconds(50), .milliseconds(job.readyAt - now)))
        }
        return due
    }

    private mutating func beginDoze(_ index: Int) {
        workers[index].isDueSooner = untilDue < .seconds(10)
        if fault == .forgetsEarlierRings { rung[index] = false }
    }

    private mutating func doze(_ index: Int, _ limit: Duration) {
        wait(index, limit) { simulation in
            let isRung = simulation.rung[index] || simulation.workers[index].mayFindMore
            simulation.rung[index] = false
            simulation.workers[index].mayFindMore = false
            let reason: Doze.Reason =
                isRung ? .rung : simulation.workers[index].isDueSooner ? .due : .silence
            simulation.note("worker \(index) wakes: \(reason)")
            simulation.workers[index].action = simulation.workers[index].doze.woke(reason, now: simulation.clock)
        }
    }

    /// Begins to wait, or ends it. A ring ends a doze before its time.
    private mutating func wait(_ index: Int, _ limit: Duration, _ then: (inout Simulation) -> Void) {
        if workers[index].isWaiting {
            workers[index].isWaiting = false
            workers[index].next = now
            then(&self)
        } else {
            workers[index].isWaiting = true
            let isPause = if case .pause = workers[index].action { true } else { false }
            let isCalled = !isPause && (rung[index] || workers[index].mayFindMore)
            workers[index].next = now + (isCalled ? 1 : max(1, Int(limit / .milliseconds(1))))
        }
    }

    /// One claim: of one row, with all that was queued for it.
    private mutating func look(_ index: Int) {
        defer { workers[index].settled = version.indices.map { url[$0] == version[$0] } }
        guard workers[index].batches.count < 2 else {
            workers[index].next = now + 2
            return
        }
        if workers[index].found == 0 { workers[index].mayFindMore = false }
        let mark = workers[index].mark.next(now: clock)
        let from = mark == 0 && fault != .noScanFromTheStart ? 0 : commonMark
        let job = claimable(from: from)
        if let job, jobs[job].isFresh {
            commonMark = from == 0 ? job + 1 : max(commonMark, job + 1)
            // As a take leaves it that is rolled back.
            if !isCalm, draw.below(8) == 0 { commonMark += 1 + draw.below(3) }
        }
        if fault != .noScanFromTheStart {
            let mayFind = workers[index].mark.claimed(lowestID: job.map { Int64($0) }, from: mark)
            if job == nil, mayFind { return }
        }
        if let job {
            claim(job, index)
            workers[index].found += 1
        } else {
            let found = workers[index].found
            workers[index].found = 0
            workers[index].action = workers[index].doze.looked(found: found, now: clock)
        }
    }

    /// Where all begin who do not begin at the start.
    private var commonMark = 0

    private func claimable(from: Int) -> Int? {
        for (id, job) in jobs.enumerated() where job.state == .ready && job.readyAt <= now {
            if job.isFresh, id < from { continue }
            var isHeld = false
            for other in jobs where other.state == .leased && other.row == job.row { isHeld = true }
            if !isHeld { return id }
        }
        return nil
    }

    private mutating func claim(_ first: Int, _ index: Int) {
        var id = first
        for other in first..<jobs.count where jobs[other].state == .ready && jobs[other].row == jobs[first].row {
            wait(for: other)
            if other != id { end(id) }
            id = other
        }
        // Read with the claim, before an attempt is counted; what was tried before is held first.
        let row = jobs[id].row
        let needsNothing = fault == .readsBeforeItClaims ? workers[index].settled[row] : url[row] == version[row]
        if needsNothing, jobs[id].attempts == 0 {
            note("worker \(index) ends job \(id) of row \(row) at the claim")
            return end(id)
        }
        jobs[id].state = .leased
        jobs[id].lease = nextLease
        jobs[id].leasedUntil = now + Self.leaseTime
        jobs[id].attempts += 1
        let lease = nextLease
        note("worker \(index) claims job \(id) of row \(row), lease \(lease)")
        let batch = Batch(next: now + 1 + draw.below(10), job: id, lease: nextLease)
        workers[index].batches.append(batch)
        nextLease += 1
    }

    /// Where nothing goes wrong, nothing waits for a poll that is far away.
    private mutating func wait(for id: Int) {
        guard !jobs[id].wasClaimed else { return }
        jobs[id].wasClaimed = true
        if isCalm, now - jobs[id].visibleAt > 1500 {
            harm = "job \(id) was claimed after \(now - jobs[id].visibleAt) ms"
        }
    }

    private mutating func carry(_ index: Int, _ position: Int) {
        var batch = workers[index].batches[position]
        batch.next = now + 1 + draw.below(20)
        let row = jobs[batch.job].row
        let holds = jobs[batch.job].state == .leased && jobs[batch.job].lease == batch.lease
        switch batch.step {
        case .fetch:
            batch.version = version[row]
            batch.step = .lock
        case .lock:
            if !holds, fault != .completesWithoutLease { return finish(index, position) }
            guard !isRowLocked[row] else {
                putOff(batch, by: 200)
                return finish(index, position)
            }
            isRowLocked[row] = true
            batch.step = .write
            batch.next = now + 1
        case .write:
            isRowLocked[row] = false
            if version[row] == batch.version || fault == .noFence {
                if version[row] != batch.version { harm = "row \(row) got a URL of an older version" }
                url[row] = batch.version
                if holds {
                    end(batch.job)
                } else if fault == .completesWithoutLease {
                    harm = "job \(batch.job) was ended by who had lost it"
                }
                note("worker \(index) writes row \(row)")
            } else {
                putOff(batch, by: 0)
                note("worker \(index) finds row \(row) changed")
            }
            return finish(index, position)
        }
        workers[index].batches[position] = batch
    }

    private mutating func putOff(_ batch: Batch, by delay: Int) {
        guard jobs[batch.job].state == .leased, jobs[batch.job].lease == batch.lease else { return }
        jobs[batch.job].state = .ready
        jobs[batch.job].isFresh = false
        jobs[batch.job].readyAt = now + delay
    }

    private mutating func finish(_ index: Int, _ position: Int) {
        workers[index].batches.remove(at: position)
        lookAgain(index)
    }

    private mutating func lookAgain(_ index: Int) {
        workers[index].mayFindMore = true
        if workers[index].isWaiting, case .doze = workers[index].action { workers[index].next = now }
        if workers[index].isWaiting, case .standBy = workers[index].action { workers[index].next = now }
    }

    private mutating func beat(_ index: Int) {
        workers[index].nextBeat = now + Self.beatTime
        let batches = workers[index].batches
        for batch in batches
        where jobs[batch.job].state == .leased && jobs[batch.job].lease == batch.lease {
            jobs[batch.job].leasedUntil = now + Self.leaseTime
        }
        guard fault != .noReaping else { return }
        var reaped = false
        for id in jobs.indices where jobs[id].state == .leased && jobs[id].leasedUntil < now {
            jobs[id].state = .ready
            jobs[id].isFresh = false
            jobs[id].readyAt = now
            jobs[id].lease = 0
            reaped = true
            note("worker \(index) reaps job \(id)")
        }
        if reaped { lookAgain(index) }
    }

    // MARK: Trouble

    private mutating func disturb(_ index: Int) {
        guard workers[index].next < .max else { return }
        switch draw.below(3) {
        case 0:
            note("worker \(index) crashes")
            endSession(index)
            let batches = workers[index].batches
            for batch in batches where batch.step == .write { isRowLocked[jobs[batch.job].row] = false }
            // One of them may be gone for good.
            let isLast = workers.contains { $0.next == .max }
            let next = isLast || draw.happens(50) ? now + draw.below(4000) : .max
            workers[index] = Worker(next: next, nextBeat: next)
        case 1:
            note("worker \(index) stalls")
            let pause = draw.below(2 * Self.leaseTime)
            workers[index].next += pause
            workers[index].nextBeat += pause
            // What holds a row's lock is one statement in the server, and goes on.
            for (position, batch) in workers[index].batches.enumerated() where batch.step != .write {
                workers[index].batches[position].next = batch.next + pause
            }
        default:
            note("worker \(index) loses its session")
            endSession(index)
            workers[index].isWaiting = false
            workers[index].found = 0
            workers[index].action = workers[index].doze.reconnected()
            workers[index].next = now + draw.below(500)
        }
    }

    private mutating func endSession(_ index: Int) {
        if bell == index { bell = nil }
        rung[index] = false
    }
}
