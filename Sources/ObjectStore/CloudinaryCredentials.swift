package import Signing

/// The API key and secret of a Cloudinary cloud, from the environment variables that a store names: a pair of them, or
/// one that holds `cloudinary://KEY:SECRET@CLOUD`.
package struct CloudinaryCredentials: CredentialSource {
    private let cloud: String
    private let keyName: String
    private let secretName: String
    private let urlName: String
    private let environment: [String: String]

    package init(
        cloud: String, key: String = "CLOUDINARY_API_KEY", secret: String = "CLOUDINARY_API_SECRET",
        url: String = "CLOUDINARY_URL", in environment: [String: String]
    ) {
        self.cloud = cloud
        keyName = key
        secretName = secret
        urlName = url
        self.environment = environment
    }

    /// What must never be printed.
    package var secrets: [String] {
        let address = value(of: urlName)
        return [value(of: keyName), value(of: secretName), address].compactMap(\.self)
            + (address.flatMap(Self.parse).map { [$0.credentials.accessKey, $0.credentials.secretKey] } ?? [])
    }

    package func credentials() async throws(StoreError) -> Credentials { try found() }

    package func found() throws(StoreError) -> Credentials {
        if let key = value(of: keyName), let secret = value(of: secretName) {
            return Credentials(accessKey: key, secretKey: secret)
        }
        guard let address = value(of: urlName) else {
            throw StoreError(
                .misconfigured,
                "the environment variable \(value(of: keyName) == nil ? keyName : secretName) is not set, nor is \(urlName)")
        }
        guard let (credentials, itsCloud) = Self.parse(address) else {
            throw StoreError(.misconfigured, "\(urlName) has not the form cloudinary://API_KEY:API_SECRET@CLOUD_NAME")
        }
        guard itsCloud == cloud else {
            throw StoreError(.misconfigured, "\(urlName) is for the cloud \(itsCloud), and the store for \(cloud)")
        }
        return credentials
    }

    private func value(of name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func parse(_ address: String) -> (credentials: Credentials, cloud: String)? {
        let scheme = "cloudinary://"
        guard address.utf8.starts(with: scheme.utf8) else { return nil }
        let halves = address.utf8.dropFirst(scheme.utf8.count).split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let pair = halves[0].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let cloud = halves[1].prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty, !cloud.isEmpty,
            let key = String(pair[0]), let secret = String(pair[1]), let name = String(cloud)
        else { return nil }
        return (Credentials(accessKey: key, secretKey: secret), name)
    }
}
