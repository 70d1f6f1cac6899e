import HTTPTransfer
import Signing

/// Trying a bucket out.
extension S3Store {
    package func probe() async throws(StoreError) -> Probe {
        let key = ObjectKey(probePrefix + randomName())
        let bytes = Array("pg_offload was here \(randomName())".utf8)
        let upload = Upload(bytes, mediaType: "text/plain")
        let watch = ContinuousClock()
        do throws(StoreError) {
            var start = watch.now
            _ = try await put(key, upload)
            let putTime = watch.now - start
            let found = S3Capabilities(
                conditionalWrites: try await obeysConditions(at: key, bytes),
                checksums: try await checksChecksums(at: key, bytes))
            state.withLock { $0.capabilities = found }
            start = watch.now
            guard try await get(key, limit: 1 << 16) == bytes else {
                throw StoreError(.corrupt, "the store gave back other bytes than it was given")
            }
            let getTime = watch.now - start
            start = watch.now
            guard try await list(key.path, after: nil).objects.map(\.key) == [key] else {
                throw StoreError(.corrupt, "the store does not list an object that it holds")
            }
            let listTime = watch.now - start
            let opens = await opensURL(of: key, bytes)
            let difference = try await clockDifference()
            start = watch.now
            _ = try await delete([key])
            let deleteTime = watch.now - start
            // A process that was killed in its probe left something behind.
            try await sweepProbes(begunBefore: clock() - 3600)
            return Probe(
                put: putTime, get: getTime, list: listTime, delete: deleteTime,
                clockDifference: difference, hasConditionalWrites: found.conditionalWrites,
                hasChecksums: found.checksums, opensURLs: opens)
        } catch {
            _ = try? await delete([key])
            throw error
        }
    }

    /// Whether the object's URL gives its bytes to somebody without credentials.
    private func opensURL(of key: ObjectKey, _ bytes: [UInt8]) async -> Bool {
        let request = Request(method: "GET", url: url(for: key))
        let response = try? await client.perform(request, into: .memory(limit: 1 << 16))
        return response?.status == 200 && response?.body == bytes
    }

    private func clockDifference() async throws(StoreError) -> Duration? {
        let response = try await send(S3Call("listing", "GET", query: [("list-type", "2"), ("max-keys", "1")]))
        return response[header: "date"].flatMap(secondsSince1970).map { .seconds($0 - clock()) }
    }

    /// Whether an object is kept from being put in the place of the one that is there.
    private func obeysConditions(at key: ObjectKey, _ bytes: [UInt8]) async throws(StoreError) -> Bool {
        var upload = Upload(bytes, mediaType: "text/plain")
        upload.condition = .absent
        do throws(StoreError) {
            _ = try await put(key, upload)
            return false
        } catch {
            // A server that does not know the condition may refuse it.
            if error.kind == .conflict { return true }
            guard error.status == 501 || error.status == 400 else { throw error }
            return false
        }
    }

    /// Whether a wrong checksum is refused, and the right one taken and told.
    private func checksChecksums(at key: ObjectKey, _ bytes: [UInt8]) async throws(StoreError) -> Bool {
        let (sha256, path) = (SHA256.digest(bytes), try path(of: key))
        func put(_ checksum: SHA256Digest) async throws(StoreError) -> Response {
            var call = S3Call(
                "putting \(key)", "PUT", key: path,
                headers: objectHeaders(Upload(bytes, mediaType: "text/plain"))
                    + [(name: checksumHeader, value: Base64.encode(checksum.bytes))],
                body: bytes, sha256: sha256)
            // The refusal that is wanted looks like bytes that were altered on their way.
            call.attempts = 1
            return try await send(call)
        }
        do throws(StoreError) {
            _ = try await put(SHA256.digest([]))
            return false
        } catch {
            guard error.status == 400 || error.status == 501 else { throw error }
        }
        do throws(StoreError) {
            return try await put(sha256)[header: checksumHeader] == Base64.encode(sha256.bytes)
        } catch {
            guard error.status == 400 || error.status == 501 else { throw error }
            return false
        }
    }
}
