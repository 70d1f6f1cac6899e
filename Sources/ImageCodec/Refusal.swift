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
        case tooLarge = "too_large"
        case timeLimit = "time_limit"
    }

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
