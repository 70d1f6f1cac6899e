import Platform

/// For calls that wait for a disk.
let diskThreads = ThreadPool(count: 4)
