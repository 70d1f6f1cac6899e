/// Decides where a store's credentials come from, by what the store and the environment name. Nothing is tried that
/// neither of them names: on a machine without an instance service the question would cost every start its timeout.
package struct CredentialChain {
    /// What the store says; nil leaves it to the environment.
    package enum Choice: String, Sendable, CaseIterable {
        case environment
        case profile
        case container
        case instance
    }

    private let names: [String: String]
    private let options: [String: String]
    private let environment: [String: String]

    /// - Parameters:
    ///   - names: the environment variables that the store's row names, by `access_key`, `secret_key`, `session_token`.
    ///   - options: the store's; `credentials` and `profile` are read.
    package init(names: [String: String], options: [String: String], environment: [String: String]) {
        self.names = names
        self.options = options
        self.environment = environment
    }

    package func source() throws(StoreError) -> any CredentialSource {
        if let name = options["credentials"] {
            guard let choice = Choice(rawValue: name) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw StoreError(
                    .misconfigured, "the store's credentials come from \(name), which is none of \(known)")
            }
            return try source(choice)
        }
        if options["profile"] != nil { return try source(.profile) }
        if variable(variables.accessKeyName) != nil { return variables }
        if variable("AWS_PROFILE") != nil || variable("AWS_SHARED_CREDENTIALS_FILE") != nil {
            return try source(.profile)
        }
        if container != nil { return try source(.container) }
        if variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") != nil { return try source(.instance) }
        // Its error names the variables that are to be set.
        return variables
    }

    private func source(_ choice: Choice) throws(StoreError) -> any CredentialSource {
        switch choice {
        case .environment:
            return variables
        case .profile:
            let usual = variable("HOME").map { $0 + "/.aws/credentials" }
            guard let path = variable("AWS_SHARED_CREDENTIALS_FILE") ?? usual else {
                throw StoreError(.misconfigured, "HOME is not set, so that ~/.aws/credentials cannot be found")
            }
            let profile = options["profile"] ?? variable("AWS_PROFILE") ?? "default"
            return ProfileCredentials(path: path, profile: profile)
        case .container:
            guard let container else {
                throw StoreError(
                    .misconfigured,
                    "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set")
            }
            return MetadataCredentials(try checked(container))
        case .instance:
            if variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" {
                throw StoreError(.misconfigured, "AWS_EC2_METADATA_DISABLED is true, and the store wants it")
            }
            var endpoint = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
            while endpoint.hasSuffix("/") { endpoint.removeLast() }
            return MetadataCredentials(.instance(endpoint: endpoint))
        }
    }

    private var variables: EnvironmentCredentials {
        EnvironmentCredentials(
            accessKey: names["access_key"] ?? "S3_ACCESS_KEY_ID",
            secretKey: names["secret_key"] ?? "S3_SECRET_ACCESS_KEY",
            sessionToken: sessionTokenName, in: environment)
    }

    /// The variable that holds the token of the keys that are in use. What AWS_SESSION_TOKEN holds belongs to the keys
    /// beside it, and to no other store's.
    private var sessionTokenName: String? {
        if let name = names["session_token"] { return name }
        let key = variable(names["access_key"] ?? "S3_ACCESS_KEY_ID")
        return key != nil && key == variable("AWS_ACCESS_KEY_ID") ? "AWS_SESSION_TOKEN" : nil
    }

    private var container: String? {
        variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map { "http://169.254.170.2" + $0 }
            ?? variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    }

    /// The token must not go in the clear to another machine.
    private func checked(_ url: String) throws(StoreError) -> MetadataCredentials.Place {
        let isSecure = url.hasPrefix("https://")
        let host = url.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        let near: Set<Substring> = [
            "localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
        ]
        guard isSecure || url.hasPrefix("http://") && near.contains(name) else {
            throw StoreError(
                .misconfigured,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine")
        }
        return .container(
            url: url, token: variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            tokenFile: variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
    }

    private func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
