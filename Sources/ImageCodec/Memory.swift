#if canImport(Glibc)
    internal import Glibc
#endif

/// Memory whose size a file decides: nil instead of a crash when there is not enough.
func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    guard count > 0, let memory = unsafe malloc(count) else { return nil }
    return unsafe memory.assumingMemoryBound(to: UInt8.self)
}
