package import Signing

/// Where the credentials of a store come from. It is asked before every request, so that they may change under way.
package protocol CredentialSource: Sendable {
    func credentials() async throws(StoreError) -> Credentials
}

extension Credentials: CredentialSource {
    package func credentials() async throws(StoreError) -> Credentials { self }
}

/// Credentials from the environment variables that a store names.
package struct EnvironmentCredentials: CredentialSource {
    let accessKeyName: String
    let secretKeyName: String
    private let sessionTokenName: String?
    private let environment: [String: String]

    package init(
        accessKey: String, secretKey: String, sessionToken: String? = nil, in environment: [String: String]
    ) {
        accessKeyName = accessKey
        secretKeyName = secretKey
        sessionTokenName = sessionToken
        self.environment = environment
    }

    package func credentials() async throws(StoreError) -> Credentials {
        Credentials(
            accessKey: try value(of: accessKeyName), secretKey: try value(of: secretKeyName),
            sessionToken: sessionTokenName.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 })
    }

    private func value(of name: String) throws(StoreError) -> String {
        guard let value = environment[name], !value.isEmpty else {
            throw StoreError(.misconfigured, "the environment variable \(name) is not set")
        }
        return value
    }
}

/// Credentials of a profile in `~/.aws/credentials`, read anew each time, because other programs renew them there.
package struct ProfileCredentials: CredentialSource {
    private let path: String
    private let profile: String

    package init(path: String, profile: String = "default") {
        self.path = path
        self.profile = profile
    }

    package func credentials() async throws(StoreError) -> Credentials {
        let path = path
        let text = try await diskThreads.run { () throws(StoreError) in try readSmallFile(path) }
        var section = ""
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                section = String(line[line.index(after: line.startIndex)..<end])
            } else if section == profile, !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") {
                values[trimmed(line[..<equals])] = trimmed(line[line.index(after: equals)...])
            }
        }
        guard let accessKey = values["aws_access_key_id"], let secretKey = values["aws_secret_access_key"] else {
            throw StoreError(.misconfigured, "\(path) has no access key and secret for the profile \(profile)")
        }
        return Credentials(accessKey: accessKey, secretKey: secretKey, sessionToken: values["aws_session_token"])
    }

    private func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
