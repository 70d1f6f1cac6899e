/// One HTTP request, with the body's length known before it is sent.
package struct Request: Sendable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]

    package init(method: String, url: String, headers: [(name: String, value: String)] = []) {
        self.method = method
        self.url = url
        self.headers = headers
    }
}
