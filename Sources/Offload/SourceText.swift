/// What a text column's value turned out to be.
package enum SourceText: Sendable, Equatable {
    /// The bytes that base64 or a data URI stood for.
    case bytes([UInt8])
    /// A URL in the place of an image: nothing to move.
    case url
    /// Neither base64 nor a data URI. A file's path is never taken for one.
    case unreadable
}

/// Reads a text column's value: base64, with line breaks or not, or a `data:` URI with `;base64`.
package func readSourceText(_ text: Span<UInt8>) -> SourceText {
    var start = 0
    while start < text.count, isBlank(text[start]) { start += 1 }
    if begins(text, at: start, with: "http://") || begins(text, at: start, with: "https://") { return .url }
    if begins(text, at: start, with: "data:") {
        guard let comma = firstComma(in: text, from: start), isBase64(text, from: start, to: comma) else {
            return .unreadable
        }
        start = comma + 1
    }
    return decodeBase64(text, from: start).map(SourceText.bytes) ?? .unreadable
}

/// The prefix of a data URI up to its comma, so that what replaces a source can carry its like; nil for bare base64.
package func dataURIPrefix(of text: Span<UInt8>) -> String? {
    var start = 0
    while start < text.count, isBlank(text[start]) { start += 1 }
    guard begins(text, at: start, with: "data:"), let comma = firstComma(in: text, from: start) else { return nil }
    var prefix = ""
    for index in start...comma { prefix.unicodeScalars.append(Unicode.Scalar(text[index])) }
    return prefix
}

package func encodeBase64(_ bytes: Span<UInt8>) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text = [UInt8](repeating: UInt8(ascii: "="), count: (bytes.count + 2) / 3 * 4)
    var (read, written) = (0, 0)
    while read < bytes.count {
        let second = read + 1 < bytes.count ? bytes[read + 1] : 0
        let third = read + 2 < bytes.count ? bytes[read + 2] : 0
        let group = Int(bytes[read]) << 16 | Int(second) << 8 | Int(third)
        text[written] = alphabet[group >> 18]
        text[written + 1] = alphabet[group >> 12 & 63]
        if read + 1 < bytes.count { text[written + 2] = alphabet[group >> 6 & 63] }
        if read + 2 < bytes.count { text[written + 3] = alphabet[group & 63] }
        read += 3
        written += 4
    }
    return text
}

/// The value of each base64 digit; 64 for blanks, 65 for padding, 66 for everything else.
private let digitValues: [UInt8] = {
    var values = [UInt8](repeating: 66, count: 256)
    for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
        values[Int(digit)] = UInt8(value)
    }
    for blank in " \t\r\n".utf8 { values[Int(blank)] = 64 }
    values[Int(UInt8(ascii: "="))] = 65
    return values
}()

/// Nil unless the text is base64 to its end: whole groups of four, padded or not, blanks anywhere.
private func decodeBase64(_ text: Span<UInt8>, from start: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: (text.count - start) / 4 * 3 + 3)
    var written = 0
    var group: UInt32 = 0
    var digits = 0
    var padding = 0
    let values = digitValues
    for index in start..<text.count {
        let value = values[Int(text[index])]
        if value < 64 {
            guard padding == 0 else { return nil }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits == 4 {
                bytes[written] = UInt8(truncatingIfNeeded: group >> 16)
                bytes[written + 1] = UInt8(truncatingIfNeeded: group >> 8)
                bytes[written + 2] = UInt8(truncatingIfNeeded: group)
                written += 3
                (group, digits) = (0, 0)
            }
        } else if value == 65 {
            padding += 1
        } else if value == 66 {
            return nil
        }
    }
    switch (digits, padding) {
    case (0, 0): break
    case (2, 0), (2, 2):
        bytes[written] = UInt8(truncatingIfNeeded: group >> 4)
        written += 1
    case (3, 0), (3, 1):
        bytes[written] = UInt8(truncatingIfNeeded: group >> 10)
        bytes[written + 1] = UInt8(truncatingIfNeeded: group >> 2)
        written += 2
    default: return nil
    }
    bytes.removeLast(bytes.count - written)
    return bytes
}

private func isBlank(_ byte: UInt8) -> Bool { digitValues[Int(byte)] == 64 }

private func begins(_ text: Span<UInt8>, at start: Int, with prefix: StaticString) -> Bool {
    let prefix = Array(prefix.description.utf8)
    guard text.count - start >= prefix.count else { return false }
    return prefix.indices.allSatisfy { text[start + $0] == prefix[$0] }
}

/// The comma that ends a data URI's prefix; a longer prefix is none.
private func firstComma(in text: Span<UInt8>, from start: Int) -> Int? {
    (start..<min(text.count, start + 256)).first { text[$0] == UInt8(ascii: ",") }
}

private func isBase64(_ text: Span<UInt8>, from start: Int, to comma: Int) -> Bool {
    comma - start >= 12 && begins(text, at: comma - 7, with: ";base64")
}
