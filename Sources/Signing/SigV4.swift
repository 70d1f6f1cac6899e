private import Synchronization

/// What proves to a store who asks. Its description keeps the secrets to itself.
package struct Credentials: Sendable, Hashable {
    package var accessKey: String
    package var secretKey: String
    package var sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "credentials of \(accessKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey]) }
}

/// The path and the query of a request, encoded once: what is signed is what is sent.
package struct RequestTarget: Sendable, Hashable {
    /// Such as `/bucket/a%20key`.
    package let path: String
    /// Sorted, without the question mark.
    package let query: String

    /// From plain text. Nothing is normalised: `/a/../b` and `//` are keys like any other.
    package init(path: String, query: [(name: String, value: String)] = []) {
        self.path = Self.encode(path.isEmpty ? "/" : path, keepingSlash: true)
        self.query = Self.encoded(query)
    }

    package var text: String { query.isEmpty ? path : path + "?" + query }

    static func encoded(_ query: [(name: String, value: String)]) -> String {
        query.map { (encode($0.name, keepingSlash: false), encode($0.value, keepingSlash: false)) }
            .sorted { $0.0 == $1.0 ? precedes($0.1, $1.1) : precedes($0.0, $1.0) }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    package static func encode(_ text: String, keepingSlash: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: "/") where keepingSlash:
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// AWS Signature Version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
package final class SigV4: Sendable {
    package typealias Header = (name: String, value: String)

    package enum Payload: Sendable {
        case empty
        case bytes(SHA256Digest)
        /// Not covered by the signature: for presigned URLs.
        case unsigned

        var text: String {
            switch self {
            case .empty: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            case .bytes(let digest): digest.hexadecimal
            case .unsigned: "UNSIGNED-PAYLOAD"
            }
        }
    }

    package let credentials: Credentials
    package let region: String
    package let service: String
    private let moment = Mutex(Moment())

    /// What all requests of a second, and the key that those of a day have in common.
    private struct Moment {
        var time = Int64.min
        /// Such as `20130524T000000Z`.
        var stamp = ""
        var scope = ""
        var day = ""
        var key: [UInt8] = []
    }

    package init(credentials: Credentials, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers that make the request authentic, `authorization` among them. They are to be sent together with
    /// `headers`, unchanged, and with `host`.
    ///
    /// - Parameter time: seconds since 1970.
    package func headers(
        for method: String, _ target: RequestTarget, host: String, headers: [Header] = [], payload: Payload,
        at time: Int64
    ) -> [Header] {
        let moment = moment(at: time)
        let payload = payload.text
        var added: [Header] = [("x-amz-content-sha256", payload), ("x-amz-date", moment.stamp)]
        if let token = credentials.sessionToken { added.append(("x-amz-security-token", token)) }
        let (canonical, names) = canonicalHeaders(headers + added + [("host", host)])
        let signature = signature(of: [method, target.path, target.query, canonical, names, payload], at: moment)
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(moment.scope), SignedHeaders=\(names), "
            + "Signature=\(signature)"
        return added + [("authorization", authorization)]
    }

    /// The query that lets whoever has it make this one request until `lifetime` seconds after `time`. It is to be sent
    /// in place of the target's own.
    package func presignedQuery(
        for method: String, path: String, query: [(name: String, value: String)] = [], host: String,
        headers: [Header] = [], lifetime: Int, at time: Int64
    ) -> String {
        let moment = moment(at: time)
        let (canonical, names) = canonicalHeaders(headers + [("host", host)])
        var all = query
        all.append(("X-Amz-Algorithm", "AWS4-HMAC-SHA256"))
        all.append(("X-Amz-Credential", "\(credentials.accessKey)/\(moment.scope)"))
        all.append(("X-Amz-Date", moment.stamp))
        all.append(("X-Amz-Expires", String(lifetime)))
        all.append(("X-Amz-SignedHeaders", names))
        if let token = credentials.sessionToken { all.append(("X-Amz-Security-Token", token)) }
        let target = RequestTarget(path: path, query: all)
        let signature = signature(
            of: [method, target.path, target.query, canonical, names, Payload.unsigned.text], at: moment)
        return target.query + "&X-Amz-Signature=" + signature
    }

    private func signature(of canonicalRequest: [String], at moment: Moment) -> String {
        let digest = SHA256.digest(Array(canonicalRequest.joined(separator: "\n").utf8))
        let text = "AWS4-HMAC-SHA256\n\(moment.stamp)\n\(moment.scope)\n\(digest.hexadecimal)"
        return Hexadecimal.encode(HMAC.sha256(key: moment.key, Array(text.utf8)))
    }

    private func moment(at time: Int64) -> Moment {
        moment.withLock { moment in
            guard moment.time != time else { return moment }
            moment.time = time
            moment.stamp = timestamp(time)
            let day = String(moment.stamp.prefix(8))
            guard moment.day != day else { return moment }
            moment.day = day
            moment.scope = "\(day)/\(region)/\(service)/aws4_request"
            moment.key = [day, region, service, "aws4_request"].reduce(Array(("AWS4" + credentials.secretKey).utf8)) {
                HMAC.sha256(key: $0, Array($1.utf8))
            }
            return moment
        }
    }
}

/// Headers that proxies may change and that are therefore not signed.
private let unsignedHeaders: Set<String> = [
    "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
]

/// The headers in canonical form, each line ended, and their names.
private func canonicalHeaders(_ headers: [SigV4.Header]) -> (text: String, names: String) {
    var sorted: [SigV4.Header] = []
    for header in headers {
        let isLowercase = header.name.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5a).contains($0) }
        let name = isLowercase ? header.name : header.name.lowercased()
        if unsignedHeaders.contains(name) { continue }
        // There are never many.
        let index = sorted.firstIndex { !precedes($0.name, name) } ?? sorted.endIndex
        if index < sorted.endIndex, sorted[index].name == name {
            sorted[index].value += "," + collapsed(header.value)
        } else {
            sorted.insert((name, collapsed(header.value)), at: index)
        }
    }
    var text = ""
    text.reserveCapacity(1024)
    for header in sorted {
        text += header.name
        text += ":"
        text += header.value
        text += "\n"
    }
    return (text, sorted.map(\.name).joined(separator: ";"))
}

/// By bytes, as AWS sorts.
private func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// Without white space at the ends, and with one space where there was any within.
private func collapsed(_ value: String) -> String {
    var wasSpace = true
    let isPlain = value.utf8.allSatisfy { byte in
        defer { wasSpace = byte == UInt8(ascii: " ") }
        return byte > 0x20 && byte < 0x7f || byte == UInt8(ascii: " ") && !wasSpace
    }
    // Nearly every header is: the properties of characters cost more than all else about a signature.
    if isPlain, !wasSpace { return value }
    return value.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map(String.init)
        .joined(separator: " ")
}

/// Such as `20130524T000000Z`.
func timestamp(_ time: Int64) -> String {
    let days = Int((time >= 0 ? time : time - 86_399) / 86_400)
    let seconds = Int(time - Int64(days) * 86_400)
    let (year, month, day) = civil(daysSince1970: days)
    func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return digits(year, 4) + digits(month, 2) + digits(day, 2) + "T" + digits(seconds / 3600, 2)
        + digits(seconds / 60 % 60, 2) + digits(seconds % 60, 2) + "Z"
}

/// The Gregorian date, counted in eras of 400 years that begin in March, so that the leap day ends a year.
private func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
}
