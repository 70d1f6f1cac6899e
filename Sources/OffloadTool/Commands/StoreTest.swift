import Offload
import Service

extension Command {
    static let storeTest = Command(
        name: "store test", summary: "put, read, list and delete a small object, and say what works",
        details: [
            "Measures how long each takes, compares the clocks, tries whether a URL opens without credentials, finds out "
                + "what the server can do, and writes that down for the workers. Run it where the worker runs: it takes "
                + "the credentials from the same variables."
        ],
        operand: Operand(
            placeholder: "NAME", summary: "a store, as offload store list shows it", minimum: 1, maximum: 1),
        options: [.database, .json, .envFile],
        examples: [Example(line: "offload store test media", summary: "before the first row goes there")]
    ) { invocation in
        try await invocation.withStore { store in
            let trial = try await store.test()
            if invocation.wantsJSON {
                say(trial.json(store.name).description)
            } else {
                for line in trial.lines(store) { say(line) }
            }
            if trial.clock?.isRefused == true { throw Exit(status: Exit.failed) }
        }
    }
}

extension StoreAccess.Trial {
    fileprivate func lines(_ store: StoreAccess) -> [String] {
        var lines = ["store \(store.name) (\(store.kind)) works"]
        func add(_ name: String, _ text: String) {
            lines.append("  " + name + String(repeating: " ", count: max(1, 10 - name.count)) + text)
        }
        if store.kind == "database" {
            add("lists", durationText(list))
            return lines
        }
        for (name, time) in [("puts", put), ("reads", get), ("lists", list), ("deletes", delete)] {
            add(name, durationText(time))
        }
        if let clock {
            add("clock", clock.text)
            lines.append("    → \(ClockFinding.remedy)")
        } else if clockDifference != nil {
            add("clock", "agrees with ours")
        }
        switch (access, opensURLs) {
        case ("private", _): add("URLs", "private")
        case (_, true?): add("URLs", "open without credentials")
        case (_, false?):
            add("URLs", "do NOT open without credentials")
            if let openingRemedy { lines.append("    → \(openingRemedy)") }
        default: break
        }
        add(
            "knows",
            abilities.isEmpty ? "neither conditional writes nor checksum headers" : abilities.joined(separator: ", "))
        if !isRecorded { lines.append("  This was not written down: that takes the set of rights admin or worker.") }
        return lines
    }

    fileprivate func json(_ store: String) -> JSON {
        .object([
            ("store", .string(store)), ("works", .bool(true)), ("put_ms", milliseconds(put)),
            ("get_ms", milliseconds(get)), ("list_ms", milliseconds(list)), ("delete_ms", milliseconds(delete)),
            ("clock_difference_s", .optional(clockDifference.map { Int($0.components.seconds) })),
            ("opens", .optional(opensURLs)), ("capabilities", capabilities), ("recorded", .bool(isRecorded)),
        ])
    }

    private func milliseconds(_ duration: Duration) -> JSON { .number(Int(duration / .milliseconds(1))) }
}
