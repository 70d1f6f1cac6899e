package import Signing

/// A place for objects outside the database.
///
/// Every call may be made from any task, and ends soon after its task is cancelled. What a call retries by itself is
/// the implementation's affair; what it throws is worth telling.
package protocol ObjectStore: Sendable {
    /// Stores the upload under the key, in the place of what was there. When it returns, the store has answered for
    /// exactly these bytes.
    func put(_ key: ObjectKey, _ upload: Upload) async throws(StoreError) -> ObjectInfo

    /// The bytes of an object that has at most `limit` of them.
    func get(_ key: ObjectKey, limit: Int) async throws(StoreError) -> [UInt8]

    /// Writes the object to a file, which appears only when it is complete.
    func download(_ key: ObjectKey, to path: String) async throws(StoreError) -> ObjectInfo

    /// What the store knows about the object; nil when there is none.
    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo?

    /// One page of the keys that begin with the prefix, in the order of their bytes; Cloudinary's are in its own order.
    func list(_ prefix: String, after continuation: String?) async throws(StoreError) -> ListPage

    /// Deletes the objects; one that is not there counts as deleted. The answer holds those that are left, and why.
    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError]

    /// Deletes objects with what was recorded of them, for stores that do not find an object by its key alone.
    func delete(recorded objects: [RecordedObject]) async throws(StoreError) -> [ObjectKey: StoreError]

    /// Where the object can be opened, whether or not this needs credentials.
    func url(for key: ObjectKey) -> String

    /// Puts, reads, lists and deletes an object of its own, and tells what the store can do.
    func probe() async throws(StoreError) -> Probe

    /// Removes what uploads left behind that were begun before then, in seconds since 1970, and cut short. Returns how
    /// many.
    func sweepUploads(begunBefore time: Int64) async throws(StoreError) -> Int

    /// How many requests it has sent again by itself.
    var retries: Int { get }
}

extension ObjectStore {
    package var retries: Int { 0 }

    package func sweepUploads(begunBefore _: Int64) async throws(StoreError) -> Int { 0 }
}

/// What is to be stored.
package struct Upload: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        /// `count` bytes that `next` gives in pieces of any size, each asked for when there is room for it.
        case stream(count: Int, next: @Sendable () async throws -> [UInt8])

        package var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .stream(let count, _): count
            }
        }
    }

    package enum Condition: Sendable, Equatable {
        case none
        /// Only where nothing is.
        case absent
        /// Where nothing is; the same bytes in that place are as good as stored. For keys that name their content.
        case absentOrSame
        /// Only in the place of the object with this ETag.
        case matches(String)
    }

    package var content: Content
    package var mediaType: String
    /// What the bytes must hash to; they are not stored when they do not. Nil: whatever they hash to.
    package var sha256: SHA256Digest?
    package var condition = Condition.none

    package init(_ content: Content, mediaType: String, sha256: SHA256Digest? = nil) {
        self.content = content
        self.mediaType = mediaType
        self.sha256 = sha256
    }

    package init(_ bytes: [UInt8], mediaType: String, sha256: SHA256Digest? = nil) {
        self.init(.bytes(bytes), mediaType: mediaType, sha256: sha256)
    }
}

/// What a store says about an object.
package struct ObjectInfo: Sendable, Equatable {
    package var key: ObjectKey
    package var byteCount: Int
    package var etag: String?
    package var mediaType: String?
    /// In seconds since 1970.
    package var modified: Int64?
    /// Where the store was told it, and tells it.
    package var sha256: SHA256Digest?
    /// Where it opens, if the store chose that itself.
    package var url: String?
    /// What is to be recorded with it, so that the store finds it again.
    package var provider: [String: String]?

    package init(
        key: ObjectKey, byteCount: Int, etag: String? = nil, mediaType: String? = nil, modified: Int64? = nil,
        sha256: SHA256Digest? = nil
    ) {
        self.key = key
        self.byteCount = byteCount
        self.etag = etag
        self.mediaType = mediaType
        self.modified = modified
        self.sha256 = sha256
    }
}

/// An object as it was recorded when it was stored.
package struct RecordedObject: Sendable, Equatable {
    package var key: ObjectKey
    /// `ObjectInfo.provider`, where it is known.
    package var provider: [String: String]

    package init(_ key: ObjectKey, provider: [String: String] = [:]) {
        self.key = key
        self.provider = provider
    }
}

package struct ListPage: Sendable, Equatable {
    package var objects: [ObjectInfo]
    /// What the next page is asked for with; nil after the last.
    package var next: String?

    package init(objects: [ObjectInfo], next: String?) {
        self.objects = objects
        self.next = next
    }
}

/// What a probe found.
package struct Probe: Sendable, Equatable {
    /// How long the store took to take, give back, list and delete a small object, each.
    package var put: Duration
    package var get: Duration
    package var list: Duration
    package var delete: Duration
    /// How far the store's clock is ahead of ours, where it tells the time.
    package var clockDifference: Duration?
    /// Whether `Upload.Condition.absent` is obeyed.
    package var hasConditionalWrites: Bool
    /// Whether it checks an upload against `x-amz-checksum-sha256`.
    package var hasChecksums = false
    /// Whether URLs open without credentials; nil when that was not tried.
    package var opensURLs: Bool?

    package init(
        put: Duration, get: Duration, list: Duration, delete: Duration, clockDifference: Duration?,
        hasConditionalWrites: Bool, hasChecksums: Bool = false, opensURLs: Bool?
    ) {
        self.put = put
        self.get = get
        self.list = list
        self.delete = delete
        self.clockDifference = clockDifference
        self.hasConditionalWrites = hasConditionalWrites
        self.hasChecksums = hasChecksums
        self.opensURLs = opensURLs
    }
}

extension ObjectStore {
    package func exists(_ key: ObjectKey) async throws(StoreError) -> Bool {
        try await head(key) != nil
    }

    package func delete(recorded objects: [RecordedObject]) async throws(StoreError) -> [ObjectKey: StoreError] {
        try await delete(objects.map(\.key))
    }

    /// All objects whose keys begin with the prefix, page after page as they are asked for.
    package func objects(under prefix: String) -> Objects {
        Objects(store: self, prefix: prefix)
    }
}

/// What the key of a probe's object begins with: no object of a row does.
let probePrefix = "offload-probe-"

extension ObjectStore {
    /// Removes the objects of probes that were cut short before then, in seconds since 1970.
    func sweepProbes(begunBefore time: Int64) async throws(StoreError) {
        let left = try await list(probePrefix, after: nil).objects.filter { $0.modified.map { $0 < time } ?? false }
        if !left.isEmpty { _ = try await delete(left.map(\.key)) }
    }
}

/// The objects under a prefix.
package struct Objects: AsyncSequence, Sendable {
    package typealias Element = ObjectInfo
    package typealias Failure = StoreError

    let store: any ObjectStore
    let prefix: String

    package struct AsyncIterator: AsyncIteratorProtocol {
        let store: any ObjectStore
        let prefix: String
        var page: ArraySlice<ObjectInfo> = []
        var continuation: String?
        var isLast = false

        package mutating func next() async throws(StoreError) -> ObjectInfo? {
            while page.isEmpty {
                if isLast { return nil }
                let answer = try await store.list(prefix, after: continuation)
                page = answer.objects[...]
                continuation = answer.next
                isLast = answer.next == nil
            }
            return page.removeFirst()
        }

        package mutating func next(isolation _: isolated (any Actor)?) async throws(StoreError) -> ObjectInfo? {
            try await next()
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(store: store, prefix: prefix)
    }
}

extension Upload.Content {
    /// The bytes whole, or why not.
    func gathered() async throws(StoreError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .stream(let count, _):
            var source = PieceSource(self)
            guard let bytes = try await source.next(count) else { return [] }
            _ = try await source.next(1)
            return bytes
        }
    }
}

/// Cuts a content into pieces of the size that is asked for.
struct PieceSource {
    private let content: Upload.Content
    private var given = 0
    private var rest: ArraySlice<UInt8> = []

    init(_ content: Upload.Content) {
        self.content = content
        if case .bytes(let bytes) = content { rest = bytes[...] }
    }

    /// The next piece of this size, or what is left; nil at the end.
    mutating func next(_ size: Int) async throws(StoreError) -> [UInt8]? {
        let wanted = min(size, content.count - given)
        guard wanted > 0 else { return nil }
        var piece: [UInt8] = []
        piece.reserveCapacity(wanted)
        while piece.count < wanted {
            if rest.isEmpty { rest = try await pull() }
            let taken = rest.prefix(wanted - piece.count)
            piece.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
        }
        given += wanted
        if given == content.count, !rest.isEmpty { throw Self.wrongCount(content.count) }
        return piece
    }

    private func pull() async throws(StoreError) -> ArraySlice<UInt8> {
        guard case .stream(let count, let next) = content else { throw Self.wrongCount(content.count) }
        let bytes: [UInt8]
        do {
            bytes = try await next()
        } catch is CancellationError {
            throw StoreError(.cancelled, "the upload was cancelled")
        } catch {
            throw StoreError(.source, "the source of the upload failed: \(error)")
        }
        if bytes.isEmpty { throw Self.wrongCount(count) }
        return bytes[...]
    }

    private static func wrongCount(_ count: Int) -> StoreError {
        StoreError(.source, "the source of the upload gave another number of bytes than \(count)")
    }
}
