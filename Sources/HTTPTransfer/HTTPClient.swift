private import CCurl
private import Synchronization

/// Runs many requests at once over connections that are kept alive, all of them on one thread.
package final class HTTPClient: Sendable {
    package struct Settings: Sendable {
        /// Requests beyond it wait for their turn.
        package var concurrency = 64
        package var connectTimeout: Duration = .seconds(10)
        package var stallTimeout: Duration = .seconds(60)
        /// A file of PEM certificates to trust in place of the system's.
        package var certificateAuthority: String?
        package var userAgent = "pg_offload"

        package init() {}
    }

    private let engine: Engine

    package init(_ settings: Settings = Settings()) {
        engine = Engine(settings)
        engine.start()
    }

    deinit {
        engine.post(.stop)
    }

    /// Sends the request and gives the answer, whatever its status. Nothing is retried and no redirect followed.
    package func perform(
        _ request: Request, body: Body = .none, into destination: Destination = .memory(limit: 16 << 20)
    ) async throws(TransferError) -> Response {
        // A line break in a header would begin another header, or another request.
        guard isClean(request.method), isClean(request.url),
            request.headers.allSatisfy({ isClean($0.name) && isClean($0.value) })
        else {
            throw .invalidRequest("a control character in a header or in the URL")
        }
        let identifier = engine.nextIdentifier()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                engine.post(
                    .begin(
                        Transfer(
                            identifier: identifier, request: request, body: body, destination: destination,
                            continuation: continuation)))
                // A cancellation that came before the transfer was posted found nothing to end.
                if Task.isCancelled { engine.post(.cancel(identifier)) }
            }
        } onCancel: {
            engine.post(.cancel(identifier))
        }
        return try result.get()
    }
}

private func isClean(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in unsafe bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 } }
}
