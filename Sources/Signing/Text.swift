/// Bytes as hexadecimal digits, lowercase.
package enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                unsafe buffer[index * 2] = digits[Int(byte >> 4)]
                unsafe buffer[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }

    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Bytes as base64 with padding (RFC 4648).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let pad = UInt8(ascii: "=")

    private static let blank: UInt8 = 0xfe
    private static let invalid: UInt8 = 0xff

    /// What each character stands for: six bits, `blank` for white space, or `invalid`.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        for character in " \t\r\n".utf8 { values[Int(character)] = blank }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        let alphabet = alphabet.span
        return unsafe String(unsafeUninitializedCapacity: count) { buffer in
            var source = 0
            var target = 0
            while source < bytes.count {
                let left = bytes.count - source
                let group =
                    UInt32(bytes[source]) << 16 | UInt32(left > 1 ? bytes[source + 1] : 0) << 8
                    | UInt32(left > 2 ? bytes[source + 2] : 0)
                unsafe buffer[target] = alphabet[Int(group >> 18)]
                unsafe buffer[target + 1] = alphabet[Int(group >> 12 & 63)]
                unsafe buffer[target + 2] = left > 1 ? alphabet[Int(group >> 6 & 63)] : pad
                unsafe buffer[target + 3] = left > 2 ? alphabet[Int(group & 63)] : pad
                source += 3
                target += 4
            }
            return count
        }
    }

    /// Nil unless the text is base64. White space may stand anywhere in it; the padding may be missing.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        let values = values.span
        var isValid = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { buffer, count in
            var source = 0
            var bits: UInt32 = 0
            var sextets = 0
            let whole = text.count - 4
            while source < text.count {
                // The common case: four characters of a line.
                if sextets == 0, source <= whole {
                    let a = values[Int(text[source])]
                    let b = values[Int(text[source + 1])]
                    let c = values[Int(text[source + 2])]
                    let d = values[Int(text[source + 3])]
                    if (a | b | c | d) < 64 {
                        unsafe buffer[count] = a << 2 | b >> 4
                        unsafe buffer[count + 1] = b << 4 | c >> 2
                        unsafe buffer[count + 2] = c << 6 | d
                        count += 3
                        source += 4
                        continue
                    }
                }
                let character = text[source]
                source += 1
                let value = values[Int(character)]
                if value == blank { continue }
                if value == invalid {
                    isValid = character == pad && endsWithPadding(text, from: source, sextets: sextets)
                    break
                }
                bits = bits << 6 | UInt32(value)
                sextets += 1
                if sextets == 4 {
                    unsafe buffer[count] = UInt8(truncatingIfNeeded: bits >> 16)
                    unsafe buffer[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    unsafe buffer[count + 2] = UInt8(truncatingIfNeeded: bits)
                    count += 3
                    sextets = 0
                    bits = 0
                }
            }
            switch sextets {
            case 1: isValid = false
            case 2:
                unsafe buffer[count] = UInt8(truncatingIfNeeded: bits >> 4)
                count += 1
            case 3:
                unsafe buffer[count] = UInt8(truncatingIfNeeded: bits >> 10)
                unsafe buffer[count + 1] = UInt8(truncatingIfNeeded: bits >> 2)
                count += 2
            default: break
            }
        }
        return isValid ? bytes : nil
    }

    /// Whether only padding, as much as is missing, and white space follow the first `=`.
    private static func endsWithPadding(_ text: Span<UInt8>, from start: Int, sextets: Int) -> Bool {
        guard sextets >= 2 else { return false }
        var pads = 1
        for index in start..<text.count {
            if text[index] == pad {
                pads += 1
            } else if values[Int(text[index])] != blank {
                return false
            }
        }
        return pads == 4 - sextets
    }
}
