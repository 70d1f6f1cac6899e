/// When the listener looks for work, waits a moment, or dozes until a producer rings.
///
/// Producers ring only while a listener dozes: NOTIFY would otherwise make their commits wait for each other. A
/// producer that finds the bell's lock free holds it, shared, until its commit is visible; the listener takes it,
/// exclusive, before it dozes, and looks once more. So no commit falls between the last look and the doze.
package struct Doze: Sendable {
    package enum Action: Sendable, Equatable {
        /// Look for work until none is found, then say so with `looked`.
        case look
        case pause(Duration)
        /// Try to take the bell's lock, and say so with `tried`.
        case takeLock
        /// Wait for a notification, not beyond the next retry, and say so with `woke`.
        case doze(atMost: Duration)
        /// Give the lock back, and say so with `unlocked`.
        case giveLock
    }

    /// How long it stays awake after work was found: more is likely to come.
    package var linger: Duration = .milliseconds(250)
    package var poll: Duration = .milliseconds(50)
    /// The pause of a worker whose neighbour holds the lock.
    package var idlePoll: Duration = .seconds(1)
    package var fallback: Duration = .seconds(30)

    private var isLocked = false
    private var awakeUntil: Duration = .zero
    private var refusals = 0

    package init() {}

    /// `found`: whether there was work. `now`: from any fixed moment on.
    package mutating func looked(found: Bool, now: Duration) -> Action {
        if found {
            awakeUntil = now + linger
            refusals = 0
            return isLocked ? .giveLock : .look
        }
        if isLocked { return .doze(atMost: fallback) }
        return now < awakeUntil ? .pause(poll) : .takeLock
    }

    package mutating func tried(succeeded: Bool) -> Action {
        isLocked = succeeded
        // The look that counts is the one under the lock.
        if succeeded { return .look }
        // A producer is about to commit; or, after a while, another worker listens.
        refusals += 1
        return .pause(refusals <= 40 ? poll : idlePoll)
    }

    /// `rung`: by a producer, or for another reason to expect work. Otherwise a look under the lock will do.
    package mutating func woke(rung: Bool) -> Action { rung ? .giveLock : .look }

    package mutating func unlocked() -> Action {
        isLocked = false
        return .look
    }

    /// The session was lost, and the lock with it.
    package mutating func reconnected() -> Action {
        isLocked = false
        return .look
    }
}
