package import Offload
package import Postgres

/// What stopped us, said to whoever operates the service: one line, and what to do about it.
package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    package var hint: String?

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.map { "\(message). \($0)" } ?? message }
}

extension Problem {
    package init(_ error: PostgresError) {
        switch error {
        case .server(let error): self.init(error)
        case .cannotConnect(let reason): self.init("cannot connect to the database: \(firstSentence(reason))")
        case .connectionLost(let reason):
            self.init(
                "the connection to the database was lost: \(firstSentence(reason))",
                hint: "Try again; nothing that was not committed has happened.")
        case .timedOut:
            self.init(
                "the server did not answer in time", hint: "Look for what it waits for: select * from pg_stat_activity;"
            )
        case .cancelled: self.init("it was cancelled")
        case .rolledBack, .misuse: self.init(error.description)
        }
    }

    init(_ error: ServerError) {
        let isOurs = error.message.contains("offload") || error.statement?.contains("offload.") == true
        let hint: String? =
            switch error.sqlState {
            case "42501":
                "Do it as a role that may, or have it given the rights: select offload.grant_role('admin', 'its_name');"
            case "3F000", "42P01", "42883", "42703", "42704":
                isOurs ? "Bring the schema to this program's version: offload install" : nil
            case "55P03": "Somebody holds the table. Try again in a quieter moment."
            case "25006": "This server is a standby: name the primary, or add target_session_attrs=read-write."
            case "53300": "The server has no connection left: raise max_connections, or close some."
            case "53100": "The server's disk is full."
            default: nil
            }
        self.init(error.message, hint: error.hint ?? hint)
    }

    /// A connection that was not made; who operates the service looks where its address came from.
    package init(connectingTo address: DatabaseAddress, _ error: PostgresError) {
        self.init(error)
        guard case .cannotConnect(let reason) = error else { return }
        let hints: [(sign: String, hint: String)] = [
            ("neither a postgresql:// URI", "Write postgresql://user@host:5432/name in \(address.origin)."),
            (
                "password",
                "Check user and password in \(address.origin); a password may also come from PGPASSWORD or ~/.pgpass."
            ),
            ("pg_hba.conf", "The server's pg_hba.conf must allow this user, database and address."),
            ("role \"", "Check the user in \(address.origin), or create the role."),
            ("database \"", "Create it with createdb, or check the name in \(address.origin)."),
            ("translate host name", "Check the host in \(address.origin)."),
            ("sslmode", "Check sslmode in \(address.origin): disable, prefer, require or verify-full."),
            ("SSL", "Check sslmode in \(address.origin), and sslrootcert where it verifies."),
            ("certificate", "Check sslrootcert in \(address.origin)."),
            ("invalid", "Check \(address.origin): postgresql://user@host:5432/name"),
            ("starting up", "Try again in a moment."),
            ("too many clients", "Raise max_connections on the server, or close some."),
        ]
        hint =
            hints.first { reason.contains($0.sign) }?.hint
            ?? "Is the server running, and does it listen at the address in \(address.origin)?"
        message = address.secrets.reduce(message) { $0.replacing($1, with: "***") }
    }

    package init(_ error: ConfigurationError) {
        self.init(error.problem, hint: error.hint)
    }
}

/// What the server advises after it is left to our hints.
private func firstSentence(_ text: String) -> String {
    let advice = text.firstRange(of: "; Is the server running") ?? text.firstRange(of: "; Double-check")
    return String(text[..<(advice?.lowerBound ?? text.endIndex)])
}

/// Runs statements, and tells an operator what became of them.
package func explained<Answer>(
    _ body: () async throws -> Answer
) async throws(Problem) -> Answer {
    do {
        return try await body()
    } catch let problem as Problem {
        throw problem
    } catch let error as PostgresError {
        throw Problem(error)
    } catch {
        throw Problem("\(error)")
    }
}
