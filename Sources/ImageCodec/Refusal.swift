/// Why a value is left as it is. The code is what `offload.failures` shows and what people search for.
package struct Refusal: Error, Sendable, Equatable {
    package var code: Code
    package var detail: String

    package enum Code: String, Sendable, CaseIterable {
        case empty
        case notAnImage = "not_an_image"
        case unsupportedFormat = "unsupported_format"
        case corrupt
        case truncated
        case tooManyPixels = "too_many_pixels"
        /// A count or a size that is no picture's: sides, frames, chunks, scans, a colour profile.
        case limitExceeded = "limit_exceeded"
        /// No quality of the ladder was small enough.
        case tooLarge = "too_large"
        case timeLimit = "time_limit"
        case cancelled
        case outOfMemory = "out_of_memory"
        case encodingFailed = "encoding_failed"
    }

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

extension Refusal: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(detail)" }
}
