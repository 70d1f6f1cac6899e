private import Glibc
import HTTPTransfer
import Signing
import Synchronization

/// A bucket, or the part of one below a prefix, on AWS or anything that speaks S3.
package final class S3Store: ObjectStore {
    /// What happened since the store was opened.
    package struct Statistics: Sendable, Equatable {
        package var requests = 0
        package var retries = 0
        /// Answers that asked us to slow down.
        package var slowdowns = 0
        /// Calls that failed for good.
        package var failures = 0
        package var bytesSent = 0
        package var bytesReceived = 0
    }

    struct State {
        var region: String
        /// For the region.
        var address: S3Address
        var signer: SigV4?
        /// Cleared for good when a server's ETag of a plain object turned out not to be its MD5.
        var etagIsMD5 = true
        var hasMultiDelete = true
        var capabilities: S3Capabilities
        var statistics = Statistics()
    }

    package let configuration: S3Configuration
    private let source: any CredentialSource
    let client: HTTPClient
    let clock: @Sendable () -> Int64
    let state: Mutex<State>

    /// - Parameter clock: seconds since 1970.
    package init(
        _ configuration: S3Configuration, credentials: any CredentialSource,
        clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws(StoreError) {
        let address = try S3Address(configuration, region: configuration.region)
        self.configuration = configuration
        source = credentials
        self.clock = clock
        state = Mutex(State(region: configuration.region, address: address, capabilities: configuration.capabilities))
        var settings = HTTPClient.Settings()
        settings.concurrency = configuration.concurrency
        settings.connectTimeout = configuration.connectTimeout
        settings.stallTimeout = configuration.stallTimeout
        settings.certificateAuthority = configuration.certificateAuthority
        client = HTTPClient(settings)
    }

    package var statistics: Statistics { state.withLock { $0.statistics } }

    package var retries: Int { statistics.retries }

    /// The region that the bucket turned out to be in.
    package var region: String { state.withLock { $0.region } }

    // MARK: Objects

    package func get(_ key: ObjectKey, limit: Int) async throws(StoreError) -> [UInt8] {
        let response = try await send(
            S3Call("getting \(key)", "GET", key: try path(of: key), into: .memory(limit: limit)))
        return response.body
    }

    package func download(_ key: ObjectKey, to path: String) async throws(StoreError) -> ObjectInfo {
        let temporary = path + ".part-" + randomName()
        do throws(StoreError) {
            let response = try await send(
                S3Call("downloading \(key)", "GET", key: try self.path(of: key), into: .file(path: temporary)))
            try await diskThreads.run { () throws(StoreError) in try moveIntoPlace(temporary, as: path) }
            return info(of: key, response, count: response.byteCount)
        } catch {
            await diskThreads.run { removeFile(temporary) }
            throw error
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        do throws(StoreError) {
            let response = try await send(S3Call("looking for \(key)", "HEAD", key: try path(of: key)))
            guard let length = response[header: "content-length"].flatMap({ Int($0) }) else {
                throw StoreError(.corrupt, "looking for \(key): the answer has no length")
            }
            return info(of: key, response, count: length)
        } catch {
            if error.kind == .notFound { return nil }
            throw error
        }
    }

    package func url(for key: ObjectKey) -> String {
        let path = RequestTarget.encode(configuration.prefix + key.path, keepingSlash: true)
        if var address = configuration.publicURL {
            while address.hasSuffix("/") { address.removeLast() }
            return address + "/" + path
        }
        let address = state.withLock { $0.address }
        return address.origin + RequestTarget.encode(address.basePath, keepingSlash: true) + "/" + path
    }

    /// A URL that lets whoever has it read the object until then.
    package func presignedURL(for key: ObjectKey, lifetime: Duration) async throws(StoreError) -> String {
        let (signer, address) = try await signing()
        let path = address.basePath + "/" + (try path(of: key))
        let query = signer.presignedQuery(
            for: "GET", path: path, host: address.host, lifetime: Int(lifetime.components.seconds), at: clock())
        return address.origin + RequestTarget(path: path).path + "?" + query
    }

    // MARK: Many objects

    package func list(_ prefix: String, after continuation: String?) async throws(StoreError) -> ListPage {
        var query = [("list-type", "2"), ("encoding-type", "url"), ("prefix", configuration.prefix + prefix)]
        if let continuation { query.append(("continuation-token", continuation)) }
        let response = try await send(S3Call("listing", "GET", query: query))
        guard let document = XMLElement(response.body), document.name == "ListBucketResult" else {
            throw StoreError(.corrupt, "listing: the answer is not a list")
        }
        let isEncoded = document["EncodingType"] == "url"
        var objects: [ObjectInfo] = []
        for item in document.all("Contents") {
            guard let raw = item["Key"], let size = item["Size"].flatMap({ Int($0) }) else {
                throw StoreError(.corrupt, "listing: the answer names an object without key or size")
            }
            let full = isEncoded ? decodedKey(raw) : raw
            guard let full, let key = self.key(at: full) else {
                throw StoreError(.corrupt, "listing: the answer names an object outside the prefix")
            }
            objects.append(
                ObjectInfo(
                    key: key, byteCount: size,
                    etag: item["ETag"].map { unquoted($0) }, modified: item["LastModified"].flatMap(secondsSince1970)))
        }
        let isTruncated = document["IsTruncated"] == "true"
        let next = document["NextContinuationToken"]
        if isTruncated, next == nil { throw StoreError(.corrupt, "listing: the answer ends in the middle") }
        return ListPage(objects: objects, next: isTruncated ? next : nil)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var failures: [ObjectKey: StoreError] = [:]
        var rest = keys[...]
        while !rest.isEmpty {
            let batch = rest.prefix(1000)
            rest = rest.dropFirst(1000)
            let hasMultiDelete = state.withLock { $0.hasMultiDelete }
            // XML has no way to write these characters.
            let plain = batch.filter { hasMultiDelete && !$0.path.unicodeScalars.contains { $0.value < 0x20 } }
            var single = batch.filter { !plain.contains($0) || !hasMultiDelete }
            if batch.count == 1 { single = Array(batch) }
            if batch.count > 1, !plain.isEmpty {
                do throws(StoreError) {
                    failures.merge(try await deleteTogether(plain)) { $1 }
                } catch {
                    guard error.status == 501 || error.code == "NotImplemented" else { throw error }
                    state.withLock { $0.hasMultiDelete = false }
                    single += plain
                }
            }
            for key in single {
                do throws(StoreError) {
                    _ = try await send(S3Call("deleting \(key)", "DELETE", key: try path(of: key)))
                } catch {
                    if error.kind == .notFound { continue }
                    guard error.kind == .refused else { throw error }
                    failures[key] = error
                }
            }
        }
        return failures
    }

    private func deleteTogether(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var document = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
        for key in keys {
            document += "<Object><Key>\(XMLElement.escape(try path(of: key)))</Key></Object>"
        }
        document += "</Delete>"
        let response = try await send(
            S3Call("deleting \(keys.count) objects", "POST", query: [("delete", "")], document: document))
        guard let answer = XMLElement(response.body), answer.name == "DeleteResult" else {
            throw StoreError(.corrupt, "deleting \(keys.count) objects: the answer cannot be read")
        }
        var failures: [ObjectKey: StoreError] = [:]
        for error in answer.all("Error") {
            let key = error["Key"].flatMap { self.key(at: $0) } ?? ObjectKey(error["Key"] ?? "")
            if error["Code"] == "NoSuchKey" { continue }
            let kind: StoreError.Kind = error["Code"] == "AccessDenied" ? .refused : .unreachable
            failures[key] = StoreError(kind, "deleting \(key) failed: \(error["Message"] ?? "")", code: error["Code"])
        }
        return failures
    }

    // MARK: Keys, headers, answers

    /// The key in the bucket. S3 takes any up to 1,024 bytes.
    func path(of key: ObjectKey) throws(StoreError) -> String {
        let path = configuration.prefix + key.path
        guard !key.path.isEmpty, path.utf8.count <= 1024 else {
            throw StoreError(.misconfigured, "a key has 1 to 1024 bytes: \(path.prefix(80))")
        }
        return path
    }

    /// The key of what lies at a path of the bucket; nil when that is not below the prefix.
    func key(at path: String) -> ObjectKey? {
        guard path.utf8.starts(with: configuration.prefix.utf8) else { return nil }
        return String(path.utf8.dropFirst(configuration.prefix.utf8.count)).map(ObjectKey.init)
    }

    /// What is stored with an object, its SHA-256 where that is known beforehand: an ETag need not say it.
    func objectHeaders(_ upload: Upload) -> [(name: String, value: String)] {
        var headers = [(name: "content-type", value: upload.mediaType)]
        if let sha256 = upload.sha256 { headers.append((sha256Header, sha256.hexadecimal)) }
        if let value = configuration.cacheControl { headers.append(("cache-control", value)) }
        if let value = configuration.storageClass { headers.append(("x-amz-storage-class", value)) }
        if let value = configuration.accessControl { headers.append(("x-amz-acl", value)) }
        switch configuration.encryption {
        case .none: break
        case .managed: headers.append(("x-amz-server-side-encryption", "AES256"))
        case .kms(let keyID):
            headers.append(("x-amz-server-side-encryption", "aws:kms"))
            if let keyID { headers.append(("x-amz-server-side-encryption-aws-kms-key-id", keyID)) }
        }
        return headers
    }

    func plainETag(_ response: Response) -> String? {
        response[header: "etag"].map { unquoted($0) }
    }

    private func info(of key: ObjectKey, _ response: Response, count: Int) -> ObjectInfo {
        ObjectInfo(
            key: key, byteCount: count, etag: plainETag(response), mediaType: response[header: "content-type"],
            modified: response[header: "last-modified"].flatMap(secondsSince1970),
            sha256: response[header: sha256Header].flatMap { SHA256Digest(hexadecimal: $0) })
    }

    // MARK: Requests

    /// Sends the call until it succeeds, fails for good or has been tried often enough.
    func send(_ call: S3Call) async throws(StoreError) -> Response {
        var attempt = 1
        var redirects = 0
        var host: String?
        var hasLostAnswer = false
        while true {
            var failure: StoreError
            do throws(StoreError) {
                let (response, address, now) = try await transfer(call, host: host, isRetry: attempt > 1)
                if (200..<300).contains(response.status), !call.answersWithError(response) { return response }
                if redirects < 3, let next = redirect(response, from: address) {
                    redirects += 1
                    host = next.host
                    continue
                }
                failure = refusal(response, of: call.name, bucket: configuration.bucket, localTime: now)
            } catch {
                failure = error
            }
            if failure.isSlowdown { state.withLock { $0.statistics.slowdowns += 1 } }
            failure.followsLostAnswer = hasLostAnswer
            let wait = max(failure.retryAfter ?? .zero, delay(afterAttempt: attempt))
            guard failure.isTransient, attempt < min(configuration.attempts, call.attempts), wait <= .seconds(60) else {
                state.withLock { $0.statistics.failures += 1 }
                throw failure
            }
            // What a server said of a failure of its own, or did not live to say, proves nothing about the effect.
            if failure.kind == .unreachable { hasLostAnswer = true }
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw StoreError(.cancelled, "\(call.name) was cancelled")
            }
            attempt += 1
        }
    }

    private func transfer(
        _ call: S3Call, host: String?, isRetry: Bool
    ) async throws(StoreError) -> (Response, S3Address, Int64) {
        var (signer, address) = try await signing()
        if let host { address.host = host }
        let target = RequestTarget(
            path: address.basePath + "/" + (call.key ?? ""), query: call.query)
        let now = clock()
        let signed = signer.headers(
            for: call.method, target, host: address.host, headers: call.headers,
            payload: call.sha256.map { .bytes($0) } ?? .empty, at: now)
        var request = Request(
            method: call.method, url: address.origin + target.text, headers: call.headers + signed)
        request.stallTimeout = call.stallTimeout
        let count = call.body?.count ?? 0
        state.withLock { state in
            state.statistics.requests += 1
            if isRetry { state.statistics.retries += 1 }
            state.statistics.bytesSent += count
        }
        do throws(TransferError) {
            let response = try await client.perform(
                request, body: call.body.map { .bytes($0) } ?? .none, into: call.destination)
            state.withLock { $0.statistics.bytesReceived += response.byteCount }
            return (response, address, now)
        } catch {
            throw storeError(error, of: call.name, host: address.host)
        }
    }

    private func signing() async throws(StoreError) -> (SigV4, S3Address) {
        let credentials = try await source.credentials()
        return state.withLock { state in
            if let signer = state.signer, signer.credentials == credentials, signer.region == state.region {
                return (signer, state.address)
            }
            let signer = SigV4(credentials: credentials, region: state.region)
            state.signer = signer
            return (signer, state.address)
        }
    }

    /// Where the answer sends us: another region, which is remembered, or for this call another host.
    private func redirect(_ response: Response, from address: S3Address) -> (host: String?, region: String)? {
        guard [301, 307, 400].contains(response.status) else { return nil }
        let document = XMLElement(response.body)
        let code = document?["Code"]
        if response.status == 400, code != "AuthorizationHeaderMalformed" { return nil }
        let current = region
        if let region = response[header: "x-amz-bucket-region"] ?? document?["Region"], region != current,
            region.utf8.allSatisfy({ ($0 >= 0x61 && $0 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2d })
        {
            guard let there = try? S3Address(configuration, region: region) else { return nil }
            state.withLock { state in
                state.region = region
                state.address = there
            }
            return (nil, region)
        }
        // Over TLS to TLS only: a signature is worth nothing to another host, but a key's name is nobody's business.
        guard response.status == 307, let location = response[header: "location"] else { return nil }
        let scheme = address.scheme + "://"
        guard location.hasPrefix(scheme) else { return nil }
        let host = location.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }.lowercased()
        return host.isEmpty || host == address.host ? nil : (host, current)
    }

    private func delay(afterAttempt attempt: Int) -> Duration {
        let full = min(configuration.firstRetryDelay * (1 << min(attempt - 1, 20)), configuration.retryDelayLimit)
        return full * Double.random(in: 0.5..<1)
    }
}

/// Where an object's own SHA-256 stands.
private let sha256Header = "x-amz-meta-sha256"

func unquoted(_ etag: String) -> String {
    etag.hasPrefix("\"") && etag.hasSuffix("\"") && etag.count >= 2 ? String(etag.dropFirst().dropLast()) : etag
}

/// A key as `encoding-type=url` writes it: nil when that is not UTF-8.
func decodedKey(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let value = Hexadecimal.decode(String(decoding: rest.prefix(2), as: UTF8.self)), value.count == 1
            else { return nil }
            bytes.append(value[0])
            rest = rest.dropFirst(2)
        case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}

func randomName() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36)
}
