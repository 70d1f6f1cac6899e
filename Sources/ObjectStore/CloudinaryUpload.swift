import Signing

/// Uploads, and the proof that the cloud holds what it was given.
extension CloudinaryStore {
    /// An asset of the same name is left as it is where it has the same bytes: its URL stays what it was.
    package func put(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) -> ObjectInfo {
        let place = try place(of: key)
        if case .matches = upload.condition {
            throw StoreError(.misconfigured, "Cloudinary does not compare ETags")
        }
        guard upload.content.count > 0 else { throw StoreError(.rejected, "Cloudinary takes no empty file") }
        if upload.content.count > configuration.chunkThreshold { return try await putInChunks(key, place, upload) }

        guard case .bytes(let bytes) = upload.content else { return try await putStreaming(key, place, upload) }
        if let expected = upload.sha256, expected != SHA256.digest(bytes) { throw Self.otherBytes }
        let md5 = Hexadecimal.encode(MD5.digest(bytes))
        var asset = try await send(.bytes(bytes), key, place, overwriting: false)
        if asset.existing == true {
            if upload.condition == .absent { throw Self.exists(key) }
            if asset.bytes != bytes.count || asset.etag != md5 {
                asset = try await send(.bytes(bytes), key, place, overwriting: true)
            }
        }
        guard asset.bytes == bytes.count, asset.etag == md5 else { throw Self.altered(key, asset) }
        return try info(key, place, asset, upload)
    }

    /// What can be sent only once goes up in the place of whatever is there.
    private func putStreaming(
        _ key: ObjectKey, _ place: CloudinaryPlace, _ upload: Upload
    ) async throws(StoreError) -> ObjectInfo {
        let content = VerifiedContent(upload)
        let file = CloudinaryCall.File.stream(count: upload.content.count) { try await content.next() }
        let asset = try await send(file, key, place, overwriting: upload.condition == .none)
        if asset.existing == true { throw Self.exists(key) }
        guard asset.bytes == upload.content.count, asset.etag == (await content.md5) else {
            throw Self.altered(key, asset)
        }
        return try info(key, place, asset, upload)
    }

    /// Sends the content chunk by chunk, one of them in memory. Its hash is known before the last one goes: without
    /// that one there is no asset.
    private func putInChunks(
        _ key: ObjectKey, _ place: CloudinaryPlace, _ upload: Upload
    ) async throws(StoreError) -> ObjectInfo {
        if upload.condition == .absent, try await exists(key) { throw Self.exists(key) }
        let (count, size) = (upload.content.count, configuration.chunkSize)
        let identifier = randomName() + randomName()
        var source = PieceSource(upload.content)
        var whole = SHA256()
        var md5 = MD5()
        for index in 0..<(count - 1) / size {
            guard let bytes = try await source.next(size) else { throw Self.otherBytes }
            whole.update(bytes.span)
            md5.update(bytes.span)
            _ = try await send(chunk(bytes, index, count, identifier, key, place))
        }
        let last = (count - 1) / size
        guard let bytes = try await source.next(size) else { throw Self.otherBytes }
        whole.update(bytes.span)
        md5.update(bytes.span)
        let sha256 = whole.finish()
        if let expected = upload.sha256, expected != sha256 { throw Self.otherBytes }
        var call = chunk(bytes, last, count, identifier, key, place)
        // It is put together, and a video looked at, before the answer comes.
        call.stallTimeout = configuration.stallTimeout * 5
        let asset = try await verified(try await send(call).decoded("putting \(key)"), key, place)
        guard asset.bytes == count else { throw Self.altered(key, asset) }
        // Nothing says what the ETag of an asset is that came in chunks: where it is no MD5, the bytes are read back.
        if asset.etag != Hexadecimal.encode(md5.finish()) {
            guard try await readBack(asset, key, count) == sha256 else { throw Self.altered(key, asset) }
        }
        return try info(key, place, asset, upload)
    }

    private func chunk(
        _ bytes: [UInt8], _ index: Int, _ count: Int, _ identifier: String, _ key: ObjectKey, _ place: CloudinaryPlace
    ) -> CloudinaryCall {
        let start = index * configuration.chunkSize
        var call = CloudinaryCall.posting(
            "putting chunk \(index + 1) of \(key)", "\(place.resourceType.rawValue)/upload",
            parameters(place, overwriting: true), file: .bytes(bytes))
        call.headers = [
            ("content-range", "bytes \(start)-\(start + bytes.count - 1)/\(count)"), ("x-unique-upload-id", identifier),
        ]
        return call
    }

    private func send(
        _ file: CloudinaryCall.File, _ key: ObjectKey, _ place: CloudinaryPlace, overwriting: Bool
    ) async throws(StoreError) -> CloudinaryAsset {
        let call = CloudinaryCall.posting(
            "putting \(key)", "\(place.resourceType.rawValue)/upload", parameters(place, overwriting: overwriting),
            file: file)
        return try await verified(try await send(call).decoded("putting \(key)"), key, place)
    }

    private func parameters(_ place: CloudinaryPlace, overwriting: Bool) -> [(String, String)] {
        var parameters = [("overwrite", overwriting ? "true" : "false"), ("public_id", place.publicID)]
        if overwriting { parameters.append(("invalidate", "true")) }
        return parameters
    }

    /// The asset, if the answer comes from who knows the secret and speaks of what was sent.
    private func verified(
        _ asset: CloudinaryAsset, _ key: ObjectKey, _ place: CloudinaryPlace
    ) async throws(StoreError) -> CloudinaryAsset {
        let secret = try await credentials().secretKey
        guard let version = asset.version, let signature = asset.signature,
            CloudinarySignature.isValid(signature, publicID: asset.public_id, version: version, secret: secret)
        else {
            throw StoreError(
                .corrupt, "putting \(key): the answer's signature is wrong", code: "ResponseSignatureDoesNotMatch")
        }
        guard asset.public_id.utf8.elementsEqual(place.publicID.utf8), asset.type ?? "upload" == "upload",
            asset.resource_type.flatMap(CloudinaryPlace.ResourceType.init) != nil
        else {
            throw StoreError(.corrupt, "putting \(key): the answer speaks of another asset")
        }
        return asset
    }

    private func info(
        _ key: ObjectKey, _ place: CloudinaryPlace, _ asset: CloudinaryAsset, _ upload: Upload
    ) throws(StoreError) -> ObjectInfo {
        let url = try address(of: asset, key, place)
        var info = ObjectInfo(
            key: key, byteCount: asset.bytes, etag: asset.etag, mediaType: upload.mediaType, modified: asset.modified)
        info.url = url
        info.provider = [
            "resource_type": asset.resource_type ?? place.resourceType.rawValue, "type": asset.type ?? "upload",
            "version": asset.version.map { String($0) } ?? "", "bytes": String(asset.bytes),
        ]
        return info
    }

    /// Its secure URL. One that lies elsewhere would pass for a foreign URL in the user's row.
    private func address(
        of asset: CloudinaryAsset, _ key: ObjectKey, _ place: CloudinaryPlace
    ) throws(StoreError) -> String {
        guard let url = asset.secure_url, url.utf8.count <= 2000, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            url.utf8.reversed().starts(with: ("/" + place.urlEnd).utf8.reversed())
        else {
            throw StoreError(.corrupt, "putting \(key): the answer has no usable secure_url")
        }
        if let delivered = configuration.delivered(url) { return delivered }
        throw StoreError(
            .misconfigured,
            "the cloud's URLs begin with \(url.prefix(60)), and the store's with \(configuration.deliveryBase): "
                + "set its public_url")
    }

    /// The hash of what is delivered, a chunk in memory at a time.
    private func readBack(_ asset: CloudinaryAsset, _ key: ObjectKey, _ count: Int) async throws(StoreError) -> SHA256Digest {
        var hash = SHA256()
        let url = try address(of: asset, key, try place(of: key))
        for start in stride(from: 0, to: count, by: configuration.chunkSize) {
            let end = min(start + configuration.chunkSize, count)
            var call = CloudinaryCall.reading("reading \(key) back", url, into: .memory(limit: end - start))
            call.headers = [("range", "bytes=\(start)-\(end - 1)")]
            let response = try await send(call)
            guard response.status == 206, response.body.count == end - start else {
                throw StoreError(.corrupt, "reading \(key) back: the answer is not the part that was asked for")
            }
            hash.update(response.body.span)
        }
        return hash.finish()
    }

    fileprivate static let otherBytes = StoreError(
        .source, "the bytes to be stored do not have the SHA-256 that was announced")

    private static func exists(_ key: ObjectKey) -> StoreError { StoreError(.conflict, "there is an object \(key)") }

    private static func altered(_ key: ObjectKey, _ asset: CloudinaryAsset) -> StoreError {
        StoreError(
            .corrupt, "putting \(key): the cloud holds other bytes than it was given (\(asset.bytes) of them): "
                + "it may transform what comes in")
    }
}

/// A stream whose last piece is held back until all of it is known to hash to what was announced.
private actor VerifiedContent {
    private static let pieceSize = 1 << 20

    private var source: PieceSource
    private var sha256: SHA256? = SHA256()
    private var digest: MD5? = MD5()
    private var left: Int
    private let expected: SHA256Digest?
    /// Once all of it has been given.
    private(set) var md5: String?

    init(_ upload: Upload) {
        source = PieceSource(upload.content)
        left = upload.content.count
        expected = upload.sha256
    }

    func next() async throws -> [UInt8] {
        var source = source
        guard let bytes = try await source.next(Self.pieceSize) else { return [] }
        self.source = source
        sha256?.update(bytes.span)
        digest?.update(bytes.span)
        left -= bytes.count
        if left == 0 {
            let found = sha256.take()?.finish()
            if let expected, expected != found { throw CloudinaryStore.otherBytes }
            if let whole = digest.take() { md5 = Hexadecimal.encode(whole.finish()) }
        }
        return bytes
    }
}
