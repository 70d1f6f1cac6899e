import HTTPTransfer

/// What an answer that is no success means.
func refusal(_ response: Response, of call: String, bucket: String, localTime: Int64) -> StoreError {
    let document = XMLElement(response.body)
    // Some servers put the error below a root of their own.
    let error = document?.name == "Error" ? document : document?.child("Error") ?? document
    let code = error?["Code"] ?? defaultCode(response.status)
    let said = error?["Message"].map { String($0.prefix(300)) } ?? ""
    var message = "\(call) failed"
    if !said.isEmpty { message += ": \(said)" }

    var failure = StoreError(kind(of: code, status: response.status), message, code: code)
    failure.status = response.status
    failure.requestID = (response[header: "x-amz-request-id"] ?? error?["RequestId"]).map { String($0.prefix(80)) }
    failure.retryAfter = response[header: "retry-after"].flatMap { delay($0, localTime: localTime) }
    switch code {
    case "NoSuchBucket":
        failure.message = "the bucket \(bucket) does not exist"
    case "RequestTimeTooSkewed":
        if let theirs = response[header: "date"].flatMap(secondsSince1970) {
            let difference = theirs - localTime
            failure.clockDifference = .seconds(difference)
            failure.message =
                "the clock here is \(magnitude(difference)) \(difference > 0 ? "behind" : "ahead of") the store's"
        }
    default: break
    }
    return failure
}

private func magnitude(_ seconds: Int64) -> String {
    seconds.magnitude < 120 ? "\(seconds.magnitude) seconds" : "\(seconds.magnitude / 60) minutes"
}

/// For answers without a body, such as those to HEAD.
private func defaultCode(_ status: Int) -> String? {
    switch status {
    case 301: "PermanentRedirect"
    case 307: "TemporaryRedirect"
    case 403: "AccessDenied"
    case 412: "PreconditionFailed"
    case 429: "SlowDown"
    case 503: "ServiceUnavailable"
    default: nil
    }
}

private func kind(of code: String?, status: Int) -> StoreError.Kind {
    switch code {
    case "NoSuchKey", "NoSuchUpload", "NoSuchVersion": return .notFound
    case "NoSuchBucket", "InvalidBucketName", "PermanentRedirect", "TemporaryRedirect", "RequestTimeTooSkewed",
        "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
        return .misconfigured
    case "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "TooManyRequests", "Throttling",
        "ThrottlingException", "RequestThrottled", "XMinioServerNotInitialized":
        return .unreachable
    case "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch": return .corrupt
    case "PreconditionFailed", "ConditionalRequestConflict", "OperationAborted": return .conflict
    case "QuotaExceeded", "InsufficientCapacity", "XMinioStorageFull", "InsufficientStorage", "TooManyBuckets":
        return .full
    case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
        "AccountProblem", "AllAccessDisabled", "InvalidSecurity", "NotSignedUp", "UserSuspended", "InvalidObjectState":
        return .refused
    default: break
    }
    switch status {
    case 401, 403: return .refused
    case 404: return .notFound
    case 408, 425, 429, 500, 502, 503, 504: return .unreachable
    case 409, 412: return .conflict
    case 507: return .full
    default: return status >= 500 ? .unreachable : .misconfigured
    }
}

/// `Retry-After` in seconds or as a date.
private func delay(_ text: String, localTime: Int64) -> Duration? {
    if let seconds = Int64(text) { return seconds >= 0 ? .seconds(seconds) : nil }
    return secondsSince1970(text).map { .seconds(max(0, $0 - localTime)) }
}

/// Reads `Fri, 24 May 2013 00:00:00 GMT`, or `2013-05-24T00:00:00.000Z` as it stands in listings.
func secondsSince1970(_ text: String) -> Int64? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split { " ,:-TZ.".contains($0) && !($0 == "T" && text.hasSuffix("GMT")) }.map(String.init)
    let year: Int?
    let month: Int?
    let day: Int?
    let clock: ArraySlice<String>
    if text.hasSuffix("GMT"), words.count >= 7 {
        (day, month, year) = (Int(words[1]), months.firstIndex(of: words[2]).map { $0 + 1 }, Int(words[3]))
        clock = words[4..<7]
    } else if words.count >= 6 {
        (year, month, day) = (Int(words[0]), Int(words[1]), Int(words[2]))
        clock = words[3..<6]
    } else {
        return nil
    }
    let time = clock.compactMap { Int64($0) }
    guard let year, let month, let day, time.count == 3 else { return nil }
    // Days since 1970, with years that begin in March.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return Int64(days) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
}

/// What a transfer without an answer means.
func storeError(_ error: TransferError, of call: String, host: String) -> StoreError {
    switch error {
    case .cancelled: StoreError(.cancelled, "\(call) was cancelled")
    case .cannotConnect, .timedOut, .reset: StoreError(.unreachable, "\(call) failed at \(host): \(error)")
    case .tls, .notHTTP, .invalidRequest: StoreError(.misconfigured, "\(call) failed at \(host): \(error)")
    case .tooLarge: StoreError(.corrupt, "\(call) failed at \(host): \(error)")
    case .source: StoreError(.source, "\(call) failed: \(error)")
    case .destination: StoreError(.source, "\(call) failed: \(error)")
    }
}
