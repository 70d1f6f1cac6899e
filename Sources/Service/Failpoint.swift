import Platform

/// A step after which a test wants the process to die as if by kill -9.
///
/// Armed by `OFFLOAD_FAILPOINT`, in test builds only: a release build has no trace of it.
enum Failpoint: String {
    case claimed
    case fetched
    case encoded
    case uploadBegun = "upload-begun"
    case uploaded
    case uploadFinished = "upload-finished"
    case completed

    func reached() {
        #if DEBUG
            if Self.armed == rawValue { Process.kill() }
        #endif
    }

    #if DEBUG
        private static let armed = Process.environment["OFFLOAD_FAILPOINT"]
    #endif
}
