/// Why a statement gave no rows.
package enum PostgresError: Error, Sendable, Equatable {
    /// The server refused the statement. The connection goes on.
    case server(ServerError)
    /// No server could be reached, or it refused the login.
    case cannotConnect(String)
    /// The connection is gone. Whether the statement took effect is not known.
    case connectionLost(String)
    /// The deadline passed and the server gave the statement up. The connection goes on.
    case timedOut
    /// The task was cancelled and the server gave the statement up. The connection goes on.
    case cancelled
    /// `commit` rolled back, because a statement of the transaction had failed and its error was swallowed.
    case rolledBack
    /// A value is not of the type that was asked for, or a handle was used after its end.
    case misuse(String)
}

/// What the server said when it refused.
///
/// It never holds a bound value: where the server quoted a text parameter back, the parameter's number stands, and
/// details that quote whole rows or tokens are left out.
package struct ServerError: Error, Sendable, Equatable {
    package var sqlState: String
    package var message: String
    package var detail: String?
    package var hint: String?
    /// The object the error is about, where the server named one.
    package var table: String?
    package var column: String?
    package var constraint: String?
    /// The statement's text, its parameters as `$1`, `$2`.
    package var statement: String?

    package init(sqlState: String, message: String, detail: String? = nil, hint: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
    }
}

/// A NOTICE or WARNING that came beside an answer.
package struct ServerNotice: Sendable, Equatable {
    package var severity: String
    package var message: String
    package var detail: String?
    package var hint: String?

    package init(severity: String, message: String, detail: String? = nil, hint: String? = nil) {
        self.severity = severity
        self.message = message
        self.detail = detail
        self.hint = hint
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .server(let error): error.description
        case .cannotConnect(let reason): "cannot connect to the database: \(reason)"
        case .connectionLost(let reason): "the connection to the database was lost: \(reason)"
        case .timedOut: "the statement took longer than its deadline"
        case .cancelled: "the statement was cancelled"
        case .rolledBack: "the transaction was rolled back, because a statement in it had failed"
        case .misuse(let reason): reason
        }
    }
}

extension ServerError: CustomStringConvertible {
    package var description: String {
        var text = "\(message) (SQLSTATE \(sqlState))"
        if let detail { text += "; \(detail)" }
        if let hint { text += "; hint: \(hint)" }
        return text
    }
}
