import Testing

@testable import Offload

@Suite("Database address")
struct DatabaseAddressTests {
    private func resolve(_ variables: [String: String], option: String? = nil) throws -> DatabaseAddress {
        try DatabaseAddress.resolve(option: option, Environment(variables))
    }

    @Test("an option wins over DIRECT_URL, it over DATABASE_URL, it over libpq's variables, they over the parts")
    func precedence() throws {
        var variables = ["DB_NAME": "parts"]
        #expect(try resolve(variables).connectionString == "dbname='parts'")
        variables["PGDATABASE"] = "libpq"
        #expect(try resolve(variables).connectionString == "dbname='libpq'")
        variables["DATABASE_URL"] = "postgresql:///url"
        #expect(try resolve(variables).connectionString == "postgresql:///url")
        variables["DIRECT_URL"] = "postgresql:///direct"
        #expect(try resolve(variables).connectionString == "postgresql:///direct")
        #expect(try resolve(variables).origin == "DIRECT_URL")
        #expect(try resolve(variables, option: "postgresql:///option").connectionString == "postgresql:///option")
        #expect(try resolve(variables, option: "postgresql:///option").origin == "--database")
    }

    @Test("parts are quoted, and those that are not set are left to libpq")
    func parts() throws {
        let address = try resolve([
            "DB_HOST": "db", "DB_PORT": "6432", "DB_NAME": "a b", "DB_USERNAME": "o'hara", "DB_PASSWORD": #"p\w d"#,
        ])
        #expect(
            address.connectionString
                == #"host='db' port='6432' dbname='a b' user='o\'hara' password='p\\w d'"#)
        #expect(address.secrets == [#"p\w d"#])
        #expect("\(address)" == "the database of DB_HOST")
    }

    @Test(
        "other spellings are understood",
        arguments: [
            ("postgres://h/d", "postgresql://h/d"), ("postgresql+psycopg2://u@h/d", "postgresql://u@h/d"),
            ("postgresql+asyncpg://u@h/d", "postgresql://u@h/d"), ("jdbc:postgresql://h:1/d", "postgresql://h:1/d"),
            ("host=h dbname=d", "host=h dbname=d"), ("shop", "dbname='shop'"),
            ("  postgresql:///d\n", "postgresql:///d"),
            (
                "postgresql://a:1,b:2/d?target_session_attrs=read-write",
                "postgresql://a:1,b:2/d?target_session_attrs=read-write"
            ),
        ])
    func spellings(text: String, connectionString: String) throws {
        #expect(try DatabaseAddress(text, origin: "DATABASE_URL").connectionString == connectionString)
    }

    @Test("a password is known, as written and as meant")
    func secrets() throws {
        func secrets(_ text: String) throws -> Set<String> {
            Set(try DatabaseAddress(text, origin: "DATABASE_URL").secrets)
        }
        #expect(try secrets("postgresql://u:p%40ss@h/d") == ["p%40ss", "p@ss"])
        #expect(try secrets("postgresql://u@h/d?password=abcd") == ["abcd"])
        #expect(try secrets("host=h password=abcd user=u") == ["abcd"])
        #expect(try secrets("host=h password = 'ab cd' user=u") == ["ab cd"])
        #expect(try secrets("postgresql://u@h/d").isEmpty)
    }

    @Test(
        "what libpq would cut in the wrong place is refused without quoting it",
        arguments: [
            "postgresql://u:hunter@2@h/d", "postgresql://u:hun/ter2@h/d", "postgresql://u:hun?ter2@h/d",
            "postgresql://u:hunter%zz@h/d", "mysql://u:hunter@h/d", "postgresql+x://u:hun%@h/d",
        ])
    func misread(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try DatabaseAddress(text, origin: "DATABASE_URL") }
        #expect(error?.problem.contains("hun") == false)
        #expect(error?.hint.contains("hun") == false)
        #expect(error?.problem.contains("DATABASE_URL") == true)
    }

    @Test("no address at all says what to set")
    func none() throws {
        let error = #expect(throws: ConfigurationError.self) { try resolve(["DATABASE_URL": ""]) }
        #expect(error?.hint.contains("--database") == true)
        #expect(throws: ConfigurationError.self) { try DatabaseAddress("  ", origin: "--database") }
        #expect(throws: ConfigurationError.self) { try resolve(["DB_HOST": "h", "DB_PORT": "70000"]) }
        #expect(throws: ConfigurationError.self) { try resolve(["DB_HOST": "a,b", "DB_PORT": "5432,70000"]) }
        #expect(throws: ConfigurationError.self) { try resolve(["DB_HOST": "a,b", "DB_PORT": "5432,"]) }
        let several = try resolve(["DB_HOST": "a,b", "DB_PORT": "5432,5433"])
        #expect(several.connectionString == "host='a,b' port='5432,5433'")
    }
}
