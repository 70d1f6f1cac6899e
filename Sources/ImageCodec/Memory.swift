internal import CLinux

#if canImport(Glibc)
    internal import Glibc
#endif

/// Memory whose size a file decides: nil instead of a crash when there is not enough.
func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    guard count > 0, let memory = unsafe malloc(count) else { return nil }
    return unsafe memory.assumingMemoryBound(to: UInt8.self)
}

/// Lets the process keep what one image frees for the next one: by default malloc gives back everything above a few
/// megabytes, and a twentieth of a small picture's time went into having the same pages cleared again. Blocks of
/// 8 MB and more still go back at once, and 16 MB a thread are the most that is kept.
enum FreedMemory {
    static let isKept: Bool = {
        let threshold = mallopt(M_MMAP_THRESHOLD, 8 << 20)
        let trim = mallopt(M_TRIM_THRESHOLD, 16 << 20)
        let pad = mallopt(M_TOP_PAD, 1 << 20)
        return threshold != 0 && trim != 0 && pad != 0
    }()
}
