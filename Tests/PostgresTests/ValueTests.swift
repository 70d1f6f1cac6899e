import Postgres
import Testing

@Suite("values on the wire")
struct ValueTests {
    private func echo<Value: ParameterValue & ColumnValue>(_ value: Value, _ type: String) async throws -> Value {
        try await TestServer.connect().query("select $1::\(type)", [value]).only()
    }

    @Test("numbers, texts and flags come back as they went")
    func scalars() async throws {
        #expect(try await echo(Int16.min, "int2") == .min)
        #expect(try await echo(Int32.min, "int4") == .min)
        #expect(try await echo(Int64.min, "int8") == .min)
        #expect(try await echo(Int64.max, "int8") == .max)
        #expect(try await echo(-7, "int8") == -7)
        #expect(try await echo(true, "bool"))
        #expect(try await echo(-0.1, "float8") == -0.1)
        #expect(try await echo("Grüße, 世界 🪑", "text") == "Grüße, 世界 🪑")
        #expect(try await echo("", "text") == "")
        #expect(try await echo([UInt8](0...255), "bytea") == [UInt8](0...255))
        #expect(try await echo([UInt8](), "bytea") == [])
        let identifier = UniqueID()
        #expect(try await echo(identifier, "uuid") == identifier)
    }

    @Test("a unique identifier is a random uuid to the server")
    func identifiers() async throws {
        let connection = try await TestServer.connect()
        let texts = (1...100).map { _ in UniqueID() }
        let marked: Bool = try await connection.query(
            "select bool_and(id::text ~ '^.{14}4.{4}[89ab]') and count(distinct id) = 100 from unnest($1::uuid[]) id",
            [texts]
        ).only()
        #expect(marked)
        let read: UniqueID = try await connection.query("select '00112233-4455-6677-8899-aabbccddeeff'::uuid").only()
        let text: String = try await connection.query("select $1::uuid::text", [read]).only()
        #expect(text == "00112233-4455-6677-8899-aabbccddeeff")
    }

    @Test("a span of time keeps its microsecond")
    func spans() async throws {
        let connection = try await TestServer.connect()
        #expect(try await echo(Duration.milliseconds(-90_500), "interval") == .milliseconds(-90_500))
        #expect(try await connection.query("select interval '1 day 1 s'").only(Duration.self) == .seconds(86_401))
    }

    @Test("arrays come back with their nulls, and empty ones empty")
    func arrays() async throws {
        #expect(try await echo(["a", "", "ü"], "text[]") == ["a", "", "ü"])
        #expect(try await echo([Int64](), "int8[]") == [])
        #expect(try await echo([1, nil, 3] as [Int64?], "int8[]") == [1, nil, 3])
        #expect(try await echo([[1, 2], [], [255]] as [[UInt8]], "bytea[]") == [[1, 2], [], [255]])
        #expect(try await echo([[1], nil] as [[UInt8]?], "bytea[]") == [[1], nil])
        #expect(try await echo([true, false], "bool[]") == [true, false])
        #expect(try await echo([Int32(5)], "int4[]") == [5])
        #expect(try await echo([0.5], "float8[]") == [0.5])
        let identifiers = [UniqueID(), UniqueID()]
        #expect(try await echo(identifiers, "uuid[]") == identifiers)
        let connection = try await TestServer.connect()
        #expect(try await connection.query("select '{a,b}'::varchar[]").only([String].self) == ["a", "b"])
        #expect(await failure { _ = try await connection.query("select '{{1,2}}'::int[]").only([Int32].self) } != nil)
    }

    @Test("null is an optional, and anything else says which column was null")
    func nulls() async throws {
        let connection = try await TestServer.connect()
        #expect(try await connection.query("select $1::text", [String?.none]).only(String?.self) == nil)
        #expect(try await connection.query("select null::int4[]").only([Int32]?.self) == nil)
        let error = await failure { _ = try await connection.query("select null::text as url").only(String.self) }
        #expect(error == .misuse("column url is null, and was read as String"))
    }

    @Test("text fits any type the server infers")
    func inference() async throws {
        let connection = try await TestServer.connect()
        #expect(try await connection.query("select $1::jsonb", [#"{"a": 1}"#]).only(String.self) == #"{"a": 1}"#)
        #expect(try await connection.query("select $1::regclass::text", ["pg_class"]).only(String.self) == "pg_class")
        #expect(try await connection.query("select $1::varchar(3)", ["abc"]).only(String.self) == "abc")
        #expect(try await connection.query("select 'x'::name").only(String.self) == "x")
        #expect(try await connection.query("select 5::int4").only(Int64.self) == 5)
        #expect(try await connection.query("select 'pg_class'::regclass::oid").only(Int64.self) > 0)
    }

    @Test("a type that has no counterpart is refused, not misread")
    func mismatch() async throws {
        let connection = try await TestServer.connect()
        for query in [
            "select 1.5::numeric", "select 1", "select now()", "select interval '1 s'", "select '{1}'::int[]",
        ] {
            #expect(await failure { _ = try await connection.query(query).only(String.self) } != nil, "\(query)")
        }
        #expect(await failure { _ = try await connection.query("select 70000").only(Int16.self) } != nil)
        #expect(await failure { _ = try await connection.query("select 'a'").only(Int64.self) } != nil)
    }

    @Test("a NUL in a text is refused by the server, never the text's silent end")
    func nul() async throws {
        let connection = try await TestServer.connect()
        let error = await serverError { try await connection.query("select $1::text", ["ab\0cd"]) }
        #expect(error?.sqlState == "22021")
    }

    @Test("rows are read by position, by name and as tuples")
    func rows() async throws {
        let connection = try await TestServer.connect()
        let rows = try await connection.query(
            #"select i, 'row ' || i as "Label", nullif(i, 2) as odd from generate_series(1, 3) i"#)
        #expect(rows.columns == ["i", "Label", "odd"])
        #expect(try rows[1].value("Label") == "row 2")
        #expect(try rows[1].value(2, as: Int32?.self) == nil)
        let labels = try rows.decoded(as: (Int64, String, Int?).self).map(\.1)
        #expect(labels == ["row 1", "row 2", "row 3"])
        #expect(await failure { _ = try rows[0].value("label", as: String.self) } != nil)
        #expect(await failure { _ = try rows.only(Int64.self) } != nil)
    }

    @Test("a large value arrives whole, and can be read where it lies")
    func large() async throws {
        let connection = try await TestServer.connect()
        let bytes = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 16) }
        let rows = try await connection.query("select $1::bytea, octet_length($1)", [bytes])
        #expect(try rows[0].value(0) == bytes)
        #expect(try rows[0].value(1) == Int32(bytes.count))
        #expect(rows[0].byteCount(0) == bytes.count)
        rows[0].withBytes(0) { span in
            #expect(span?.count == bytes.count && span?[19_999_999] == bytes.last)
        }
        #expect(await connection.largestAnswer > bytes.count)
    }
}
