/// How many rows one claim takes: more where they are done quickly, so that a transaction serves many of them, and fewer
/// where each takes long, so that a batch ends within its time.
package struct BatchSize: Sendable {
    /// Where it begins, and below which it does not fall.
    package let least: Int
    package let most: Int
    /// How long a batch may take for the next to be larger.
    package var quick: Duration = .milliseconds(200)
    /// How long a batch may take for the next not to be smaller.
    package var slow: Duration = .seconds(2)

    package private(set) var rows: Int

    package init(least: Int, most: Int) {
        self.least = least
        self.most = max(least, most)
        rows = least
    }

    /// A batch of so many rows took so long. One that was not full says nothing of larger ones.
    package mutating func took(_ time: Duration, for count: Int) {
        if time > slow {
            rows = max(least, rows / 2)
        } else if time < quick, count >= rows {
            rows = min(most, rows * 2)
        }
    }
}
