/// A Swift value that can be bound to `$1`.
package protocol ParameterValue: Sendable {
    var encoded: EncodedParameter { get }
}

/// A bound value as it goes over the wire.
package struct EncodedParameter: Sendable {
    /// The type's OID; 0 lets the server infer it.
    var type: UInt32
    /// Nil is null.
    var bytes: [UInt8]?
    var isText = false
}

/// A Swift value that can stand in a bound array, and an array of which comes back from a column.
///
/// `UInt8` is one of them, so that `[UInt8]` is `bytea` and `[[UInt8]]` is `bytea[]`.
package protocol ArrayElement: Sendable {
    /// The OID of the element's type.
    static var elementType: UInt32 { get }
    static func encodeArray(_ elements: [Self]) -> EncodedParameter
    static func decodeArray(_ cell: Cell) throws(PostgresError) -> [Self]
}

/// The OIDs of the types that have a Swift counterpart, from `pg_type.dat`.
enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let xid: UInt32 = 28
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let interval: UInt32 = 1186
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802

    static let arrays: [UInt32: UInt32] = [
        bool: 1000, bytea: 1001, int2: 1005, int4: 1007, text: 1009, int8: 1016, float8: 1022,
        timestamptz: 1185, interval: 1187, uuid: 2951,
    ]

    static let arrayTypes: Set<UInt32> = Set(arrays.values).union([1015, 1028, 1115, 1021])

    /// Types whose binary form is not their text, and which `String` therefore refuses.
    static let notText: Set<UInt32> = [
        bool, bytea, int8, int2, int4, oid, xid, float4, float8, timestamp, timestamptz, interval, uuid,
        24, 27, 29, 600, 601, 602, 603, 604, 628, 650, 718, 774, 790, 829, 869, 1082, 1083, 1266, 1560, 1562, 1700,
        2202, 2203, 2204, 2205, 2206, 2249, 2278, 2970, 3220, 3614, 3615, 3734, 3769, 4089, 4096, 5038, 5069,
        1000, 1001, 1005, 1007, 1009, 1015, 1016, 1022, 1185, 1187, 2951, 1231, 3807, 199, 1028, 1182, 1115,
        3904, 3906, 3908, 3910, 3912, 3926,
    ]
}

extension FixedWidthInteger {
    var bigEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(Self.bitWidth - 8 - $0 * 8)) }
    }

    func append(to bytes: inout [UInt8]) {
        var shift = Self.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: self >> Self(shift)))
        }
    }
}

extension Bool: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.bool }

    package var encoded: EncodedParameter { EncodedParameter(type: Self.elementType, bytes: [self ? 1 : 0]) }
}

extension Int16: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.int2 }

    package var encoded: EncodedParameter { EncodedParameter(type: Self.elementType, bytes: bigEndianBytes) }
}

extension Int32: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.int4 }

    package var encoded: EncodedParameter { EncodedParameter(type: Self.elementType, bytes: bigEndianBytes) }
}

extension Int64: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.int8 }

    package var encoded: EncodedParameter { EncodedParameter(type: Self.elementType, bytes: bigEndianBytes) }
}

/// As `bigint`.
extension Int: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.int8 }

    package var encoded: EncodedParameter { EncodedParameter(type: Self.elementType, bytes: bigEndianBytes) }
}

extension Double: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.float8 }

    package var encoded: EncodedParameter { EncodedParameter(type: Self.elementType, bytes: bitPattern.bigEndianBytes) }
}

/// As text whose type the server infers, so that it fits `varchar`, `jsonb`, `regclass` or an enum.
extension String: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.text }

    package var encoded: EncodedParameter {
        let bytes = Array(utf8)
        // Text ends at its first NUL: sent as binary, it is refused by the server instead of cut.
        if bytes.contains(0) { return EncodedParameter(type: TypeID.text, bytes: bytes) }
        return EncodedParameter(type: 0, bytes: bytes, isText: true)
    }
}

extension UniqueID: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.uuid }

    package var encoded: EncodedParameter {
        EncodedParameter(type: Self.elementType, bytes: high.bigEndianBytes + low.bigEndianBytes)
    }
}

/// As `interval`.
extension Duration: ParameterValue, ArrayElement {
    package static var elementType: UInt32 { TypeID.interval }

    package var encoded: EncodedParameter {
        let (seconds, attoseconds) = components
        var bytes = (seconds * 1_000_000 + attoseconds / 1_000_000_000_000).bigEndianBytes
        Int64(0).append(to: &bytes)
        return EncodedParameter(type: Self.elementType, bytes: bytes)
    }
}

extension UInt8: ArrayElement {
    package static var elementType: UInt32 { 18 }

    package static func encodeArray(_ elements: [UInt8]) -> EncodedParameter {
        EncodedParameter(type: TypeID.bytea, bytes: elements)
    }

    package static func decodeArray(_ cell: Cell) throws(PostgresError) -> [UInt8] {
        try cell.bytea()
    }
}

extension Array: ParameterValue where Element: ArrayElement {
    package var encoded: EncodedParameter { Element.encodeArray(self) }
}

extension Array: ArrayElement where Element == UInt8 {
    package static var elementType: UInt32 { TypeID.bytea }
}

extension Optional: ParameterValue where Wrapped: ParameterValue {
    package var encoded: EncodedParameter {
        switch self {
        case .some(let value): value.encoded
        case .none: EncodedParameter(type: 0, bytes: nil)
        }
    }
}

extension Optional: ArrayElement where Wrapped: ArrayElement & ParameterValue & ColumnValue {
    package static var elementType: UInt32 { Wrapped.elementType }
}

extension ArrayElement where Self: ParameterValue & ColumnValue {
    package static func encodeArray(_ elements: [Self]) -> EncodedParameter {
        encodeElements(elements.map(\.encoded), type: elementType)
    }

    package static func decodeArray(_ cell: Cell) throws(PostgresError) -> [Self] {
        try cell.elements(as: Self.self)
    }
}

/// The binary form of a one-dimensional array.
private func encodeElements(_ elements: [EncodedParameter], type: UInt32) -> EncodedParameter {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + ($1.bytes?.count ?? 0) })
    Int32(elements.isEmpty ? 0 : 1).append(to: &bytes)
    Int32(elements.contains { $0.bytes == nil } ? 1 : 0).append(to: &bytes)
    type.append(to: &bytes)
    if !elements.isEmpty {
        Int32(elements.count).append(to: &bytes)
        Int32(1).append(to: &bytes)
    }
    for element in elements {
        guard let value = element.bytes else {
            Int32(-1).append(to: &bytes)
            continue
        }
        Int32(value.count).append(to: &bytes)
        bytes.append(contentsOf: value)
    }
    return EncodedParameter(type: TypeID.arrays[type] ?? 0, bytes: bytes)
}
