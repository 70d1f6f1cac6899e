/// A value for machines to read. Objects keep the order in which they were written.
package enum JSON: Sendable, Equatable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Int)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])

    package static func == (a: JSON, b: JSON) -> Bool { a.description == b.description }

    package static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
    package static func optional(_ number: Int?) -> JSON { number.map(JSON.number) ?? .null }
    package static func optional(_ bool: Bool?) -> JSON { bool.map(JSON.bool) ?? .null }

    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): "\(value)"
        case .string(let value): jsonString(value)
        case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(jsonString($0.0)):\($0.1)" }.joined(separator: ",") + "}"
        }
    }
}
