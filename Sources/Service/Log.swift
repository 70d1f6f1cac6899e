import Platform
private import Synchronization

/// What the service says while it runs: a line an event, for people or, as JSON, for machines.
///
/// Secrets are kept out where they are known: whatever is registered never appears, wherever it came from.
package final class Log: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case text
        case json
    }

    package enum Level: String, Sendable {
        case info
        case warning
        case error
    }

    /// A fact about the event, such as the store or the row's key.
    package typealias Field = (name: String, value: String)

    private struct State {
        var secrets: [String] = []
        /// When each rate-limited message was last written, in seconds.
        var lastWritten: [String: Int] = [:]
        /// The second in which the last trouble was told, and what has waited for its turn since.
        var toldAt: Int?
        var held: [(level: Level, message: String, fields: [Field])] = []
        var isReleasing = false
    }

    private let format: Format
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> Int
    private let state = Mutex(State())

    package init(
        format: Format = .text, write: @escaping @Sendable (String) -> Void = Log.standardError,
        now: @escaping @Sendable () -> Int = { Process.secondsSince1970 }
    ) {
        self.format = format
        self.write = write
        self.now = now
    }

    /// Keeps a secret out of every line from now on.
    package func conceal(_ secret: String) {
        guard secret.utf8.count >= 4 else { return }
        state.withLock { if !$0.secrets.contains(secret) { $0.secrets.append(secret) } }
    }

    package func info(_ message: String, _ fields: Field...) { log(.info, message, fields) }
    package func warning(_ message: String, _ fields: Field...) { log(.warning, message, fields) }
    package func error(_ message: String, _ fields: Field...) { log(.error, message, fields) }

    /// Writes the message unless it was written less than `interval` seconds ago.
    ///
    /// What is in trouble is so in several ways at once: of all that is limited, but for mere information, one line a
    /// second is written, and the others take their turns.
    package func limited(_ level: Level, _ message: String, every interval: Int, _ fields: Field...) {
        let moment = now()
        let (isDue, mustRelease) = state.withLock { state in
            if let last = state.lastWritten[message], moment - last < interval { return (false, false) }
            state.lastWritten[message] = moment
            guard level != .info else { return (true, false) }
            if state.held.isEmpty, state.toldAt != moment {
                state.toldAt = moment
                return (true, false)
            }
            state.held.removeAll { $0.message == message }
            state.held.append((level, message, fields))
            defer { state.isReleasing = true }
            return (false, !state.isReleasing)
        }
        if isDue { log(level, message, fields) }
        if mustRelease { Task { await release() } }
    }

    private func release() async {
        while state.withLock({ $0.isReleasing }) {
            try? await Task.sleep(for: .milliseconds(100))
            let moment = now()
            let next = state.withLock { state -> (level: Level, message: String, fields: [Field])? in
                guard !state.held.isEmpty else {
                    state.isReleasing = false
                    return nil
                }
                guard state.toldAt != moment else { return nil }
                state.toldAt = moment
                return state.held.removeFirst()
            }
            if let next { log(next.level, next.message, next.fields) }
        }
    }

    /// Writes what still waits for its turn: whoever ends has no time left.
    package func flush() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for one in held { log(one.level, one.message, one.fields) }
    }

    package func log(_ level: Level, _ message: String, _ fields: [Field]) {
        let time = timestamp(now())
        let line =
            switch format {
            case .text:
                fields.reduce("\(time) \(level.rawValue): \(message)") { "\($0) \($1.name)=\(textValue($1.value))" }
            case .json:
                jsonObject([("time", time), ("level", level.rawValue), ("message", message)] + fields)
            }
        let secrets = state.withLock { $0.secrets }
        write(secrets.reduce(line) { replacing($1, in: $0) })
    }

    package static let standardError: @Sendable (String) -> Void = { writeLineToStandardError($0) }
}

/// A JSON object of strings, its names in the order given.
package func jsonObject(_ fields: [Log.Field]) -> String {
    "{" + fields.map { "\(jsonString($0.name)):\(jsonString($0.value))" }.joined(separator: ",") + "}"
}

package func jsonString(_ text: String) -> String {
    var json = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": json += "\\\""
        case "\\": json += "\\\\"
        case "\n": json += "\\n"
        case "\r": json += "\\r"
        case "\t": json += "\\t"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: json.unicodeScalars.append(scalar)
        }
    }
    return json + "\""
}

private func textValue(_ value: String) -> String {
    let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" }
    return isPlain ? value : jsonString(value)
}

private func replacing(_ secret: String, in line: String) -> String {
    guard let range = line.firstRange(of: secret) else { return line }
    return line[..<range.lowerBound] + "***" + replacing(secret, in: String(line[range.upperBound...]))
}

/// Such as 2026-11-20T18:00:00Z, by the calendar's own arithmetic: days are counted from 1 March of year 0, so that the
/// leap day comes last.
func timestamp(_ seconds: Int) -> String {
    let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let second = seconds - day * 86_400
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))T"
        + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
}
