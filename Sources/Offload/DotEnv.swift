/// What a `.env` file says: one `NAME=value` a line, as shells and containers write it.
///
/// `export` before a name, comments after `#`, single quotes (nothing within is special), double quotes (`\n`, `\t`,
/// `\"`, `\\`, `\$` within). A value is never interpolated: `$` and backticks stand for themselves, so that a password
/// is what is written.
package struct DotEnv: Sendable, Equatable {
    /// A name that stands twice has its last value.
    package private(set) var values: [String: String] = [:]

    package init(parsing text: String) throws(DotEnvError) {
        var scanner = Scanner(text)
        while let name = try scanner.nextName() {
            values[name] = try scanner.value(of: name)
        }
    }
}

/// Where a `.env` file cannot be read. It never quotes the line, which may hold a secret.
package struct DotEnvError: Error, Sendable, Equatable {
    package var line: Int
    package var problem: String
}

private struct Scanner {
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var line = 1

    init(_ text: String) {
        // A line break of Windows is one, and a byte-order mark is none of the text.
        var scalars: [Unicode.Scalar] = []
        var isAfterReturn = false
        for scalar in text.unicodeScalars.drop(while: { $0 == "\u{FEFF}" }) {
            if scalar == "\n", isAfterReturn { scalars.removeLast() }
            isAfterReturn = scalar == "\r"
            scalars.append(scalar)
        }
        self.scalars = scalars
    }

    private var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    private mutating func advance() {
        if current == "\n" { line += 1 }
        at += 1
    }

    private mutating func skipBlanks() {
        while let scalar = current, scalar == " " || scalar == "\t" || scalar == "\r" { advance() }
    }

    private mutating func skipLine() {
        while let scalar = current, scalar != "\n" { advance() }
    }

    private mutating func word() -> String {
        var word = String.UnicodeScalarView()
        while let scalar = current,
            scalar == "_" || scalar.properties.isAlphabetic && scalar.isASCII
                || "0"..."9" ~= scalar
        {
            word.append(scalar)
            advance()
        }
        return String(word)
    }

    /// The next name, read up to and with its `=`; nil at the end.
    mutating func nextName() throws(DotEnvError) -> String? {
        while true {
            skipBlanks()
            switch current {
            case nil: return nil
            case "\n": advance()
            case "#": skipLine()
            default:
                var name = word()
                if name == "export", current == " " || current == "\t" {
                    skipBlanks()
                    name = word()
                }
                guard let first = name.unicodeScalars.first, !("0"..."9" ~= first) else {
                    throw DotEnvError(line: line, problem: "a line has the form NAME=value")
                }
                skipBlanks()
                guard current == "=" else {
                    throw DotEnvError(line: line, problem: "a line has the form NAME=value")
                }
                advance()
                return name
            }
        }
    }

    mutating func value(of name: String) throws(DotEnvError) -> String {
        while current == " " || current == "\t" { advance() }
        guard let quote = current, quote == "\"" || quote == "'" else { return unquoted() }
        let opened = line
        advance()
        var value = String.UnicodeScalarView()
        while let scalar = current, scalar != quote {
            advance()
            guard quote == "\"", scalar == "\\", let escaped = current else {
                value.append(scalar)
                continue
            }
            switch escaped {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "r": value.append("\r")
            case "\"", "\\", "$", "`": value.append(escaped)
            // What is no escape keeps its backslash.
            default: value.append(contentsOf: [scalar, escaped])
            }
            advance()
        }
        guard current == quote else {
            throw DotEnvError(line: opened, problem: "the quote that opens the value of \(name) is never closed")
        }
        advance()
        skipBlanks()
        guard current == nil || current == "\n" || current == "#" else {
            throw DotEnvError(line: line, problem: "after the closing quote of \(name) the line must end")
        }
        skipLine()
        return String(value)
    }

    /// Up to the end of the line, or to a `#` after a blank.
    private mutating func unquoted() -> String {
        var value: [Unicode.Scalar] = []
        while let scalar = current, scalar != "\n" {
            if scalar == "#", value.last.map({ $0 == " " || $0 == "\t" }) ?? true { break }
            value.append(scalar)
            advance()
        }
        skipLine()
        while let last = value.last, last == " " || last == "\t" || last == "\r" { value.removeLast() }
        return String(String.UnicodeScalarView(value))
    }
}
