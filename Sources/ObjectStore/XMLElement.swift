/// An element of one of the small documents that S3 answers with. Attributes, comments and prefixes are left out.
struct XMLElement: Sendable, Equatable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    private static let depthLimit = 32

    /// Nil unless the bytes are one well-formed element.
    init?(_ bytes: [UInt8]) {
        var parser = Parser(bytes: bytes)
        guard let root = parser.document() else { return nil }
        self = root
    }

    fileprivate init(name: String) {
        self.name = name
    }

    func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    subscript(name: String) -> String? { child(name)?.text }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// Escapes a text for the inside of an element.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\r", "\n", "\t": escaped += "&#\(scalar.value);"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func document() -> XMLElement? {
            while skipSpaceAndRemarks() {}
            return element(depth: 0)
        }

        private func starts(with text: StaticString) -> Bool {
            let wanted = text.description.utf8
            return bytes[position...].starts(with: wanted)
        }

        /// Moves behind the next occurrence.
        private mutating func skip(past text: String) -> Bool {
            let wanted = Array(text.utf8)
            while position + wanted.count <= bytes.count {
                if bytes[position...].starts(with: wanted) {
                    position += wanted.count
                    return true
                }
                position += 1
            }
            return false
        }

        /// Whether something was skipped.
        private mutating func skipSpaceAndRemarks() -> Bool {
            let start = position
            while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
            if starts(with: "\u{feff}") { position += 3 }
            if starts(with: "<?") { return skip(past: "?>") }
            if starts(with: "<!--") { return skip(past: "-->") }
            return position > start
        }

        private mutating func element(depth: Int) -> XMLElement? {
            guard depth < depthLimit, position < bytes.count, bytes[position] == UInt8(ascii: "<") else { return nil }
            position += 1
            let start = position
            while position < bytes.count, !" \t\r\n/>".utf8.contains(bytes[position]) { position += 1 }
            let qualified = String(decoding: bytes[start..<position], as: UTF8.self)
            guard !qualified.isEmpty else { return nil }
            var element = XMLElement(name: String(qualified.split(separator: ":").last ?? ""))
            var quote: UInt8?
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if let open = quote {
                    if byte == open { quote = nil }
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                } else if byte == UInt8(ascii: ">") {
                    return bytes[position - 2] == UInt8(ascii: "/") ? element : content(of: &element, qualified, depth)
                }
            }
            return nil
        }

        private mutating func content(of element: inout XMLElement, _ qualified: String, _ depth: Int) -> XMLElement? {
            var text: [UInt8] = []
            while position < bytes.count {
                if starts(with: "</") {
                    position += 2
                    guard bytes[position...].starts(with: qualified.utf8), skip(past: ">") else { return nil }
                    element.text = Self.unescape(text)
                    return element
                } else if starts(with: "<!--") {
                    guard skip(past: "-->") else { return nil }
                } else if starts(with: "<![CDATA[") {
                    let start = position + 9
                    guard skip(past: "]]>") else { return nil }
                    text += XMLElement.escape(String(decoding: bytes[start..<position - 3], as: UTF8.self)).utf8
                } else if bytes[position] == UInt8(ascii: "<") {
                    guard let child = self.element(depth: depth + 1) else { return nil }
                    element.children.append(child)
                } else {
                    text.append(bytes[position])
                    position += 1
                }
            }
            return nil
        }

        private static func unescape(_ bytes: [UInt8]) -> String {
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
            let parts = text.unicodeScalars.split(separator: "&", omittingEmptySubsequences: false)
            var plain = String.UnicodeScalarView(parts[0])
            for part in parts.dropFirst() {
                guard let end = part.firstIndex(of: ";"), let scalar = scalar(Substring(part[..<end])) else {
                    plain.append("&")
                    plain.append(contentsOf: part)
                    continue
                }
                plain.append(scalar)
                plain.append(contentsOf: part[part.index(after: end)...])
            }
            return String(plain)
        }

        private static func scalar(_ entity: Substring) -> Unicode.Scalar? {
            switch entity {
            case "amp": return "&"
            case "lt": return "<"
            case "gt": return ">"
            case "quot": return "\""
            case "apos": return "'"
            default:
                guard entity.hasPrefix("#") else { return nil }
                let digits = entity.dropFirst()
                let value = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                return value.flatMap(Unicode.Scalar.init)
            }
        }
    }
}
