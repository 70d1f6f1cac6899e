import Foundation
import HTTPTransfer
import Testing

@Suite("HTTP transfers")
struct HTTPClientTests {
    private let server: FaultServer
    private let client = HTTPClient()

    init() throws {
        server = try FaultServer.running()
    }

    private func get(
        _ path: String, method: String = "GET", body: Body = .none,
        into destination: Destination = .memory(limit: 1 << 20)
    ) async throws -> Response {
        try await client.perform(Request(method: method, url: server.url(path)), body: body, into: destination)
    }

    private func echo(_ request: Request, body: Body = .none) async throws -> Echo {
        let response = try await client.perform(request, body: body)
        return try JSONDecoder().decode(Echo.self, from: Data(response.body))
    }

    private func failure(_ body: () async throws -> Response) async -> TransferError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? TransferError
        }
    }

    // MARK: What is sent

    @Test("the path is sent as it stands, and headers as they were given")
    func verbatim() async throws {
        let request = Request(
            method: "PUT", url: server.url("/a/../b/./c//%2e%2e/d%20e?x=%2F&y"),
            headers: [("X-One", "1"), ("x-empty", ""), ("Content-Type", "image/webp"), ("Cache-Control", "a,  b")])
        let echo = try await echo(request, body: .bytes(Array("hello".utf8)))
        #expect(echo.path == "/a/../b/./c//%2e%2e/d%20e?x=%2F&y")
        #expect(echo.method == "PUT")
        #expect(echo.length == 5)
        #expect(echo.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(echo.values(of: "x-one") == ["1"])
        #expect(echo.values(of: "x-empty") == [""])
        #expect(echo.values(of: "content-type") == ["image/webp"])
        #expect(echo.values(of: "cache-control") == ["a,  b"])
        #expect(echo.values(of: "expect") == [])
        #expect(echo.values(of: "transfer-encoding") == [])
        #expect(echo.values(of: "user-agent") == ["pg_offload"])
    }

    @Test("a header that would end its line is refused", arguments: ["a\r\nX-Evil: 1", "a\nb", "a\0b", "\r\u{301}"])
    func injection(value: String) async throws {
        let request = Request(method: "GET", url: server.url("/echo"), headers: [("X-One", value)])
        guard case .invalidRequest = await failure({ try await client.perform(request) }) else {
            Issue.record("sent")
            return
        }
    }

    @Test("a body of nothing still says how long it is", arguments: ["PUT", "POST"])
    func emptyBody(method: String) async throws {
        let echo = try await echo(Request(method: method, url: server.url("/echo")))
        #expect(echo.method == method)
        #expect(echo.values(of: "content-length") == ["0"])
        #expect(echo.values(of: "content-type") == [])
    }

    @Test("DELETE and GET carry no length, HEAD no body")
    func bodiless() async throws {
        #expect(try await echo(Request(method: "DELETE", url: server.url("/echo"))).values(of: "content-length") == [])
        #expect(try await echo(Request(method: "GET", url: server.url("/echo"))).values(of: "content-length") == [])
        let response = try await get("/status/200", method: "HEAD")
        #expect(response.status == 200 && response.body.isEmpty)
        #expect(response[header: "content-length"] == "10")
    }

    @Test("a part of a larger array is sent alone")
    func slice() async throws {
        let bytes = Array("xxhelloxx".utf8)
        let echo = try await echo(Request(method: "PUT", url: server.url("/echo")), body: .bytes(bytes[2..<7]))
        #expect(echo.length == 5 && echo.sha256.hasPrefix("2cf24dba"))
    }

    @Test("a large body asks first and arrives whole")
    func largeBody() async throws {
        let bytes = [UInt8](repeating: 0, count: 30_000_000)
        let echo = try await echo(Request(method: "PUT", url: server.url("/echo")), body: .bytes(bytes))
        #expect(echo.length == bytes.count)
        #expect(echo.values(of: "expect") == ["100-continue"])
    }

    @Test("a body that is made while it is sent arrives whole")
    func streamedBody() async throws {
        let counts = [1, 70_000, 3, 1_000_000, 200_000]
        let total = counts.reduce(0, +)
        let box = Pieces(counts)
        let echo = try await echo(
            Request(method: "PUT", url: server.url("/echo")), body: .stream(count: total) { await box.next() })
        #expect(echo.length == total)
        #expect(echo.sha256 == "7f9b2ab0308ea62ec304217796f691f194750d7ff35cf8ce58842e788418e457")
    }

    @Test("a source that fails, or ends early, fails the transfer")
    func brokenSource() async throws {
        struct Dry: Error {}
        let failed = await failure {
            try await get("/echo", method: "PUT", body: .stream(count: 10) { throw Dry() })
        }
        #expect(failed == .source("Dry()"))
        let short = await failure { try await get("/echo", method: "PUT", body: .stream(count: 10) { [] }) }
        #expect(short == .source("it gave another number of bytes than 10"))
        let long = await failure {
            try await get("/echo", method: "PUT", body: .stream(count: 10) { [UInt8](repeating: 1, count: 11) })
        }
        #expect(long == .source("it gave another number of bytes than 10"))
    }

    // MARK: What comes back

    @Test("an error status and a redirect are answers, with all their headers")
    func statuses() async throws {
        for status in [301, 307, 404, 503] {
            let response = try await get("/status/\(status)", into: .file(path: "/nonexistent/never"))
            #expect(response.status == status)
            #expect(String(decoding: response.body, as: UTF8.self) == "the reason")
            #expect(response[header: "location"] == "/echo")
            #expect(response[header: "retry-after"] == "3")
            #expect(response.headers.filter { $0.name == "x-twice" }.map(\.value) == ["a", "b"])
        }
    }

    @Test("a body without a length is read to its end")
    func chunked() async throws {
        #expect(String(decoding: try await get("/chunked").body, as: UTF8.self) == "hello world")
    }

    @Test("an answer beyond the limit is refused, one at the limit is not")
    func limit() async throws {
        #expect(await failure { try await get("/large/1001", into: .memory(limit: 1000)) } == .tooLarge(limit: 1000))
        #expect(try await get("/large/1000", into: .memory(limit: 1000)).body.count == 1000)
    }

    @Test("a download goes to a file that nobody else may read")
    func download() async throws {
        let path = NSTemporaryDirectory() + "transfer-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let response = try await get("/large/5000000", into: .file(path: path))
        #expect(response.byteCount == 5_000_000 && response.body.isEmpty)
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.count == 5_000_000 && bytes[300] == UInt8(300 % 256 * 7 % 256))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(try #require(mode) & 0o007 == 0)
        _ = try await get("/large/0", into: .file(path: path))
        #expect(try Data(contentsOf: URL(filePath: path)).isEmpty)
        guard case .destination = await failure({ try await get("/large/10", into: .file(path: "/nonexistent/x")) })
        else {
            Issue.record("wrote into nowhere")
            return
        }
    }

    // MARK: Connections

    @Test("connections are kept and used again")
    func keepAlive() async throws {
        let first = try await echo(Request(method: "GET", url: server.url("/echo"))).connection
        for _ in 1...5 {
            let body = Body.bytes([1, 2, 3])
            #expect(try await echo(Request(method: "PUT", url: server.url("/echo")), body: body).connection == first)
        }
        // An error status is no reason to hang up.
        _ = try await get("/status/404")
        #expect(try await echo(Request(method: "GET", url: server.url("/echo"))).connection == first)
    }

    @Test("a kept connection that died meanwhile is replaced without a word")
    func deadConnection() async throws {
        for _ in 1...10 {
            _ = try await get("/last")
            #expect(try await get("/echo", method: "PUT", body: .bytes([1])).status == 200)
        }
    }

    @Test("one request says nothing of what the one before it said")
    func nothingLeftOver() async throws {
        let url = server.url("/echo")
        let first = try await echo(Request(method: "GET", url: url)).connection
        let orders = [
            ("PUT", 70_000), ("GET", 0), ("PUT", 2_000_000), ("HEAD", 0), ("GET", 0), ("POST", 0), ("HEAD", 0),
            ("PUT", 3), ("DELETE", 0), ("POST", 5), ("GET", 0),
        ]
        for (method, count) in orders {
            let request = Request(method: method, url: url, headers: [("X-Only", method)])
            let response = try await client.perform(request, body: .bytes([UInt8](repeating: 7, count: count)))
            if method == "HEAD" {
                #expect(response.body.isEmpty && response.status == 200)
                continue
            }
            let echo = try JSONDecoder().decode(Echo.self, from: Data(response.body))
            #expect(echo.method == method && echo.length == count && echo.connection == first)
            #expect(echo.values(of: "x-only") == [method])
            #expect(echo.values(of: "content-length") == (["PUT", "POST"].contains(method) ? ["\(count)"] : []))
            #expect(echo.values(of: "expect") == (count > 1 << 20 ? ["100-continue"] : []))
        }
        #expect(try await echo(Request(method: "GET", url: url)).values(of: "x-only") == [])
    }

    @Test("many requests run at once, but no more than allowed")
    func concurrency() async throws {
        var settings = HTTPClient.Settings()
        settings.concurrency = 16
        let client = HTTPClient(settings)
        // Each is answered once eight of them are there.
        let url = server.url("/together/8")
        let most = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...64 {
                group.addTask {
                    let response = try await client.perform(Request(method: "GET", url: url))
                    return Int(response[header: "x-most"] ?? "") ?? 0
                }
            }
            return try await group.reduce(0, max)
        }
        #expect((8...16).contains(most))
    }

    // MARK: Faults

    @Test("what goes wrong is told apart")
    func faults() async throws {
        guard
            case .cannotConnect = await failure({
                try await client.perform(Request(method: "GET", url: "http://127.0.0.1:1/"))
            })
        else {
            Issue.record("connected to nobody")
            return
        }
        guard
            case .cannotConnect = await failure({
                try await client.perform(Request(method: "GET", url: "http://nowhere.invalid/"))
            })
        else {
            Issue.record("found a host that does not exist")
            return
        }
        for path in ["/reset", "/truncated", "/reset-early", "/head-cut"] {
            guard case .reset = await failure({ try await get(path) }) else {
                Issue.record("not a reset: \(path)")
                continue
            }
        }
        let large = Body.bytes([UInt8](repeating: 1, count: 50_000_000))
        guard case .reset = await failure({ try await get("/reset-upload", method: "PUT", body: large) }) else {
            Issue.record("not a reset in the middle of an upload")
            return
        }
        guard case .notHTTP = await failure({ try await get("/garbage") }) else {
            Issue.record("took garbage for HTTP")
            return
        }
        for url in ["ftp://127.0.0.1/", "file:///etc/hostname", "not a url", ""] {
            guard
                case .invalidRequest = await failure({
                    try await client.perform(Request(method: "GET", url: url))
                })
            else {
                Issue.record("accepted: \(url)")
                continue
            }
        }
    }

    @Test("a silent server and one that stops half way are stalls", arguments: ["/silent", "/stall"])
    func stalls(path: String) async throws {
        let request = Request(method: "GET", url: server.url(path), stallTimeout: .milliseconds(300))
        let start = ContinuousClock.now
        #expect(await failure { try await client.perform(request) } == .timedOut(.stall))
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test("a cancelled task ends its transfer at once, running or waiting")
    func cancellation() async throws {
        var settings = HTTPClient.Settings()
        settings.concurrency = 1
        let client = HTTPClient(settings)
        let url = server.url("/silent")
        let tasks = (0..<3).map { _ in Task { try await client.perform(Request(method: "GET", url: url)) } }
        for task in tasks.reversed() {
            task.cancel()
            #expect(await failure { try await task.value } == .cancelled)
        }
        #expect(try await client.perform(Request(method: "GET", url: server.url("/echo"))).status == 200)
    }

    // MARK: TLS

    @Test("a server whose certificate nobody vouches for is refused")
    func unknownAuthority() async throws {
        let request = Request(method: "GET", url: "https://localhost:\(server.securePort)/echo")
        guard case .tls = await failure({ try await client.perform(request) }) else {
            Issue.record("trusted a stranger")
            return
        }
    }

    @Test("an authority of one's own is trusted, for the names it vouches for only")
    func ownAuthority() async throws {
        var settings = HTTPClient.Settings()
        settings.certificateAuthority = server.certificate
        let client = HTTPClient(settings)
        let good = Request(method: "GET", url: "https://localhost:\(server.securePort)/echo")
        #expect(try await client.perform(good).status == 200)
        let wrongName = Request(method: "GET", url: "https://127.0.0.1:\(server.securePort)/echo")
        guard case .tls = await failure({ try await client.perform(wrongName) }) else {
            Issue.record("trusted another name")
            return
        }
        settings.certificateAuthority = "/nonexistent/ca.pem"
        let blind = HTTPClient(settings)
        guard case .tls = await failure({ try await blind.perform(good) }) else {
            Issue.record("trusted without an authority")
            return
        }
    }

    @Test("speaking TLS to a plain port fails as TLS")
    func plainPort() async throws {
        let request = Request(
            method: "GET", url: "https://localhost:\(server.plainPort)/echo", stallTimeout: .seconds(1))
        var settings = HTTPClient.Settings()
        settings.connectTimeout = .seconds(1)
        let client = HTTPClient(settings)
        let error = await failure { try await client.perform(request) }
        #expect(error != nil)
    }
}

private actor Pieces {
    private var counts: [Int]

    init(_ counts: [Int]) { self.counts = counts }

    func next() -> [UInt8] { counts.isEmpty ? [] : [UInt8](repeating: 5, count: counts.removeFirst()) }
}
