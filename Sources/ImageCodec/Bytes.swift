/// Reading numbers and marks of file formats; a position beyond the end reads as zero.
extension Span where Element == UInt8 {
    @inline(__always)
    func byte(at index: Int) -> Int {
        index >= 0 && index < count ? Int(self[index]) : 0
    }

    func big16(at index: Int) -> Int {
        byte(at: index) << 8 | byte(at: index + 1)
    }

    func big32(at index: Int) -> Int {
        big16(at: index) << 16 | big16(at: index + 2)
    }

    func little16(at index: Int) -> Int {
        byte(at: index) | byte(at: index + 1) << 8
    }

    func little24(at index: Int) -> Int {
        little16(at: index) | byte(at: index + 2) << 16
    }

    func little32(at index: Int) -> Int {
        little16(at: index) | little16(at: index + 2) << 16
    }

    func starts(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index] != prefix[index] { return false }
        return true
    }

    func holds(_ text: String, at index: Int = 0) -> Bool {
        let mark = text.utf8
        guard index >= 0, index + mark.count <= count else { return false }
        var position = index
        for byte in mark {
            guard self[position] == byte else { return false }
            position += 1
        }
        return true
    }

    func prefixHolds(_ text: String, within limit: Int) -> Bool {
        let end = Swift.min(count, limit) - text.utf8.count
        var index = 0
        while index <= end {
            if holds(text, at: index) { return true }
            index += 1
        }
        return false
    }

    func copy(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        return unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            unsafe self.extracting(range).withUnsafeBufferPointer { source in
                _ = unsafe buffer.initialize(fromContentsOf: source)
            }
            filled = range.count
        }
    }
}
