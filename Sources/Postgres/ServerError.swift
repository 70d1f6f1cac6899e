/// What the server said when it refused: never with a bound value in it.
package struct ServerError: Error, Sendable, Equatable {
    package var sqlState: String
    package var message: String
    package var detail: String?
    package var hint: String?

    package init(sqlState: String, message: String, detail: String? = nil, hint: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
    }
}
