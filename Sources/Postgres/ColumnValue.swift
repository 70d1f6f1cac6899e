/// A Swift value that can be read from a column. Null is read as an optional only.
package protocol ColumnValue: Sendable {
    static func decode(_ cell: Cell) throws(PostgresError) -> Self
}

/// One value of a result, in the server's binary form. It is valid only while it is being decoded.
@safe package struct Cell {
    let bytes: UnsafeRawBufferPointer?
    let type: UInt32
    /// The column's name as libpq keeps it: it becomes a string only for a message.
    let name: UnsafePointer<CChar>?

    var column: String { unsafe name.map { unsafe String(cString: $0) } ?? "?" }

    func mismatch(_ wanted: Any.Type) -> PostgresError {
        if unsafe bytes == nil { return .misuse("column \(column) is null, and was read as \(wanted)") }
        return .misuse("column \(column) has type OID \(type), which cannot be read as \(wanted): cast it in the query")
    }

    /// The bytes, if the column's type is one of those given.
    func bytes(of types: UInt32..., as wanted: Any.Type) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let bytes = unsafe bytes, types.contains(type) else { throw mismatch(wanted) }
        return unsafe bytes
    }

    func integer<Value: FixedWidthInteger>(as wanted: Value.Type) throws(PostgresError) -> Value {
        guard let bytes = unsafe bytes else { throw mismatch(wanted) }
        let value: Int64
        switch type {
        case TypeID.int2: value = Int64(Int16(truncatingIfNeeded: unsafe bytes.bigEndian(2)))
        case TypeID.int4: value = Int64(Int32(truncatingIfNeeded: unsafe bytes.bigEndian(4)))
        case TypeID.int8: value = Int64(bitPattern: unsafe bytes.bigEndian(8))
        case TypeID.oid, TypeID.xid: value = Int64(unsafe bytes.bigEndian(4))
        default: throw mismatch(wanted)
        }
        guard let value = Value(exactly: value) else {
            throw .misuse("column \(column) holds a number too large for \(wanted)")
        }
        return value
    }

    func bytea() throws(PostgresError) -> [UInt8] {
        unsafe Array(try bytes(of: TypeID.bytea, as: [UInt8].self))
    }

    /// The elements of a one-dimensional array.
    func elements<Element: ColumnValue>(as _: Element.Type) throws(PostgresError) -> [Element] {
        guard let bytes = unsafe bytes, TypeID.arrayTypes.contains(type) else { throw mismatch([Element].self) }
        let dimensions = unsafe bytes.bigEndian(4)
        guard dimensions > 0 else { return [] }
        guard dimensions == 1 else { throw .misuse("column \(column) holds an array of \(dimensions) dimensions") }
        let type = UInt32(unsafe UnsafeRawBufferPointer(rebasing: bytes[8...]).bigEndian(4))
        let count = Int(unsafe UnsafeRawBufferPointer(rebasing: bytes[12...]).bigEndian(4))
        var elements: [Element] = []
        elements.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            let length = Int32(
                truncatingIfNeeded: unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...]).bigEndian(4))
            offset += 4
            var element: UnsafeRawBufferPointer?
            if length >= 0 {
                unsafe element = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
                offset += Int(length)
            }
            elements.append(try Element.decode(unsafe Cell(bytes: element, type: type, name: name)))
        }
        return elements
    }
}

extension UnsafeRawBufferPointer {
    /// The first `count` bytes as an unsigned number. Traps beyond the buffer's end.
    fileprivate func bigEndian(_ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count {
            value = value << 8 | UInt64(unsafe self[index])
        }
        return value
    }
}

extension Bool: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Bool {
        unsafe try cell.bytes(of: TypeID.bool, as: Bool.self)[0] != 0
    }
}

extension Int16: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int16 { try cell.integer(as: Int16.self) }
}

extension Int32: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int32 { try cell.integer(as: Int32.self) }
}

extension Int64: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int64 { try cell.integer(as: Int64.self) }
}

extension Int: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int { try cell.integer(as: Int.self) }
}

extension Double: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Double {
        let bytes = unsafe try cell.bytes(of: TypeID.float8, TypeID.float4, as: Double.self)
        if cell.type == TypeID.float4 {
            return Double(Float(bitPattern: UInt32(unsafe bytes.bigEndian(4))))
        }
        return Double(bitPattern: unsafe bytes.bigEndian(8))
    }
}

extension String: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> String {
        guard let bytes = unsafe cell.bytes, !TypeID.notText.contains(cell.type) else {
            throw cell.mismatch(String.self)
        }
        // The binary form of jsonb is a version, then its text.
        let text = unsafe cell.type == TypeID.jsonb ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst()) : bytes
        return unsafe String(decoding: text, as: UTF8.self)
    }
}

extension UniqueID: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> UniqueID {
        let bytes = unsafe try cell.bytes(of: TypeID.uuid, as: UniqueID.self)
        return UniqueID(
            high: unsafe bytes.bigEndian(8), low: unsafe UnsafeRawBufferPointer(rebasing: bytes[8...]).bigEndian(8))
    }
}

/// A day counts 24 hours, and a month 30 days.
extension Duration: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Duration {
        let bytes = unsafe try cell.bytes(of: TypeID.interval, as: Duration.self)
        let microseconds = Int64(bitPattern: unsafe bytes.bigEndian(8))
        let days = Int32(truncatingIfNeeded: unsafe UnsafeRawBufferPointer(rebasing: bytes[8...]).bigEndian(4))
        let months = Int32(truncatingIfNeeded: unsafe UnsafeRawBufferPointer(rebasing: bytes[12...]).bigEndian(4))
        return .microseconds(microseconds) + .seconds(86_400 * (Int64(days) + 30 * Int64(months)))
    }
}

extension Array: ColumnValue where Element: ArrayElement {
    package static func decode(_ cell: Cell) throws(PostgresError) -> [Element] {
        try Element.decodeArray(cell)
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Wrapped? {
        unsafe cell.bytes == nil ? nil : try Wrapped.decode(cell)
    }
}
