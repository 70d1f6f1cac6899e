package struct TimedOut: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Looks until the condition holds; it must within the limit.
package nonisolated(nonsending) func eventually(
    within limit: Duration = .seconds(60), _ what: String, every pause: Duration = .milliseconds(25),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw TimedOut(description: "not within \(limit): \(what)") }
        try await Task.sleep(for: pause)
    }
}
