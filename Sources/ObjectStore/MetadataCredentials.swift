private import FoundationEssentials
private import Glibc
import HTTPTransfer
package import Signing

/// Credentials that the machine hands out for a while: those of a container's task, or of an instance's role.
///
/// They are asked for again before they expire. What is still good serves on while the new ones cannot be had.
package actor MetadataCredentials: CredentialSource {
    package enum Place: Sendable, Equatable {
        /// The whole URL, and what the `Authorization` header says, given as it is or by the file that holds it.
        case container(url: String, token: String?, tokenFile: String?)
        /// The address of the instance metadata service.
        case instance(endpoint: String)
    }

    /// What was handed out, and until when, in seconds since 1970.
    private struct Lent {
        var credentials: Credentials
        var expires: Int64?
    }

    private let place: Place
    private let clock: @Sendable () -> Int64
    private let client: HTTPClient
    private var lent: Lent?
    private var asking: Task<Result<Lent, StoreError>, Never>?

    /// How long before they expire new ones are asked for, and how long they are used at most.
    private static let earlier: Int64 = 300
    private static let margin: Int64 = 10

    /// - Parameters:
    ///   - patience: how long it may be silent.
    ///   - clock: seconds since 1970.
    package init(
        _ place: Place, patience: Duration = .seconds(2), clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) {
        self.place = place
        self.clock = clock
        // The service is on this machine, or it is not there.
        var settings = HTTPClient.Settings()
        settings.concurrency = 1
        settings.connectTimeout = patience / 2
        settings.stallTimeout = patience
        client = HTTPClient(settings)
    }

    package func credentials() async throws(StoreError) -> Credentials {
        let now = clock()
        if let lent, lent.expires.map({ now < $0 - Self.earlier }) ?? true { return lent.credentials }
        let asking = asking ?? Task { await ask() }
        self.asking = asking
        let answer = await asking.value
        self.asking = nil
        switch answer {
        case .success(let new):
            lent = new
            return new.credentials
        case .failure(let error):
            if let lent, let expires = lent.expires, now < expires - Self.margin { return lent.credentials }
            throw error
        }
    }

    private func ask() async -> Result<Lent, StoreError> {
        do throws(StoreError) {
            switch place {
            case .container(let url, let token, let tokenFile):
                var headers: [(name: String, value: String)] = [("accept", "application/json")]
                if let tokenFile {
                    let text = try await diskThreads.run { () throws(StoreError) in try readSmallFile(tokenFile) }
                    headers.append(("authorization", text.filter { !$0.isNewline }))
                } else if let token {
                    headers.append(("authorization", token))
                }
                return .success(try read(try await send("GET", url, headers)))
            case .instance(let endpoint):
                let session = try await send(
                    "PUT", endpoint + "/latest/api/token", [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
                let headers = [(name: "x-aws-ec2-metadata-token", value: line(session))]
                let base = endpoint + "/latest/meta-data/iam/security-credentials/"
                let role = line(try await send("GET", base, headers))
                guard !role.isEmpty else {
                    throw StoreError(.misconfigured, "the instance has no role, and so no credentials")
                }
                let name = RequestTarget.encode(role, keepingSlash: false)
                return .success(try read(try await send("GET", base + name, headers)))
            }
        } catch {
            return .failure(error)
        }
    }

    /// The first line of a text.
    private func line(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }

    private func send(
        _ method: String, _ url: String, _ headers: [(name: String, value: String)]
    ) async throws(StoreError) -> [UInt8] {
        let what = "asking for credentials"
        let response: Response
        do throws(TransferError) {
            response = try await client.perform(
                Request(method: method, url: url, headers: headers), into: .memory(limit: 1 << 16))
        } catch {
            throw storeError(error, of: what, host: url)
        }
        guard response.status == 200 else {
            // The body may hold anything, and so is not told.
            let kind: StoreError.Kind = response.status >= 500 || response.status == 429 ? .unreachable : .refused
            var error = StoreError(kind, "\(what) failed at \(url)")
            error.status = response.status
            throw error
        }
        return response.body
    }

    private struct Document: Decodable {
        var AccessKeyId: String
        var SecretAccessKey: String
        var Token: String?
        var Expiration: String?
    }

    private func read(_ bytes: [UInt8]) throws(StoreError) -> Lent {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)),
            !document.AccessKeyId.isEmpty, !document.SecretAccessKey.isEmpty
        else {
            throw StoreError(.refused, "asking for credentials: the answer holds none")
        }
        let credentials = Credentials(
            accessKey: document.AccessKeyId, secretKey: document.SecretAccessKey, sessionToken: document.Token)
        return Lent(credentials: credentials, expires: document.Expiration.flatMap(secondsSince1970))
    }
}
