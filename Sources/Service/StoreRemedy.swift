import ObjectStore
import Offload
import Postgres

extension StoreRegistry.Description {
    /// What mends it when the store does not do what it is asked.
    func remedy(for error: StoreError) -> String {
        if error.clockDifference != nil || error.code == "RequestTimeTooSkewed" { return ClockFinding.remedy }
        let names = credentials.sorted { $0.key < $1.key }.map(\.value)
        switch error.kind {
        case .misconfigured where error.message.contains("environment variable"):
            return "export " + names.map { "\($0)=…" }.joined(separator: " ")
        case .refused:
            return kind == "directory"
                ? "Give the worker's user the directory: chown -R offload \(path ?? "")"
                : "Check \(names.joined(separator: " and ")), and that they may put, get, list and delete in the bucket "
                    + "\(bucket ?? ""): offload store policy \(name)"
        case .notFound, .misconfigured:
            return kind == "directory"
                ? "mkdir -p \(path ?? "")"
                : "Check the bucket \(bucket ?? ""), its region and its endpoint: select offload.configure_store('\(name)', …);"
        case .full: return "Make room in the store."
        case .unreachable:
            return "Check that \(endpoint ?? "AWS") can be reached from here; rows wait meanwhile."
        case .source: return "Check the file."
        default: return "Try again; if it stays, look at the store itself."
        }
    }
}

/// A store's clock that is so far from ours that it is worth telling.
package struct ClockFinding: Sendable, Equatable {
    package static let remedy = "Set this machine's clock: timedatectl set-ntp true"
    private static let refusedDifference: Duration = .seconds(15 * 60)
    private static let worthTelling: Duration = .seconds(60)

    package let text: String
    /// S3 refuses requests that are so far off.
    package let isRefused: Bool

    /// Nil: the clocks agree, or the store tells no time.
    package init?(_ difference: Duration?) {
        guard let difference else { return nil }
        let distance = difference < .zero ? .zero - difference : difference
        guard distance >= Self.worthTelling else { return nil }
        text = "its clock is \(durationText(distance)) \(difference > .zero ? "ahead of" : "behind") ours"
        isRefused = distance >= Self.refusedDifference
    }
}

extension Probe {
    /// What the store can do, as its row has it.
    var capabilities: JSON {
        .object([("conditional_writes", .bool(hasConditionalWrites)), ("checksums", .bool(hasChecksums))])
    }

    var abilities: [String] {
        [hasConditionalWrites ? "conditional writes" : nil, hasChecksums ? "checksum headers" : nil].compactMap(\.self)
    }
}
