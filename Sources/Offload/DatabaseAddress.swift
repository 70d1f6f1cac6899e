/// Which database to speak to, and who said so.
package struct DatabaseAddress: Sendable, Equatable, CustomStringConvertible {
    /// For libpq: a URI or `key='value'` pairs. It may hold a password: never show it.
    package let connectionString: String
    /// What it was taken from: an option or a variable.
    package let origin: String
    /// What no message may quote.
    package let secrets: [String]

    package var description: String { "the database of \(origin)" }

    /// What was said explicitly, else `DIRECT_URL` (where `DATABASE_URL` leads through a pooler), else `DATABASE_URL`, else libpq's own variables, else `DB_HOST` and its kin.
    package static func resolve(option: String? = nil, _ environment: Environment) throws(ConfigurationError) -> Self {
        if let option { return try DatabaseAddress(option, origin: "--database") }
        if let url = environment["DIRECT_URL"] { return try DatabaseAddress(url, origin: "DIRECT_URL") }
        if let url = environment["DATABASE_URL"] { return try DatabaseAddress(url, origin: "DATABASE_URL") }
        if environment.first(of: ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"]) != nil {
            return fromParts(libpqVariables, environment)
        }
        if environment.first(of: ["DB_HOST", "DB_NAME"]) != nil {
            if let (name, value) = environment.first(of: ["DB_PORT"]) {
                for one in value.split(separator: ",", omittingEmptySubsequences: false) {
                    _ = try port(name, String(one))
                }
            }
            return fromParts(plainVariables, environment)
        }
        throw ConfigurationError(
            "DATABASE_URL", "no database is named",
            hint: "Say --database postgresql://user@host/name, or set DATABASE_URL, PGHOST and PGDATABASE, or DB_HOST "
                + "and DB_NAME.")
    }

    /// Reads what a person wrote: a URI, with a driver's name in its scheme or without, `key=value` pairs, or the name
    /// of a database.
    package init(_ text: String, origin: String) throws(ConfigurationError) {
        self.origin = origin
        let text = text.trimmed
        guard !text.isEmpty else {
            throw ConfigurationError(origin, "\(origin) is empty", hint: Self.forms)
        }
        let plain = text.hasPrefix("jdbc:") ? String(text.dropFirst(5)) : text
        if let range = plain.firstIndex(of: ":"), plain[range...].hasPrefix("://") {
            let scheme = plain[..<range].lowercased()
            let driverless = scheme.prefix { $0 != "+" }
            guard driverless == "postgresql" || driverless == "postgres" else {
                throw ConfigurationError(
                    origin, "\(origin) is a \(scheme.prefix(20)):// address, and pg_offload works in PostgreSQL",
                    hint: Self.forms)
            }
            let rest = String(plain[range...].dropFirst(3))
            secrets = try Self.secrets(inAuthority: rest, origin: origin)
            connectionString = "postgresql://" + rest
        } else if plain.contains("=") {
            connectionString = plain
            secrets = Self.secrets(inPairs: plain)
        } else {
            connectionString = "dbname=" + Self.quoted(plain)
            secrets = []
        }
    }

    private init(connectionString: String, origin: String, secrets: [String]) {
        self.connectionString = connectionString
        self.origin = origin
        self.secrets = secrets
    }

    private static let forms = "Write postgresql://user@host:5432/name, or host=… dbname=… user=…"

    /// libpq reads these itself from the process, and not those that stand in a `.env` file.
    private static let libpqVariables: KeyValuePairs = [
        "PGHOST": "host", "PGHOSTADDR": "hostaddr", "PGPORT": "port", "PGDATABASE": "dbname", "PGUSER": "user",
        "PGPASSWORD": "password", "PGPASSFILE": "passfile", "PGSERVICE": "service", "PGSSLMODE": "sslmode",
        "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey",
        "PGCONNECT_TIMEOUT": "connect_timeout", "PGTARGETSESSIONATTRS": "target_session_attrs", "PGOPTIONS": "options",
        "PGAPPNAME": "application_name",
    ]
    private static let plainVariables: KeyValuePairs = [
        "DB_HOST": "host", "DB_PORT": "port", "DB_NAME": "dbname", "DB_USERNAME": "user", "DB_PASSWORD": "password",
    ]

    private static func fromParts(_ variables: KeyValuePairs<String, String>, _ environment: Environment) -> Self {
        let set = variables.compactMap { name, keyword in environment[name].map { (name, keyword, $0) } }
        return DatabaseAddress(
            connectionString: set.map { "\($0.1)=\(quoted($0.2))" }.joined(separator: " "),
            origin: set.first?.0 ?? "", secrets: set.filter { $0.1 == "password" }.map(\.2))
    }

    private static func port(_ name: String, _ value: String) throws(ConfigurationError) -> Int {
        guard let port = Int(value), (1...65_535).contains(port) else {
            throw .wrong(
                name, value, "which is no port", hint: "A port is a number from 1 to 65535; Postgres has 5432.")
        }
        return port
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] } + "'"
    }

    /// The password of a URI, and a refusal of one that libpq would cut in the wrong place and then quote in part.
    private static func secrets(inAuthority rest: String, origin: String) throws(ConfigurationError) -> [String] {
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let beforeQuery = rest.prefix { $0 != "?" }
        let isCutByQuestionMark =
            !authority.contains("@") && !rest.prefix { $0 != "@" }.contains("=") && rest.contains("@")
        let isMisread =
            authority.filter { $0 == "@" }.count > 1 || beforeQuery.dropFirst(authority.count).contains("@")
            || isCutByQuestionMark
        let user = authority.contains("@") ? authority.prefix { $0 != "@" } : ""
        let colon = user.firstIndex(of: ":")
        let password = colon.map { String(user[$0...].dropFirst()) }
        let decoded = password.map(percentDecoded)
        if isMisread || (password != nil && decoded == .some(nil)) {
            throw ConfigurationError(
                origin, "the password in \(origin) holds a character that means something else in a URL",
                hint: "Write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25, or use PGPASSWORD.")
        }
        let query = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
        let inQuery = query.split(separator: "&").filter { $0.hasPrefix("password=") }.map {
            String($0.dropFirst("password=".count))
        }
        let all = [password, decoded ?? nil].compactMap(\.self) + inQuery + inQuery.compactMap(percentDecoded)
        return Array(Set(all.filter { !$0.isEmpty })).sorted { $0.count > $1.count }
    }

    private static func secrets(inPairs text: String) -> [String] {
        guard
            let range = text.ranges(of: "password").first(where: { range in
                text[range.upperBound...].drop { $0 == " " }.hasPrefix("=")
            })
        else { return [] }
        let value = text[range.upperBound...].drop { $0 == " " }.dropFirst().drop { $0 == " " }
        if value.hasPrefix("'") {
            let quoted = value.dropFirst().prefix { $0 != "'" }
            return quoted.isEmpty ? [] : [String(quoted)]
        }
        let plain = value.prefix { $0 != " " }
        return plain.isEmpty ? [] : [String(plain)]
    }
}

/// Nil when it is not well encoded.
private func percentDecoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
            return nil
        }
        bytes.append(code)
        rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
}

extension String {
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
