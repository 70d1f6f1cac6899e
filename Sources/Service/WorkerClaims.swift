import Offload
import Platform
import Postgres

extension Worker {
    /// Claims and dispatches until nothing is ready; returns how many jobs there were.
    func drain() async throws -> Int {
        var found = 0
        while !isStopping {
            found += try await drainQueue()
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
            var (found, running) = (0, 1)
            var failure: (any Error)?
            group.addTask { await self.dispatchInTurn() }
            while let result = try await group.next() {
                running -= 1
                switch result {
                case .success(let dispatched):
                    found += dispatched.count
                    guard dispatched.count > 0, failure == nil else { continue }
                    while running < (dispatched.isFull ? 2 : 1) {
                        running += 1
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
    /// nothing that is to be carried on gives the slot back.
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
        while taken == nil, mayFind {
            let from = mark.next(now: now)
            taken = try await claim(rows, from: from)
            mayFind = mark.claimed(lowestID: taken?.lowestID, from: from) && taken == nil
        }
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
            batches[claim.lease] = Task { await carry(claim, of: taken.count, since: begun) }
        } else {
            size.took(now - begun, for: taken.count)
            await slots.giveBack(1)
            await tellProgress()
        }
        return (taken.count, isFull)
    }

    private func claim(_ rows: Int, from mark: Int64) async throws -> Queue.Taken? {
        let lease = UniqueID()
        let begun = now
        if caution.looksAtOnce(now: begun) {
            do {
                return try await queue.take(
                    rows, for: settings.lease, fromStart: mark == 0, as: lease, upTo: Batch.inlineLimit)
            } catch PostgresError.server(let error) {
                countFirst(because: error.message)
            } catch PostgresError.timedOut {
                countFirst(because: "the database did not answer in time")
            } catch {
                caution.failed(now: now)
                unanswered[lease] = begun
                throw error
            }
        }
        do {
            return try await queue.claim(rows, for: settings.lease, from: mark, as: lease)
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
