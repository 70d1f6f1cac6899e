import Foundation
import TestGround
import Testing

@Suite("status --watch")
struct WatchTests {
    /// `terminal.py`, with 24 rows.
    private struct Terminal {
        private let server: ScriptServer

        init(_ arguments: String..., environment: [String: String]) throws {
            let set = environment.map { "\($0.key)=\($0.value)" }
            server = try ScriptServer("terminal.py", ["120x24", "/usr/bin/env"] + set + [offload] + arguments)
        }

        var lines: [String] {
            get throws { try JSONDecoder().decode([String].self, from: Data(try server.ask("screen").utf8)) }
        }

        func line(_ beginning: String) throws -> String { try lines.first { $0.hasPrefix(beginning) } ?? "" }

        func end() throws -> String { try server.ask("end") }
    }

    /// The number before a word of a line.
    private func number(before word: String, in line: String) -> Double? {
        guard let range = line.range(of: " " + word) else { return nil }
        let digits = line[..<range.lowerBound].reversed().prefix { $0.isNumber || $0 == "." || $0 == "," }
        return Double(String(digits.reversed()).replacing(",", with: ""))
    }

    @Test("rates, stores and failures of a working queue fit on 24 lines, and a server that went away is waited for")
    func live() async throws {
        try await PrivatePostgres.run { server in
            try await Shop.open(on: server) { shop in
                try await shop.attachProducts()
                try await shop.insertProduct(1, Array("no picture at all".utf8))
                // More than there is room for.
                for number in 1...12 {
                    try await shop.run("create table t\(number) (id int primary key, image text)")
                    try await shop.run("select offload.attach('t\(number)', 'image')")
                }
                let worker = try shop.startWorker("--lease", "3")
                try await shop.waitUntilDone(worker)
                let terminal = try Terminal(
                    "status", "--watch", "--interval", "1", environment: ["DATABASE_URL": shop.address])
                try await eventually("the failure") { try terminal.line("FAILURES").hasPrefix("FAILURES 1: not_") }
                let first = try terminal.lines
                #expect(first.count == 23 && first[0].contains("1 failure;"), "\(first.joined(separator: "\n"))")
                for section in ["COLUMNS", "QUEUE", "WORKERS", "STORES", "FAILURES"] {
                    #expect(first.contains { $0.hasPrefix(section) }, "\(first.joined(separator: "\n"))")
                }
                #expect(first.contains { $0.contains("products (1) image") }, "\(first.joined(separator: "\n"))")

                let rows = try await steadyRates(shop, terminal)
                try await shop.waitUntilDone(worker)
                #expect(try await worker.stop().status == 0)
                let puts = try await shop.count("offload.replica where state = 'stored'")
                #expect(puts == rows)
                for id in 1...7 {
                    try await shop.insertProduct(-id, Picture.png(seed: id, width: 20, height: 20))
                }
                try await eventually("the rows that wait, and the store's objects") {
                    let drawn = try terminal.lines
                    return drawn.contains { $0.split(separator: " ").starts(with: ["products", "7", "0"]) }
                        && drawn.contains { $0.hasPrefix("media ") && $0.contains(" \(puts) ") }
                }

                try await server.stop("fast")
                try await eventually("word that the server is away") { try terminal.line("NO ANSWER for") != "" }
                #expect(try terminal.line("FAILURES").hasPrefix("FAILURES 1: not_"), "what was known stays")
                try await server.start()
                try await eventually("that it is back") { try terminal.line("NO ANSWER for") == "" }
                try await shop.reopened(on: server) { shop in
                    try await shop.insertProduct(-8, Picture.png(seed: 8, width: 20, height: 20))
                    try await eventually("news") {
                        try terminal.lines.contains { $0.split(separator: " ").starts(with: ["products", "8", "0"]) }
                    }
                }
                #expect(try terminal.end() == "0")
            }
        }
    }

    /// Brings ten rows a second until the screen has said so of worker and store; returns how many came.
    private func steadyRates(_ shop: Shop, _ terminal: Terminal) async throws -> Int {
        let start = ContinuousClock.now
        var rows = 0
        var seen: (done: Double?, stored: Double?) = (nil, nil)
        while seen.done == nil || seen.stored == nil {
            let drawn = try terminal.lines
            try #require(start.duration(to: .now) < .seconds(60), "\(drawn.joined(separator: "\n"))")
            rows += 1
            try await shop.insertProduct(1000 + rows, Picture.png(seed: 1000 + rows, width: 20, height: 20))
            // The pace of a producer.
            try await Task.sleep(until: start + .milliseconds(100) * rows)
            let pace = Double(rows) / (start.duration(to: .now) / .seconds(1))
            let near = pace * 0.5...pace * 1.7
            guard start.duration(to: .now) > .seconds(3) else { continue }
            if let done = number(before: "rows done a second", in: drawn[0]), near.contains(done) { seen.done = done }
            // objects, bytes, and then both a second
            let store = drawn.first { $0.hasPrefix("media ") } ?? ""
            let words = store.split(separator: " ").filter { $0.hasSuffix(",") }
            if let stored = words.last.flatMap({ Double($0.dropLast()) }), near.contains(stored) {
                seen.stored = stored
            }
        }
        return rows
    }
}
