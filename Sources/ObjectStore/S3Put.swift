import HTTPTransfer
import Signing

/// Uploads in one request.
extension S3Store {
    package func put(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) -> ObjectInfo {
        if upload.content.count > configuration.multipartThreshold {
            return try await putInParts(key, upload)
        }
        let whole = try await Whole(key, upload)
        do throws(StoreError) {
            return try await put(whole, condition: upload.condition)
        } catch {
            switch (error.kind, upload.condition) {
            case (.conflict, .absentOrSame) where error.status == 412:
                if let info = try await stored(whole) { return info }
                // What lies there is not what its key names.
                return try await put(whole, condition: .none)
            case (.conflict, .absent) where error.followsLostAnswer,
                (.conflict, .matches) where error.followsLostAnswer:
                // The answer that was lost may have been: stored.
                if let info = try await stored(whole) { return info }
            case (.corrupt, _) where !whole.holdsWhatWasAnnounced: throw Whole.mismatch
            default: break
            }
            throw error
        }
    }

    /// The object, once the store has answered for exactly these bytes.
    private func put(_ whole: Whole, condition: Upload.Condition) async throws(StoreError) -> ObjectInfo {
        let hasChecksums = capabilities.checksums
        let checksum = Base64.encode(whole.sha256.bytes)
        let md5 = hasChecksums ? nil : MD5.digest(whole.bytes)
        var headers = objectHeaders(whole.upload) + self.headers(for: condition)
        if let md5 {
            headers.append(("content-md5", Base64.encode(md5)))
        } else {
            headers.append((checksumHeader, checksum))
        }
        let response = try await send(
            S3Call(
                "putting \(whole.key)", "PUT", key: try path(of: whole.key), headers: headers, body: whole.bytes,
                sha256: whole.sha256))
        let etag = plainETag(response)
        let info = ObjectInfo(
            key: whole.key, byteCount: whole.bytes.count, etag: etag, mediaType: whole.upload.mediaType)
        if let md5 {
            if let etag, etag == Hexadecimal.encode(md5) || isEncrypted(response) { return info }
        } else if response[header: checksumHeader] == checksum {
            return info
        }
        try await confirm(whole)
        return info
    }

    /// A condition that the store is not known to obey is left out where nothing depends on it.
    func headers(for condition: Upload.Condition) -> [(name: String, value: String)] {
        switch condition {
        case .none: []
        case .absent: [("if-none-match", "*")]
        case .absentOrSame: capabilities.conditionalWrites ? [("if-none-match", "*")] : []
        case .matches(let etag): [("if-match", "\"\(etag)\"")]
        }
    }

    package var capabilities: S3Capabilities { state.withLock { $0.capabilities } }

    /// What lies at the key, where it is the very bytes.
    private func stored(_ whole: Whole) async throws(StoreError) -> ObjectInfo? {
        guard let info = try await head(whole.key), info.byteCount == whole.bytes.count else { return nil }
        if let sha256 = info.sha256 { return sha256 == whole.sha256 ? info : nil }
        if info.etag == Hexadecimal.encode(MD5.digest(whole.bytes)) { return info }
        return SHA256.digest(try await get(whole.key, limit: whole.bytes.count)) == whole.sha256 ? info : nil
    }

    /// Reads the object back, because its answer does not prove what was stored.
    private func confirm(_ whole: Whole) async throws(StoreError) {
        let count = whole.bytes.count
        if !state.withLock({ $0.etagIsMD5 }), let info = try await head(whole.key), info.byteCount == count { return }
        let stored = try await get(whole.key, limit: count + 1)
        guard SHA256.digest(stored) == whole.sha256 else {
            throw StoreError(.corrupt, "putting \(whole.key): the store holds other bytes than it was given")
        }
        state.withLock { $0.etagIsMD5 = false }
    }

    private func isEncrypted(_ response: Response) -> Bool {
        response[header: "x-amz-server-side-encryption"]?.hasPrefix("aws:") == true
    }
}

let checksumHeader = "x-amz-checksum-sha256"

/// An object that is in memory, and its hash.
private struct Whole: Sendable {
    let key: ObjectKey
    let upload: Upload
    let bytes: [UInt8]
    /// A hash that was announced with bytes is taken at its word: it is what the request is signed with, and so the
    /// server refuses bytes that do not have it.
    let sha256: SHA256Digest

    static let mismatch = StoreError(
        .source, "the bytes to be stored do not have the SHA-256 that was announced")

    init(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) {
        self.key = key
        self.upload = upload
        bytes = try await upload.content.gathered()
        if case .bytes = upload.content, let announced = upload.sha256 {
            sha256 = announced
        } else {
            sha256 = SHA256.digest(bytes)
            if let announced = upload.sha256, announced != sha256 { throw Self.mismatch }
        }
    }

    var holdsWhatWasAnnounced: Bool { SHA256.digest(bytes) == sha256 }
}
