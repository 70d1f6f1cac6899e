import HTTPTransfer
import Signing

/// Uploads of objects too large to go up in one request.
extension S3Store {
    private struct Part: Sendable {
        var number: Int
        var etag: String
        var md5: [UInt8]
    }

    /// The size of a part so that `count` bytes fit in 10,000 of them, each from 5 MiB to 5 GiB.
    package static func partSize(for count: Int, preferred: Int) -> Int {
        let needed = (count + 9_999) / 10_000
        let mebibytes = ((needed + (1 << 20) - 1) >> 20) << 20
        return min(max(preferred, mebibytes, 5 << 20), 5 << 30)
    }

    /// Sends the content in parts as it comes, only a few of them in memory at once.
    func putInParts(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) -> ObjectInfo {
        let path = try path(of: key)
        let begun = try await send(beginning(key, path, upload))
        guard let identifier = XMLElement(begun.body)?["UploadId"], !identifier.isEmpty else {
            throw StoreError(.corrupt, "beginning the upload of \(key): the answer has no upload id")
        }
        do throws(StoreError) {
            let parts = try await sendParts(of: upload, key, path, identifier)
            return try await complete(key, path, identifier, parts, upload)
        } catch {
            await abort(key, path, identifier)
            throw error
        }
    }

    /// Also for a cancelled task: what is left behind costs money.
    private func abort(_ key: ObjectKey, _ path: String, _ identifier: String) async {
        let call = S3Call("aborting the upload of \(key)", "DELETE", key: path, query: [("uploadId", identifier)])
        await Task.detached { _ = try? await self.send(call) }.value
    }

    private func beginning(_ key: ObjectKey, _ path: String, _ upload: Upload) -> S3Call {
        S3Call(
            "beginning the upload of \(key)", "POST", key: path, query: [("uploads", "")],
            headers: objectHeaders(upload))
    }

    private func sendParts(
        of upload: Upload, _ key: ObjectKey, _ path: String, _ identifier: String
    ) async throws(StoreError) -> [Part] {
        let size = Self.partSize(for: upload.content.count, preferred: configuration.partSize)
        // However large the parts of a large object are, they are not all in memory.
        let atOnce = max(1, min(configuration.partsAtOnce, configuration.partMemory / size))
        let result: Result<[Part], StoreError> = await withTaskGroup(of: Result<Part, StoreError>.self) { group in
            var source = PieceSource(upload.content)
            var whole = SHA256()
            var parts: [Part] = []
            do throws(StoreError) {
                var number = 0
                while true {
                    // Its memory first: the next part is read into what the one before leaves.
                    if number >= atOnce, let ended = await group.next() { parts.append(try ended.get()) }
                    guard let bytes = try await source.next(size) else { break }
                    whole.update(bytes.span)
                    number += 1
                    let part = number
                    group.addTask {
                        do throws(StoreError) {
                            return .success(try await self.sendPart(bytes, part, key, path, identifier))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                while let ended = await group.next() { parts.append(try ended.get()) }
            } catch {
                group.cancelAll()
                return .failure(error)
            }
            let digest = whole.finish()
            if let expected = upload.sha256, expected != digest {
                return .failure(
                    StoreError(.source, "the bytes to be stored do not have the SHA-256 that was announced"))
            }
            return .success(parts.sorted { $0.number < $1.number })
        }
        return try result.get()
    }

    private func sendPart(
        _ bytes: [UInt8], _ number: Int, _ key: ObjectKey, _ path: String, _ identifier: String
    ) async throws(StoreError) -> Part {
        let md5 = MD5.digest(bytes)
        let response = try await send(
            S3Call(
                "putting part \(number) of \(key)", "PUT", key: path,
                query: [("partNumber", String(number)), ("uploadId", identifier)],
                headers: [("content-md5", Base64.encode(md5))], body: bytes, sha256: SHA256.digest(bytes)))
        guard let etag = plainETag(response), !etag.isEmpty else {
            throw StoreError(.corrupt, "putting part \(number) of \(key): the answer has no ETag")
        }
        return Part(number: number, etag: etag, md5: md5)
    }

    private func complete(
        _ key: ObjectKey, _ path: String, _ identifier: String, _ parts: [Part], _ upload: Upload
    ) async throws(StoreError) -> ObjectInfo {
        var document = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        for part in parts {
            document += "<Part><PartNumber>\(part.number)</PartNumber>"
            document += "<ETag>&quot;\(XMLElement.escape(part.etag))&quot;</ETag></Part>"
        }
        document += "</CompleteMultipartUpload>"
        var call = S3Call(
            "completing the upload of \(key)", "POST", key: path, query: [("uploadId", identifier)], document: document)
        call.headers += headers(for: upload.condition)
        // A server may think for minutes, and may say only at the end that it failed.
        call.stallTimeout = .seconds(300)
        call.mayAnswerWithError = true
        let joined = "\(Hexadecimal.encode(MD5.digest(parts.flatMap(\.md5))))-\(parts.count)"
        let count = upload.content.count
        do throws(StoreError) {
            let response = try await send(call)
            let etag = XMLElement(response.body)?["ETag"].map { unquoted($0) }
            if etag == joined {
                return ObjectInfo(key: key, byteCount: count, etag: etag, mediaType: upload.mediaType)
            }
        } catch {
            // The upload is gone: either an answer that was lost had completed it, or somebody aborted it. Or an object
            // is there: the one that the lost answer spoke of, or another's with the same name.
            let isConflict = error.kind == .conflict && (error.followsLostAnswer || upload.condition == .absentOrSame)
            guard error.kind == .notFound || isConflict else { throw error }
            guard let info = try await head(key), info.byteCount == count,
                info.etag == joined || info.sha256 != nil && info.sha256 == upload.sha256
            else {
                guard isConflict, upload.condition == .absentOrSame else { throw error }
                // What lies there is not what its key names.
                var unconditional = upload
                unconditional.condition = .none
                return try await complete(key, path, identifier, parts, unconditional)
            }
            if isConflict { await abort(key, path, identifier) }
            return info
        }
        // Each part was answered for. Some servers compose the ETag otherwise; the length must be right everywhere.
        guard let info = try await head(key), info.byteCount == count else {
            throw StoreError(.corrupt, "completing the upload of \(key): the store holds another number of bytes")
        }
        return info
    }

    /// Aborts uploads below the prefix that were begun before then and never completed. Returns how many.
    package func sweepUploads(begunBefore time: Int64) async throws(StoreError) -> Int {
        var count = 0
        // Without `encoding-type`: Ceph encodes the keys of this list when asked, and does not say that it did.
        var marker: [(String, String)] = []
        while true {
            let response = try await send(
                S3Call(
                    "listing uploads", "GET",
                    query: [("uploads", ""), ("prefix", configuration.prefix)] + marker))
            guard let document = XMLElement(response.body), document.name == "ListMultipartUploadsResult" else {
                throw StoreError(.corrupt, "listing uploads: the answer is not a list")
            }
            for upload in document.all("Upload") {
                guard let key = upload["Key"], let identifier = upload["UploadId"], self.key(at: key) != nil,
                    let begun = upload["Initiated"].flatMap(secondsSince1970), begun < time
                else { continue }
                do throws(StoreError) {
                    _ = try await send(
                        S3Call("aborting the upload of \(key)", "DELETE", key: key, query: [("uploadId", identifier)]))
                    count += 1
                } catch {
                    if error.kind != .notFound { throw error }
                }
            }
            guard document["IsTruncated"] == "true", let nextKey = document["NextKeyMarker"] else { return count }
            marker = [("key-marker", nextKey), ("upload-id-marker", document["NextUploadIdMarker"] ?? "")]
        }
    }
}
