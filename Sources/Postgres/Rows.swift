private import CLibPQ

/// The answer to one statement. Its bytes stay where libpq read them until they are asked for.
@safe package struct Rows: Sendable, RandomAccessCollection {
    fileprivate let result: Result
    package let startIndex = 0
    package let endIndex: Int

    init(_ result: consuming OpaquePointer) {
        unsafe self.result = Result(result)
        endIndex = unsafe Int(PQntuples(self.result.pointer))
    }

    package subscript(index: Int) -> Row {
        precondition(indices.contains(index), "no such row")
        return Row(result: result, index: Int32(index))
    }

    /// The rows that an insert, update or delete changed, or that a select gave.
    package var affected: Int {
        unsafe PQcmdTuples(result.pointer).flatMap { unsafe Int(String(cString: $0)) } ?? 0
    }

    /// The command as the server names it, such as `INSERT 0 1`.
    package var command: String {
        unsafe PQcmdStatus(result.pointer).map { unsafe String(cString: $0) } ?? ""
    }

    package var columns: [String] {
        unsafe (0..<PQnfields(result.pointer)).map { result.name(of: $0) }
    }

    /// All rows as tuples: `for (id, url) in try rows.decoded(as: (Int64, String?).self)`.
    package func decoded<each Value: ColumnValue>(
        as _: (repeat each Value).Type
    ) throws(PostgresError) -> [(repeat each Value)] {
        var tuples: [(repeat each Value)] = []
        tuples.reserveCapacity(count)
        for row in self {
            tuples.append(try row.decoded(as: (repeat each Value).self))
        }
        return tuples
    }

    /// The first column of the only row.
    package func only<Value: ColumnValue>(_: Value.Type = Value.self) throws(PostgresError) -> Value {
        guard count == 1 else { throw .misuse("one row was expected, and \(count) came") }
        return try self[0].value(0)
    }
}

package struct Row: Sendable {
    fileprivate let result: Result
    fileprivate let index: Int32

    package func value<Value: ColumnValue>(_ column: Int, as _: Value.Type = Value.self) throws(PostgresError) -> Value
    {
        try Value.decode(cell(Int32(column)))
    }

    package func value<Value: ColumnValue>(
        _ column: String, as _: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        try Value.decode(cell(number(of: column)))
    }

    package func decoded<each Value: ColumnValue>(
        as _: (repeat each Value).Type
    ) throws(PostgresError) -> (repeat each Value) {
        var column: Int32 = -1
        func next<One: ColumnValue>(_: One.Type) throws(PostgresError) -> One {
            column += 1
            return try One.decode(cell(column))
        }
        return (repeat try next((each Value).self))
    }

    /// Lends the bytes of a `bytea` or text value without a copy; nil is null.
    package func withBytes<Answer, Failure: Error>(
        _ column: Int, _ body: (Span<UInt8>?) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        guard let bytes = unsafe cell(Int32(column)).bytes else { return try body(nil) }
        let buffer = unsafe bytes.bindMemory(to: UInt8.self)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    package func byteCount(_ column: Int) -> Int {
        unsafe cell(Int32(column)).bytes?.count ?? 0
    }

    private func number(of column: String) throws(PostgresError) -> Int32 {
        // PQfnumber folds case unless the name is quoted.
        let number = unsafe PQfnumber(result.pointer, quoted(column))
        guard number >= 0 else { throw .misuse("the answer has no column \(column)") }
        return number
    }

    private func cell(_ column: Int32) -> Cell {
        let pointer = unsafe result.pointer
        precondition(unsafe column >= 0 && column < PQnfields(pointer), "no such column")
        let name = unsafe UnsafePointer(PQfname(pointer, column))
        let type = unsafe PQftype(pointer, column)
        if unsafe PQgetisnull(pointer, index, column) != 0 {
            return unsafe Cell(bytes: nil, type: type, name: name)
        }
        let length = unsafe Int(PQgetlength(pointer, index, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: PQgetvalue(pointer, index, column), count: length)
        return unsafe Cell(bytes: bytes, type: type, name: name)
    }
}

/// Owns a PGresult. libpq never changes one after it was handed over, so many threads may read it.
@safe private final class Result: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe PQclear(pointer)
    }

    func name(of column: Int32) -> String {
        unsafe PQfname(pointer, column).map { unsafe String(cString: $0) } ?? "?column?"
    }
}
