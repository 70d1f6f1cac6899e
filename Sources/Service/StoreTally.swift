/// What this worker did in a store since it began.
struct StoreTally: Sendable, Equatable {
    var store: String
    /// Objects that it stored.
    var puts: Int64 = 0
    /// Requests that it sent again.
    var retries: Int64 = 0
    /// Attempts to store an object that failed.
    var failures: Int64 = 0
    var lastError: String?
    /// How long it leaves the store alone from now on; nil: it does not.
    var pause: Duration?

    /// Whether there is news for the database. A pause only gets shorter by itself: its length is none.
    func isNews(after other: StoreTally?) -> Bool {
        guard let other else { return self != StoreTally(store: store) }
        return puts != other.puts || retries != other.retries || failures != other.failures
            || lastError != other.lastError || (pause == nil) != (other.pause == nil)
    }
}
