private import Glibc
import HTTPTransfer
import Signing

/// A Cloudinary cloud, or the folder of one.
///
/// Uploads and deletions go through the Upload API, which has no limit of calls; listings and questions through the
/// Admin API, which has one of some hundreds an hour; bytes are read where everybody reads them, at the delivery URL.
package final class CloudinaryStore: ObjectStore {
    package let configuration: CloudinaryConfiguration
    private let source: any CredentialSource
    private let client: HTTPClient
    private let clock: @Sendable () -> Int64

    private static let deletionsAtOnce = 8

    /// - Parameter clock: seconds since 1970.
    package init(
        _ configuration: CloudinaryConfiguration, credentials: any CredentialSource,
        clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws(StoreError) {
        try configuration.check()
        self.configuration = configuration
        source = credentials
        self.clock = clock
        var settings = HTTPClient.Settings()
        settings.concurrency = configuration.concurrency
        settings.connectTimeout = configuration.connectTimeout
        settings.stallTimeout = configuration.stallTimeout
        settings.certificateAuthority = configuration.certificateAuthority
        client = HTTPClient(settings)
    }

    // MARK: Objects

    package func get(_ key: ObjectKey, limit: Int) async throws(StoreError) -> [UInt8] {
        try await send(.reading("getting \(key)", url(for: try place(of: key)), into: .memory(limit: limit))).body
    }

    package func download(_ key: ObjectKey, to path: String) async throws(StoreError) -> ObjectInfo {
        let temporary = path + ".part-" + randomName()
        let address = url(for: try place(of: key))
        do throws(StoreError) {
            let response = try await send(.reading("downloading \(key)", address, into: .file(path: temporary)))
            try await diskThreads.run { () throws(StoreError) in try moveIntoPlace(temporary, as: path) }
            return ObjectInfo(
                key: key, byteCount: response.byteCount, etag: response[header: "etag"].map { unquoted($0) },
                mediaType: response[header: "content-type"],
                modified: response[header: "last-modified"].flatMap(secondsSince1970))
        } catch {
            await diskThreads.run { removeFile(temporary) }
            throw error
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let place = try place(of: key)
        let path = "resources/\(place.resourceType.rawValue)/upload/"
            + RequestTarget.encode(place.publicID, keepingSlash: true)
        do throws(StoreError) {
            let name = "looking for \(key)"
            let asset: CloudinaryAsset = try await send(.asking(name, path)).decoded(name)
            return info(of: key, asset)
        } catch {
            if error.kind == .notFound { return nil }
            throw error
        }
    }

    package func url(for key: ObjectKey) -> String {
        guard let place = try? place(of: key) else { return configuration.deliveryBase }
        return url(for: place)
    }

    /// Without the version, which only the answer to an upload tells. Something must stand in its place, or the first
    /// folder could be taken for a transformation.
    private func url(for place: CloudinaryPlace) -> String {
        configuration.deliveryBase + "\(place.resourceType.rawValue)/upload/v1/\(place.urlEnd)"
    }

    // MARK: Many objects

    /// Each kind of resource has a list of its own; they are given one after another, each in the order of the service.
    package func list(_ prefix: String, after continuation: String?) async throws(StoreError) -> ListPage {
        let parts = (continuation ?? "image").split(separator: ":", maxSplits: 1).map(String.init)
        guard let type = parts.first.flatMap(CloudinaryPlace.ResourceType.init) else {
            throw StoreError(.misconfigured, "this continuation is not one of this store's")
        }
        var query = [("max_results", "500"), ("prefix", configuration.prefix + prefix)]
        if parts.count > 1 { query.append(("next_cursor", parts[1])) }
        let response = try await send(.asking("listing", "resources/\(type.rawValue)/upload", query))
        let page: CloudinaryPage = try response.decoded("listing")
        let objects = try page.resources.map { asset throws(StoreError) in
            guard asset.public_id.utf8.starts(with: (configuration.prefix + prefix).utf8),
                let key = String(asset.public_id.utf8.dropFirst(configuration.prefix.utf8.count)).map(ObjectKey.init)
            else {
                throw StoreError(.corrupt, "listing: the answer names an object outside the prefix")
            }
            return info(of: key, asset)
        }
        if let cursor = page.next_cursor { return ListPage(objects: objects, next: "\(type.rawValue):\(cursor)") }
        let all = CloudinaryPlace.ResourceType.allCases
        let following = all.firstIndex(of: type).map { all.dropFirst($0 + 1) }?.first
        return ListPage(objects: objects, next: following?.rawValue)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await delete(recorded: keys.map { RecordedObject($0) })
    }

    package func delete(recorded objects: [RecordedObject]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var failures: [ObjectKey: StoreError] = [:]
        var rest = objects[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.deletionsAtOnce)
            rest = rest.dropFirst(Self.deletionsAtOnce)
            let ended = await withTaskGroup(of: (ObjectKey, StoreError?).self) { group in
                for object in batch {
                    group.addTask {
                        do throws(StoreError) {
                            try await self.destroy(object)
                            return (object.key, nil)
                        } catch {
                            return (object.key, error)
                        }
                    }
                }
                return await group.reduce(into: [(ObjectKey, StoreError?)]()) { $0.append($1) }
            }
            for case (let key, let failure?) in ended {
                guard failure.kind == .refused else { throw failure }
                failures[key] = failure
            }
        }
        return failures
    }

    /// Destroys the object under the kind that was recorded. "Not found" is believed only when there is nothing of that
    /// name under any other kind either: a wrong kind would leave the asset behind for ever.
    private func destroy(_ object: RecordedObject) async throws(StoreError) {
        let place = try place(of: object.key)
        let recorded = object.provider["resource_type"].flatMap(CloudinaryPlace.ResourceType.init)
        let first = recorded ?? place.resourceType
        for type in [first] + CloudinaryPlace.ResourceType.allCases.filter({ $0 != first }) {
            let call = CloudinaryCall.posting(
                "deleting \(object.key)", "\(type.rawValue)/destroy",
                [("invalidate", "true"), ("public_id", place.publicID), ("type", object.provider["type"] ?? "upload")])
            let verdict: CloudinaryVerdict = try await send(call).decoded("deleting \(object.key)")
            if verdict.result == "ok" { return }
            guard verdict.result == "not found" else {
                throw StoreError(.corrupt, "deleting \(object.key): the answer is \(verdict.result.prefix(80).debugDescription)")
            }
        }
    }

    // MARK: Trying it out

    package func probe() async throws(StoreError) -> Probe {
        // The smallest picture there is: raw files would tell nothing of what the account does to images.
        let bytes = Hexadecimal.decode("47494638396101000100000000002c00000000010001000002024401003b") ?? []
        let key = ObjectKey(probePrefix + randomName() + ".gif")
        var upload = Upload(bytes, mediaType: "image/gif")
        upload.condition = .absent
        let watch = ContinuousClock()
        do throws(StoreError) {
            var start = watch.now
            _ = try await put(key, upload)
            let putTime = watch.now - start
            start = watch.now
            guard try await get(key, limit: 1 << 16) == bytes else {
                throw StoreError(
                    .corrupt, "the cloud delivers other bytes than it was given: it may optimise images by default")
            }
            let getTime = watch.now - start
            start = watch.now
            let listing = try await send(
                .asking("listing", "resources/image/upload", [("prefix", configuration.prefix + key.path)]))
            let page: CloudinaryPage = try listing.decoded("listing")
            guard page.resources.map(\.public_id) == [configuration.prefix + key.path] else {
                throw StoreError(.corrupt, "the cloud does not list an object that it holds")
            }
            let listTime = watch.now - start
            start = watch.now
            _ = try await delete([key])
            let deleteTime = watch.now - start
            // A process that was killed in its probe left something behind.
            try await sweepProbes(begunBefore: clock() - 3600)
            return Probe(
                put: putTime, get: getTime, list: listTime, delete: deleteTime,
                clockDifference: listing[header: "date"].flatMap(secondsSince1970).map { .seconds($0 - clock()) },
                hasConditionalWrites: true, opensURLs: true)
        } catch {
            _ = try? await delete([key])
            throw error
        }
    }

    // MARK: Requests

    func place(of key: ObjectKey) throws(StoreError) -> CloudinaryPlace {
        try CloudinaryPlace(key, prefix: configuration.prefix)
    }

    private func info(of key: ObjectKey, _ asset: CloudinaryAsset) -> ObjectInfo {
        ObjectInfo(key: key, byteCount: asset.bytes, etag: asset.etag, modified: asset.modified)
    }

    func credentials() async throws(StoreError) -> Credentials { try await source.credentials() }

    /// Sends the call until it succeeds, fails for good or has been tried often enough.
    func send(_ call: CloudinaryCall) async throws(StoreError) -> Response {
        var attempt = 1
        while true {
            let failure: StoreError
            do throws(StoreError) {
                return try await transfer(call)
            } catch {
                failure = error
            }
            // What took its time to fail, or asks for patience, is the chain's affair and the circuit's.
            let isQuick = failure.code != StoreError.rateLimited && failure.code != Self.stalled
            guard failure.kind == .unreachable, isQuick, failure.retryAfter == nil, call.canBeRepeated,
                attempt < configuration.attempts
            else { throw failure }
            do {
                try await Task.sleep(for: configuration.firstRetryDelay * Double(attempt) * Double.random(in: 0.5..<1))
            } catch {
                throw StoreError(.cancelled, "\(call.name) was cancelled")
            }
            attempt += 1
        }
    }

    private static let stalled = "Timeout"

    private func transfer(_ call: CloudinaryCall) async throws(StoreError) -> Response {
        let credentials = try await source.credentials()
        let now = clock()
        var (request, body) = call.request(configuration, credentials, at: now)
        request.stallTimeout = call.stallTimeout
        let response: Response
        do throws(TransferError) {
            response = try await client.perform(request, body: body, into: call.destination)
        } catch {
            var failure = storeError(error, of: call.name, host: call.isForDelivery ? "the delivery URL" : configuration.endpoint)
            if case .timedOut = error { failure.code = Self.stalled }
            throw failure
        }
        if (200..<300).contains(response.status) { return response }
        throw cloudinaryRefusal(
            response, of: call.name, localTime: now,
            secrets: [credentials.secretKey, CloudinaryCall.basic(credentials)])
    }
}
