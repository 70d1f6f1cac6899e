private import FoundationEssentials
import HTTPTransfer
import Signing

/// What Cloudinary says of an asset: the whole answer to an upload, or a part of it to other questions.
struct CloudinaryAsset: Decodable, Sendable {
    var public_id: String
    var bytes: Int
    var version: Int64?
    var signature: String?
    var resource_type: String?
    var type: String?
    var etag: String?
    var created_at: String?
    var secure_url: String?
    /// Set where an asset was there, and was to be left as it is.
    var existing: Bool?

    var modified: Int64? { created_at.flatMap(secondsSince1970) }
}

struct CloudinaryPage: Decodable {
    var resources: [CloudinaryAsset]
    var next_cursor: String?
}

struct CloudinaryVerdict: Decodable {
    var result: String
}

private struct CloudinaryComplaint: Decodable {
    struct Message: Decodable {
        var message: String
    }

    var error: Message
}

extension Response {
    /// The body as JSON of this form.
    func decoded<Answer: Decodable>(_ call: String, as _: Answer.Type = Answer.self) throws(StoreError) -> Answer {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            throw StoreError(.corrupt, "\(call): the answer cannot be read")
        }
        return answer
    }
}

/// No pause that a server asks for is longer: its limits are by the hour.
private let longestPause: Int64 = 3600

/// What an answer that is no success means.
///
/// - Parameter secrets: what a message is cleaned of, should a server send it back.
func cloudinaryRefusal(_ response: Response, of call: String, localTime: Int64, secrets: [String]) -> StoreError {
    let complaint = try? JSONDecoder().decode(CloudinaryComplaint.self, from: Data(response.body))
    var said = complaint?.error.message ?? response[header: "x-cld-error"] ?? ""
    for secret in secrets where !secret.isEmpty { said = said.replacing(secret, with: "***") }
    said = String(said.prefix(300))

    let isStale = said.contains("Stale request")
    var failure = StoreError(
        isStale ? .misconfigured : kind(of: response.status), "\(call) failed" + (said.isEmpty ? "" : ": \(said)"))
    failure.status = response.status
    failure.requestID = response[header: "x-request-id"].map { String($0.prefix(80)) }
    if isStale {
        failure.code = "RequestTimeTooSkewed"
        failure.clockDifference = response[header: "date"].flatMap(secondsSince1970).map { .seconds($0 - localTime) }
    }
    if [420, 429].contains(response.status) { failure.code = StoreError.rateLimited }
    let asked = response[header: "retry-after"].flatMap { Int64($0) ?? until($0, localTime) }
    // Only where the limit was hit: it stands in other answers, too.
    let reset = failure.code == StoreError.rateLimited ? response[header: "x-featureratelimit-reset"] : nil
    failure.retryAfter = (asked ?? reset.flatMap { until($0, localTime) }).map { .seconds(min(max($0, 0), longestPause)) }
    return failure
}

private func until(_ date: String, _ localTime: Int64) -> Int64? {
    secondsSince1970(date).map { $0 - localTime }
}

private func kind(of status: Int) -> StoreError.Kind {
    switch status {
    case 400, 413, 415, 422: .rejected
    case 401, 403: .refused
    case 404: .notFound
    case 408, 420, 423, 425, 429: .unreachable
    case 409: .conflict
    default: status >= 500 ? .unreachable : .misconfigured
    }
}
