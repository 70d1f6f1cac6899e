import ImageCodec
import Offload
import Platform
import Service

extension Command {
    static let optimize = Command(
        name: "optimize", summary: "do to files what the worker does to rows, and say what it brings",
        details: [
            "Each picture is turned upright, scaled to --max-edge, and written as WebP with the first of --qualities that "
                + "brings it below --max-bytes; a source that is fit to be shown and smaller than that is left as it is. "
                + "Without --output nothing is written. A source is never changed."
        ],
        operand: Operand(
            placeholder: "FILE", summary: "the pictures: JPEG, PNG, WebP or GIF", minimum: 1, maximum: nil,
            files: .files),
        options: [
            .value("output", "DIR", "write the results into this directory", files: .directories),
            .value(
                "format", "FORMAT", "smallest keeps a source that is smaller, webp never does",
                choices: Policy.Format.allCases.map(\.rawValue)),
            .value("max-edge", "PIXELS", "the longest side; default \(Policy().maxEdge)"),
            .value("max-bytes", "BYTES", "the most a result may have; default \(Policy().maxBytes)"),
            .value(
                "qualities", "LIST",
                "tried in this order; default \(Policy().qualities.map(String.init).joined(separator: ","))"),
            .flag("keep-alpha", "keep transparency instead of laying it on the background"),
            .value("background", "COLOUR", "what transparency is laid on, as in HTML; default #ffffff"),
            .flag("fast", "half the encoding time, the same likeness, about an eighth more bytes"),
            .flag("accept-truncated", "take what can be read of a damaged picture, with a note"),
            .json,
        ],
        examples: [
            Example(line: "offload optimize photo.jpg", summary: "how small it would get"),
            Example(line: "offload optimize *.png --output small", summary: "write the results into small/"),
            Example(
                line: "offload optimize scan.png --max-edge 2048 --qualities 90,80 --json",
                summary: "try other settings, for a script"),
        ]
    ) { invocation in
        let optimizer = FileOptimizer(
            policy: try policy(invocation.arguments), outputDirectory: invocation.arguments.value("output"))
        let report = OptimizeReport(isJSON: invocation.wantsJSON)
        if try await report.run(invocation.arguments.operands, optimizer) > 0 { throw Exit(status: Exit.failed) }
    }

    /// The worker's own defaults, but for what is said.
    private static func policy(_ arguments: Arguments) throws(UsageError) -> Policy {
        var policy = Policy()
        if let format = arguments.value("format").flatMap(Policy.Format.init) { policy.format = format }
        if let edge = try arguments.number("max-edge", 1...16_383) { policy.maxEdge = edge }
        if let bytes = try arguments.number("max-bytes", 1...Int(Int32.max)) { policy.maxBytes = bytes }
        if let list = arguments.value("qualities") {
            let qualities = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard (1...20).contains(qualities.count), qualities.allSatisfy((1...100).contains) else {
                throw UsageError(
                    message: "--qualities cannot be \"\(list)\"", hint: "Write up to 20 numbers from 1 to 100: 85,75,60"
                )
            }
            policy.qualities = qualities
        }
        policy.flatten = !arguments.has("keep-alpha")
        policy.fast = arguments.has("fast")
        policy.acceptTruncated = arguments.has("accept-truncated")
        if let text = arguments.value("background") {
            guard let color = Policy.Color(html: text) else {
                throw UsageError(
                    message: "--background cannot be \"\(text)\"", hint: "Write a colour as in HTML: '#f5f5f5'")
            }
            policy.background = color
        }
        return policy
    }
}

/// Works through the files, as many at once as there are cores, and reports them in their order.
private struct OptimizeReport {
    typealias Outcome = Result<FileOptimizer.Optimization, FileOptimizer.Failure>

    let isJSON: Bool

    /// Returns how many failed.
    func run(_ paths: [String], _ optimizer: FileOptimizer) async throws -> Int {
        let start = ContinuousClock.now
        let threads = min(Process.coreCount, paths.count)
        let pool = ThreadPool(count: threads)
        var outcomes: [Int: Outcome] = [:]
        var reported = 0
        var before = 0
        var after = 0
        var failed = 0

        func take(_ index: Int, _ outcome: Outcome) {
            outcomes[index] = outcome
            while let next = outcomes.removeValue(forKey: reported) {
                reported += 1
                switch next {
                case .success(let result):
                    before += result.sourceBytes
                    after += result.image.bytes.count
                case .failure: failed += 1
                }
                print(next, paths.count)
            }
        }
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var next = 0
            func startOne() {
                guard next < paths.count else { return }
                let index = next
                next += 1
                group.addTask {
                    (
                        index,
                        await pool.run { () -> Outcome in
                            Outcome { () throws(FileOptimizer.Failure) in try optimizer.optimize(paths[index]) }
                        }
                    )
                }
            }
            for _ in 0..<threads { startOne() }
            for await (index, outcome) in group {
                take(index, outcome)
                startOne()
            }
        }
        printTotal(
            files: paths.count, failed: failed, before: before, after: after,
            duration: ContinuousClock.now - start)
        return failed
    }

    private func print(_ outcome: Outcome, _ count: Int) {
        switch outcome {
        case .success(let result) where isJSON: say(json(result).description)
        case .success(let result): say(text(result))
        case .failure(let failure) where isJSON: say(json(failure).description)
        case .failure(let failure):
            complain("\(failure.path): \(failure.reason): \(failure.detail)", hint: failure.remedy)
        }
    }

    private func text(_ result: FileOptimizer.Optimization) -> String {
        let image = result.image
        let how = image.quality.map { "\(image.mediaType.name) at quality \($0)" } ?? "left as it is"
        let facts = [
            "\(byteText(result.sourceBytes)) → \(byteText(image.bytes.count))",
            change(result.sourceBytes, image.bytes.count), how, "\(image.width)×\(image.height)",
            durationText(result.duration),
        ]
        var line = "\(result.path): " + facts.joined(separator: ", ")
        if let output = result.output { line += " → \(output)" }
        if let note = image.note { line += "\n  note: \(note)" }
        return line
    }

    private func change(_ before: Int, _ after: Int) -> String {
        guard before > 0, after != before else { return "±0%" }
        let percent = (after - before) * 100 / before
        return percent < 0 ? "−\(-percent)%" : "+\(percent)%"
    }

    private func printTotal(files: Int, failed: Int, before: Int, after: Int, duration: Duration) {
        if isJSON {
            say(
                JSON.object([
                    (
                        "total",
                        .object([
                            ("files", .number(files)), ("failed", .number(failed)), ("bytes_before", .number(before)),
                            ("bytes_after", .number(after)), ("milliseconds", .number(duration.milliseconds)),
                        ])
                    )
                ]).description)
        } else if files > 1 || failed == 0 {
            let failures = failed > 0 ? ", \(countText(failed)) failed" : ""
            say(
                "total: \(countText(files, "file"))\(failures), \(byteText(before)) → \(byteText(after)), "
                    + "\(change(before, after)), \(durationText(duration))")
        }
    }

    private func json(_ result: FileOptimizer.Optimization) -> JSON {
        let image = result.image
        return .object([
            ("file", .string(result.path)), ("bytes_before", .number(result.sourceBytes)),
            ("bytes_after", .number(image.bytes.count)), ("media_type", .string(image.mediaType.rawValue)),
            ("quality", .optional(image.quality)), ("is_source", .bool(image.isSource)),
            ("width", .number(image.width)), ("height", .number(image.height)), ("encodes", .number(image.encodes)),
            ("milliseconds", .number(result.duration.milliseconds)), ("output", .optional(result.output)),
            ("note", .optional(image.note)),
        ])
    }

    private func json(_ failure: FileOptimizer.Failure) -> JSON {
        .object([
            ("file", .string(failure.path)), ("bytes_before", .optional(failure.sourceBytes)),
            ("reason", .string(failure.reason)), ("detail", .string(failure.detail)),
            ("remedy", .string(failure.remedy)),
        ])
    }
}

extension Duration {
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
