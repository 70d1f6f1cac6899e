/// When the listener looks for work, waits a moment, or dozes until a producer rings.
///
/// Producers ring only while a listener dozes: NOTIFY would otherwise make their commits wait for each other. A
/// producer that finds the bell's lock free holds it, shared, until its commit is visible; the listener takes it,
/// exclusive, before it dozes, and looks once more. So no commit falls between the last look and the doze.
///
/// Of several listeners one holds the lock, and the others stand by: they are rung as it is, and take its place once
/// it is gone. `docs/models/queue.pml` holds the same steps, checked in every order.
package struct Doze: Sendable {
    package enum Action: Sendable, Equatable {
        /// Look for work until none is found, then say so with `looked`.
        case look
        case pause(Duration)
        /// Try to take the bell's lock, and say so with `tried`.
        case takeLock
        /// With the lock: ask when the next retry is due, wait for a notification until then, and say so with `woke`.
        case doze(atMost: Duration)
        /// Beside the lock's holder: wait for a notification, and say so with `woke`.
        case standBy(atMost: Duration)
        /// Give the lock back, and say so with `unlocked`.
        case giveLock
    }

    /// What became of the try for the lock.
    package enum Lock: Sendable, Equatable {
        case taken
        /// Another listener dozes: whoever commits now rings, and is heard by all listeners.
        case heldByListener
        /// A producer is about to commit.
        case heldByProducer
        /// The bell is turned off: nobody rings.
        case off
    }

    /// Why a doze ended.
    package enum Reason: Sendable, Equatable {
        /// By a producer or a peer, or there is another reason to expect work.
        case rung
        /// A retry is due: a look under the lock will do.
        case due
        case silence
    }

    /// How long it stays awake after work was found, where more is likely to come.
    package var linger: Duration = .milliseconds(250)
    package var poll: Duration = .milliseconds(50)
    /// The pause beside a producer that takes long to commit.
    package var slowPoll: Duration = .milliseconds(100)
    /// The pause while the bell is turned off.
    package var idlePoll: Duration = .seconds(1)
    /// How long the next look may be away where nobody rings.
    package var fallback: Duration = .seconds(30)
    /// How long the session may be silent: a socket that has died is found by a question.
    package var probe: Duration = .seconds(10)
    /// How long nobody may notice that the lock's holder is gone. No shorter than `probe`: whoever idles asks no more than
    /// twice in ten seconds, also when its fallback falls among its probes.
    package var relief: Duration = .seconds(10)
    /// Below so many jobs a second it is cheaper, and sooner, to be rung for each of them than to linger.
    package var lingerRate = 50.0

    /// Whether the last look that found work had no other reason than the time: nobody had rung for it.
    package private(set) var hasFoundUnrung = false

    private var isLocked = false
    private var isFallback = false
    private var awakeUntil: Duration = .zero
    private var refusals = 0
    /// Jobs beyond `lingerRate`: rises with each, and falls with time.
    private var surplus = 0.0
    private var lastLook: Duration = .zero

    package init() {}

    /// `found`: how many jobs. `now`: from any fixed moment on.
    package mutating func looked(found: Int, now: Duration) -> Action {
        surplus = min(max(0, surplus - lingerRate * ((now - lastLook) / .seconds(1))) + Double(found), 10 * lingerRate)
        lastLook = now
        hasFoundUnrung = isFallback && found > 0
        isFallback = false
        if found > 0 {
            if surplus > lingerRate / 2 { awakeUntil = now + linger }
            refusals = 0
            return isLocked ? .giveLock : .look
        }
        if isLocked { return .doze(atMost: probe) }
        return now < awakeUntil ? .pause(poll) : .takeLock
    }

    package mutating func tried(_ lock: Lock) -> Action {
        isLocked = lock == .taken
        switch lock {
        // The look that counts is the one under the lock.
        case .taken: return .look
        case .heldByListener: return .standBy(atMost: relief)
        case .heldByProducer:
            refusals += 1
            return .pause(refusals <= 40 ? poll : slowPoll)
        case .off: return .pause(idlePoll)
        }
    }

    package mutating func woke(_ reason: Reason, now: Duration) -> Action {
        switch reason {
        case .rung: return isLocked ? .giveLock : .look
        case .due: return .look
        case .silence:
            if now - lastLook >= fallback {
                isFallback = true
                return .look
            }
            return isLocked ? .doze(atMost: probe) : .takeLock
        }
    }

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
