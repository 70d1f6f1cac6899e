/// A `uuid`: sixteen bytes that nobody else has drawn.
package struct UniqueID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// A random one, marked as such: version 4 of the standard's first variant.
    package init() {
        var random = SystemRandomNumberGenerator()
        high = random.next() & ~0xf000 | 0x4000
        low = random.next() & ~(0b11 << 62) | 0b10 << 62
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
