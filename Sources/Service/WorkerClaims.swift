import Offload
import Platform
import Postgres

extension Worker {
    /// Claims and dispatches until nothing is ready; returns how many jobs there were.
    func drain() async throws -> Int {
        var found = 0
        while !isStopping {
            found += try await drainQueue()
            if solitude.isDue(now: now), !isStopping {
                for batch in batches.values { await batch.value }
                continue
            }
            guard !isStopping, mayHaveChores || settings.untilEmpty else { break }
            let tables = try await queue.backfill(batch: 1000)
            mayHaveChores = if tables > 0 { true } else { try await moveStores() }
            areChoresTaken = !mayHaveChores
            if !mayHaveChores { break }
            found += 1
        }
        return found
    }

    /// One claim after the other, and two at once while they come back full: the server commits one while it reads for
    /// the other. The last answer of all was empty.
    private func drainQueue() async throws -> Int {
        try await withThrowingTaskGroup(of: Result<(count: Int, isFull: Bool), any Error>.self) { group in
            var found = 0
            var failure: (any Error)?
            lanes = 1
            defer { lanes = 0 }
            group.addTask { await self.dispatchInTurn() }
            while let result = try await group.next() {
                lanes -= 1
                switch result {
                case .success(let dispatched):
                    found += dispatched.count
                    guard dispatched.count > 0, failure == nil else { continue }
                    // What is in flight ends first; who is in no turn of his own goes on.
                    guard !solitude.isDue(now: now) || batches.isEmpty else { continue }
                    while lanes < (dispatched.isFull ? 2 : 1) {
                        lanes += 1
                        group.addTask { await self.dispatchInTurn() }
                    }
                case .failure(let error):
                    failure = failure ?? error
                }
            }
            if let failure { throw failure }
            if found > 0 { await tellProgress(atLast: batches.isEmpty) }
            return found
        }
    }

    private func dispatchInTurn() async -> Result<(count: Int, isFull: Bool), any Error> {
        _ = await slots.take(1)
        do {
            // It may have waited long for its slot.
            if isStopping {
                await slots.giveBack(1)
                return .success((0, false))
            }
            return .success(try await dispatch())
        } catch {
            await slots.giveBack(1)
            return .failure(error)
        }
    }

    /// One batch of what is to be moved between stores. What fails there keeps nobody from the rows.
    private func moveStores() async throws -> Bool {
        do {
            try await stores.load()
            return try await move.step()
        } catch let error as PostgresError {
            if case .server = error {
                log.limited(.warning, "stores cannot be moved", every: 60, ("reason", "\(error)"))
                return false
            }
            throw error
        }
    }

    /// Claims one batch and sets it on its way, in the slot that the caller took; returns how many jobs it has. Who finds
    /// nothing that is to be carried on gives the slot back. What is to be alone is waited for.
    private func dispatch() async throws -> (count: Int, isFull: Bool) {
        for (lease, begun) in unanswered {
            // The server may carry it out yet.
            let held = try await queue.release(nil, lease)
            if held > 0 || now - begun > settings.lease { unanswered[lease] = nil }
        }
        let rows = size.rows
        let begun = now
        var taken: Queue.Taken?
        var mayFind = true
        while taken == nil, mayFind { (taken, mayFind) = try await look(rows) }
        guard let taken else {
            await slots.giveBack(1)
            return (0, false)
        }
        let isFull = taken.count >= rows
        if peerCall.isDue(full: isFull, now: now) { Task { try? await queue.callPeers() } }
        counters.completed += taken.ended
        if let claim = taken.claim {
            Failpoint.claimed.reached()
            leases[claim.lease] = Set(claim.jobs.map(\.id))
            counters.inFlight += claim.jobs.count
            let batch = Task { await carry(claim, of: taken.count, since: begun) }
            batches[claim.lease] = batch
            if taken.isAlone {
                await batch.value
                solitude.took(since: begun, now: now)
            }
        } else {
            size.took(now - begun, for: taken.count)
            await slots.giveBack(1)
            await tellProgress()
        }
        return (taken.count, isFull)
    }

    /// Nil: nothing was found, and it may look again or not.
    private func look(_ rows: Int) async throws -> (Queue.Taken?, mayFind: Bool) {
        let begun = now
        let place = mark.next(now: begun)
        do {
            let isAlone = solitude.isAlone(inFlight: batches.count + lanes - 1, now: begun)
            let taken = try await claim(rows, from: place, alone: isAlone)
            let mayFind = mark.claimed(lowestID: taken?.lowestID, from: place, took: now - begun, now: now)
            // Where nothing comes nothing is to be told, and asked.
            if taken != nil || mark.isDear { closeArrivals() }
            guard let taken else { return (nil, mayFind || solitude.foundNothing(now: now)) }
            if !taken.isAlone {
                solitude.claimed(whileTheyWait: taken.areSuspectsDue, inTheirTurn: isAlone, now: now)
            }
            return (taken, false)
        } catch {
            mark.failed(from: place, took: now - begun, now: now)
            if mark.isDear { closeArrivals() }
            guard case PostgresError.timedOut = error, place == .start else { throw error }
            log.limited(.warning, "a look at all that waits came to no end in time", every: 60)
            return (nil, true)
        }
    }

    /// Beside the claims: whoever looks from the start need not look through what is done.
    private func closeArrivals() {
        let begun = now
        guard !isClosing, closing.isDue(now: begun) else { return }
        isClosing = true
        Task {
            defer { isClosing = false }
            do {
                appending = try await queue.closeArrivals(appending)
            } catch {
                log.limited(
                    .warning, "what is done could not be told from what waits", every: 60, ("reason", "\(error)"))
            }
            closing.took(now - begun, now: now)
        }
    }

    private func claim(
        _ rows: Int, from place: LowWaterMark.Place, alone: Bool
    ) async throws -> Queue.Taken? {
        let lease = UniqueID()
        let begun = now
        // From the start either the way is long, or a row is there that cannot be read: it is claimed first then.
        if caution.looksAtOnce(now: begun), place != .start || !mark.hasFailed {
            do {
                return try await queue.take(
                    rows, for: settings.lease, fromStart: place == .start, as: lease, upTo: Batch.inlineLimit,
                    alone: alone)
            } catch PostgresError.server(let error) {
                countFirst(because: error.message)
            } catch PostgresError.timedOut where place != .start {
                countFirst(because: "the database did not answer in time")
            } catch PostgresError.timedOut {
                throw PostgresError.timedOut
            } catch {
                caution.failed(now: now)
                unanswered[lease] = begun
                throw error
            }
        }
        do {
            return try await queue.claim(rows, for: settings.lease, from: place, as: lease, alone: alone)
        } catch {
            unanswered[lease] = begun
            throw error
        }
    }
    /// All that the look did was taken back with it.
    private func countFirst(because reason: String) {
        caution.failed(now: now)
        log.limited(.info, "rows are claimed before they are read, for a while", every: 60, ("reason", reason))
    }
}
