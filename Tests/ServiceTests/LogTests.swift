import Synchronization
import TestGround
import Testing

@testable import Service

@Suite("Log")
struct LogTests {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
        func append(_ line: String) { all.withLock { $0.append(line) } }
        var last: String? { all.withLock { $0.last } }
    }

    @Test("a line says when, how grave, what and about which things")
    func text() {
        let lines = Lines()
        let log = Log(format: .text, write: { lines.append($0) }, now: { 1_700_000_000 })
        log.info("S3 upload successful", ("store", "media"), ("table", "public.my table"))
        #expect(
            lines.last
                == "2023-11-14T22:13:20Z info: S3 upload successful store=media table=\"public.my table\"")
    }

    @Test("JSON lines survive quotes, line breaks and control characters")
    func json() {
        let lines = Lines()
        let log = Log(format: .json, write: { lines.append($0) }, now: { 0 })
        log.error("a \"quoted\"\nline\u{1}")
        #expect(
            lines.last
                == #"{"time":"1970-01-01T00:00:00Z","level":"error","message":"a \"quoted\"\nline\u0001"}"#)
    }

    @Test("a concealed secret never appears, wherever it came from")
    func secrets() {
        let lines = Lines()
        let log = Log(write: { lines.append($0) })
        log.conceal("s3cr3tvalue")
        log.error("the server said s3cr3tvalue", ("detail", "as3cr3tvaluebs3cr3tvalue"))
        #expect(lines.last?.contains("s3cr3tvalue") == false)
        #expect(lines.last?.contains("***") == true)
    }

    @Test("a limited message is written once in its interval")
    func limited() {
        let lines = Lines()
        let clock = Mutex(0)
        let log = Log(write: { lines.append($0) }, now: { clock.withLock { $0 } })
        for second in [0, 0, 0, 1, 1, 2] {
            clock.withLock { $0 = second }
            log.limited(.warning, "the connection was lost", every: 2)
        }
        #expect(lines.all.withLock { $0.count } == 2)
    }

    @Test("of several troubles at once one a second is told, each in its turn, and none is kept back at the end")
    func turns() async throws {
        let lines = Lines()
        let clock = Mutex(0)
        let log = Log(write: { lines.append($0) }, now: { clock.withLock { $0 } })
        func told() -> [Substring] { lines.all.withLock { all in all.compactMap { $0.split(separator: ": ").last } } }
        for trouble in ["one", "two", "three", "one"] { log.limited(.warning, trouble, every: 1) }
        log.limited(.info, "word", every: 1)
        #expect(told() == ["one", "word"])
        clock.withLock { $0 = 1 }
        log.limited(.warning, "one", every: 1)
        try await eventually("the next") { told().count == 3 }
        clock.withLock { $0 = 2 }
        try await eventually("the one after it") { told().count == 4 }
        #expect(told() == ["one", "word", "two", "three"])
        log.flush()
        #expect(told() == ["one", "word", "two", "three", "one"])
    }
}
