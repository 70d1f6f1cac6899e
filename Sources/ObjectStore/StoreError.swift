/// Why a store did not do what it was asked. It never holds a secret.
package struct StoreError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Down, slow or overloaded: try later.
        case unreachable
        /// The credentials are wrong, or lack a right.
        case refused
        case notFound = "not_found"
        /// Another writer was faster, or a condition of the request does not hold.
        case conflict
        /// What arrived is not what was sent.
        case corrupt
        case full
        /// It cannot work before somebody changes a setting: a bucket that is not there, a certificate, the clock.
        case misconfigured
        /// It does not take this object, though it may take others: too large, or of a kind it does not know.
        case rejected
        /// The bytes that were to be stored could not be read.
        case source
        case cancelled
    }

    package var kind: Kind
    package var message: String
    /// The store's own word for it, such as `SlowDown`.
    package var code: String?
    package var status: Int?
    package var requestID: String?
    /// When the store asks to be tried again.
    package var retryAfter: Duration?
    /// How far the store's clock is ahead of ours, where it refused us because of it.
    package var clockDifference: Duration?
    /// Whether an attempt before this one may have had its effect, though no answer said so.
    var followsLostAnswer = false

    package init(_ kind: Kind, _ message: String, code: String? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    /// The code of a store that has had more calls than it allows.
    package static let rateLimited = "RateLimited"

    /// Whether asking again soon is pointless, whatever is asked: a quota is used up, or the credentials are wrong.
    package var isLasting: Bool { kind == .refused || code == Self.rateLimited }

    /// How long the store is to be left alone: as long as it asks; a quota does not come back within seconds.
    package var pause: Duration? { retryAfter ?? (code == Self.rateLimited ? .seconds(60) : nil) }

    /// Whether the same call may succeed in a moment.
    var isTransient: Bool {
        switch kind {
        case .unreachable: true
        // The bytes were altered on their way, or another writer was in ours.
        case .corrupt, .conflict: Self.transientCodes.contains(code ?? "")
        default: false
        }
    }

    /// Whether the store is well, and asked too much.
    var isSlowdown: Bool { status == 503 || status == 429 || code == "SlowDown" }

    private static let transientCodes: Set<String> = [
        "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "ConditionalRequestConflict", "OperationAborted",
    ]
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        var facts: [String] = []
        if let code { facts.append(code) }
        if let status { facts.append("status \(status)") }
        if let requestID { facts.append("request \(requestID)") }
        return facts.isEmpty ? message : "\(message) (\(facts.joined(separator: ", ")))"
    }
}
