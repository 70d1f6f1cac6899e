/// What the environment says about stores and strategy. What it leaves out is nil: nothing is needed in development.
package struct Configuration: Sendable, Equatable {
    package enum Strategy: String, Sendable, CaseIterable {
        case localPrimary = "local_primary"
        case s3Primary = "s3_primary"
        case hybrid
        case redundant
    }

    package enum StoreKind: String, Sendable, CaseIterable {
        case database
        case directory
        case s3
        case cloudinary
    }

    package enum Stage: String, Sendable, CaseIterable {
        case development
        case test
        case staging
        case production
    }

    package enum Addressing: String, Sendable, CaseIterable {
        case auto
        case path
        case virtual
    }

    package struct S3: Sendable, Equatable {
        /// With its scheme and without a slash at the end; nil is AWS.
        package var endpoint: String?
        package var bucket: String
        package var region: String
        package var addressing: Addressing
        /// Nil: they are found otherwise, in a profile or from the machine. Each knows the variable it came from.
        package var credentials: Credentials?

        package struct Credentials: Sendable, Equatable {
            package var accessKey: Secret
            package var secretKey: Secret
            package var sessionToken: Secret?
        }
    }

    package struct Cloudinary: Sendable, Equatable {
        package var cloudName: String
        package var apiKey: Secret
        package var apiSecret: Secret
    }

    package private(set) var strategy: Strategy?
    /// The kind of store that is to be used first.
    package private(set) var storeKind: StoreKind?
    /// In bytes.
    package private(set) var threshold: Int?
    package private(set) var directory: String?
    package private(set) var stage: Stage?
    package private(set) var s3: S3?
    package private(set) var cloudinary: Cloudinary?
    /// What is set and yet without effect, each a full sentence.
    package private(set) var notes: [String] = []
    /// What is without effect unless the database names a store that it is for.
    private var idle: [Idle] = []

    /// What stays without effect where the database names stores of these kinds.
    package func idle(besides kinds: Set<String>) -> [Idle] {
        idle.filter { $0.kinds.isDisjoint(with: kinds.compactMap(StoreKind.init)) }
    }

    package struct Idle: Sendable, Equatable {
        package var text: String
        package var remedy: String
        /// A store of one of these kinds makes it good.
        package var kinds: Set<StoreKind>
    }

    /// All the secrets of the environment, to be kept out of every message.
    package var secrets: [Secret] {
        [
            s3?.credentials?.accessKey, s3?.credentials?.secretKey, s3?.credentials?.sessionToken, cloudinary?.apiKey,
            cloudinary?.apiSecret,
        ].compactMap(\.self)
    }

    /// Reads the environment. A relative `STORAGE_DIR` begins at the working directory.
    package init(_ environment: Environment, workingDirectory: String = "/") throws(ConfigurationError) {
        strategy = try Self.choice("STORAGE_STRATEGY", environment, synonyms: Self.strategySynonyms)
        storeKind = try Self.choice("STORAGE_TYPE", environment, synonyms: Self.kindSynonyms)
        stage = try Self.choice("ENVIRONMENT", environment, synonyms: Self.stageSynonyms)
        threshold = try Self.megabytes("HYBRID_SIZE_THRESHOLD_MB", environment)
        directory = try Self.path("STORAGE_DIR", environment, workingDirectory)
        s3 = try Self.s3(environment, &notes)
        cloudinary = try Self.cloudinary(environment)
        try refuseGaps(environment)
        noteMisspellings(environment)
        noteIdle(environment)
    }

    /// Every variable with a meaning here, for messages, completion and the manual.
    package static let variables: [(names: [String], means: String)] = [
        (["DATABASE_URL"], "the database: postgresql://user@host:5432/name"),
        (["DIRECT_URL"], "the database's own address, where DATABASE_URL leads through a pooler"),
        (["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"], "the same in libpq's own variables"),
        (["DB_HOST", "DB_PORT", "DB_NAME", "DB_USERNAME", "DB_PASSWORD"], "the same in parts"),
        (endpointNames, "the S3 server; unset: AWS"),
        (bucketNames, "the bucket"),
        (accessKeyNames, "the access key"),
        (secretKeyNames, "the secret key"),
        (["AWS_SESSION_TOKEN"], "the token of temporary credentials"),
        (regionNames, "the bucket's region; us-east-1 unless set"),
        (["S3_USE_SSL"], "true or false, for an endpoint without a scheme"),
        (["S3_ADDRESSING_STYLE"], "auto, path or virtual: where a URL carries the bucket's name"),
        (["STORAGE_STRATEGY"], "local_primary, s3_primary, hybrid or redundant"),
        (["STORAGE_TYPE"], "database, directory, s3 or cloudinary: the store to use"),
        (["HYBRID_SIZE_THRESHOLD_MB"], "above so many megabytes a hybrid column goes to S3; 10 unless set"),
        (["STORAGE_DIR"], "the directory of a directory store"),
        (["ENVIRONMENT"], "development, test, staging or production"),
        (["CLOUDINARY_URL"], "cloudinary://key:secret@cloud"),
        (["CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET"], "the same in parts"),
    ]

    private static let endpointNames = ["S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
    private static let bucketNames = ["S3_BUCKET_NAME", "S3_BUCKET", "AWS_S3_BUCKET_NAME"]
    private static let accessKeyNames = ["S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"]
    private static let secretKeyNames = ["S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"]
    private static let regionNames = ["S3_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"]

    private static let strategySynonyms: [String: Strategy] = ["local": .localPrimary, "s3": .s3Primary]
    private static let kindSynonyms: [String: StoreKind] = [
        "local": .directory, "filesystem": .directory, "file": .directory, "postgres": .database, "aws": .s3,
    ]
    private static let stageSynonyms: [String: Stage] = [
        "dev": .development, "local": .development, "testing": .test, "ci": .test, "stage": .staging,
        "prod": .production,
    ]
}

// MARK: - Reading

extension Configuration {
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ environment: Environment, synonyms: [String: Choice] = [:]
    ) throws(ConfigurationError) -> Choice? {
        guard let value = environment[name] else { return nil }
        let word = value.trimmed.lowercased()
        if let choice = Choice(rawValue: word) ?? synonyms[word] { return choice }
        let possible = Choice.allCases.map(\.rawValue)
        throw .wrong(
            name, value, "which is not one of \(possible.joined(separator: ", "))",
            hint: closest(to: word, among: possible).map { "Did you mean \($0)?" }
                ?? "Choose one of \(possible.joined(separator: ", ")), or leave it unset.")
    }

    private static func bool(_ name: String, _ environment: Environment) throws(ConfigurationError) -> Bool? {
        guard let value = environment[name] else { return nil }
        switch value.trimmed.lowercased() {
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw .wrong(name, value, "which is neither true nor false", hint: "Write \(name)=true or false.")
        }
    }

    private static func megabytes(_ name: String, _ environment: Environment) throws(ConfigurationError) -> Int? {
        guard let value = environment[name] else { return nil }
        guard let number = Double(value.trimmed), number.isFinite, number >= 0, number <= 1_000_000 else {
            throw .wrong(
                name, value, "which is no number of megabytes",
                hint: "Write a number from 0 to 1000000, such as 10 or 0.5; a megabyte has 1,000,000 bytes.")
        }
        return Int((number * 1_000_000).rounded())
    }

    private static func path(
        _ name: String, _ environment: Environment, _ workingDirectory: String
    ) throws(ConfigurationError) -> String? {
        guard let value = environment[name]?.trimmed else { return nil }
        guard !value.hasPrefix("~") else {
            throw .wrong(name, value, "and ~ is not resolved here", hint: "Write the whole path: /home/…")
        }
        var parts: [Substring] = []
        for part in ((value.hasPrefix("/") ? "" : workingDirectory + "/") + value).split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        guard !parts.isEmpty else {
            throw .wrong(name, value, "the root of all files", hint: "Name a directory of its own: /var/lib/offload")
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func s3(_ environment: Environment, _ notes: inout [String]) throws(ConfigurationError) -> S3? {
        let usesTLS = try bool("S3_USE_SSL", environment)
        let addressing: Addressing? = try choice("S3_ADDRESSING_STYLE", environment)
        let endpoint = try environment.first(of: endpointNames).map { name, value throws(ConfigurationError) in
            try Self.endpoint(name, value, usesTLS: usesTLS, &notes)
        }
        let credentials = try s3Credentials(environment, &notes)
        guard let (bucketName, bucket) = environment.first(of: bucketNames) else { return nil }
        let isPlain = bucket.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, (3...255).contains(bucket.count) else {
            throw .wrong(
                bucketName, bucket, "which is no bucket's name",
                hint: "Write the name alone, without s3:// and without a path: shop-media")
        }
        return S3(
            endpoint: endpoint, bucket: bucket,
            region: environment.first(of: regionNames)?.value.trimmed ?? "us-east-1",
            addressing: addressing ?? .auto, credentials: credentials)
    }

    /// The credentials, or nil when there are none; a half of them is an error.
    private static func s3Credentials(
        _ environment: Environment, _ notes: inout [String]
    ) throws(ConfigurationError) -> S3.Credentials? {
        let access = environment.first(of: accessKeyNames)
        let secret = environment.first(of: secretKeyNames)
        guard let access, let secret else {
            if let (name, _) = access ?? secret {
                let missing = (access == nil ? accessKeyNames : secretKeyNames)[name.hasPrefix("S3_") ? 0 : 1]
                throw ConfigurationError(
                    missing, "\(name) is set, and \(missing) is not", hint: "Set both, or neither.")
            }
            return nil
        }
        if access.name.hasPrefix("S3_") != secret.name.hasPrefix("S3_") {
            notes.append("The access key comes from \(access.name) and the secret key from \(secret.name).")
        }
        // A token belongs to the keys that came with it.
        let isOfOthers = environment["AWS_ACCESS_KEY_ID"].map { $0 != access.value } ?? false
        let token = isOfOthers ? nil : environment["AWS_SESSION_TOKEN"]
        return S3.Credentials(
            accessKey: Secret(access.value, origin: access.name), secretKey: Secret(secret.value, origin: secret.name),
            sessionToken: token.map { Secret($0, origin: "AWS_SESSION_TOKEN") })
    }

    private static func endpoint(
        _ name: String, _ value: String, usesTLS: Bool?, _ notes: inout [String]
    ) throws(ConfigurationError) -> String {
        var text = value.trimmed
        while text.hasSuffix("/") { text.removeLast() }
        guard !text.contains("@") else {
            throw ConfigurationError(
                name, "\(name) holds credentials",
                hint: "Write https://host, and give the keys in S3_ACCESS_KEY_ID "
                    + "and S3_SECRET_ACCESS_KEY.")
        }
        let scheme = text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() }
        let host = text.firstRange(of: "://").map { String(text[$0.upperBound...]) } ?? text
        guard scheme == nil || scheme == "http" || scheme == "https", !host.isEmpty,
            !host.contains(where: { "/?# \t".contains($0) })
        else {
            throw .wrong(
                name, value, "which is no server's address",
                hint: "Write https://host or http://host:port, without a bucket and without a path.")
        }
        if let scheme, let usesTLS, usesTLS != (scheme == "https") {
            notes.append("S3_USE_SSL has no effect: \(name) begins with \(scheme)://.")
        }
        return (scheme ?? (usesTLS ?? true ? "https" : "http")) + "://" + host
    }

    private static func cloudinary(_ environment: Environment) throws(ConfigurationError) -> Cloudinary? {
        if let url = environment["CLOUDINARY_URL"] {
            let rest = url.trimmed.trimmingPrefix("cloudinary://")
            let halves = rest.split(separator: "@", omittingEmptySubsequences: false)
            let keys = halves.first?.split(separator: ":", omittingEmptySubsequences: false) ?? []
            let cloud = halves.last?.prefix { $0 != "/" && $0 != "?" } ?? ""
            guard url.trimmed.hasPrefix("cloudinary://"), halves.count == 2, keys.count == 2, !cloud.isEmpty,
                !keys[0].isEmpty, !keys[1].isEmpty
            else {
                throw ConfigurationError(
                    "CLOUDINARY_URL", "CLOUDINARY_URL has not the form of Cloudinary's addresses",
                    hint: "Write cloudinary://API_KEY:API_SECRET@CLOUD_NAME, as Cloudinary's console shows it.")
            }
            return Cloudinary(
                cloudName: String(cloud), apiKey: Secret(String(keys[0]), origin: "CLOUDINARY_URL"),
                apiSecret: Secret(String(keys[1]), origin: "CLOUDINARY_URL"))
        }
        let names = ["CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET"]
        let values = names.map { environment[$0] }
        guard let set = zip(names, values).first(where: { $0.1 != nil })?.0 else { return nil }
        // Credentials alone: the cloud is named by a store of the database.
        if values[0] == nil, values[1] != nil, values[2] != nil { return nil }
        guard let cloud = values[0], let key = values[1], let secret = values[2] else {
            let missing = zip(names, values).filter { $0.1 == nil }.map(\.0)
            throw ConfigurationError(
                missing[0],
                "\(set) is set, and \(missing.joined(separator: " and ")) \(missing.count == 1 ? "is" : "are") not",
                hint: "Set all three, or CLOUDINARY_URL alone.")
        }
        return Cloudinary(
            cloudName: cloud, apiKey: Secret(key, origin: names[1]), apiSecret: Secret(secret, origin: names[2]))
    }

    /// What one variable asks for and another would have to bring.
    private func refuseGaps(_ environment: Environment) throws(ConfigurationError) {
        let missing: (String, String)? =
            switch storeKind {
            case .s3 where s3 == nil: ("s3", "S3_BUCKET_NAME")
            case .directory where directory == nil: ("directory", "STORAGE_DIR")
            case .cloudinary where cloudinary == nil: ("cloudinary", "CLOUDINARY_URL")
            default: nil
            }
        if let (kind, name) = missing {
            throw ConfigurationError(
                name, "STORAGE_TYPE is \(kind), and \(name) is not set",
                hint: "Set \(name), or leave STORAGE_TYPE unset.")
        }
    }

    private mutating func noteIdle(_ environment: Environment) {
        guard s3 == nil else { return }
        let remedy =
            "Name a store: select offload.add_store('media', 's3', bucket => '…'); or set S3_BUCKET_NAME."
        // AWS_ variables are often there for something else.
        if let own = environment.first(of: ["S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_REGION"]) {
            idle.append(
                Idle(
                    text: "\(own.name) is set, but S3 is not used: "
                        + "neither S3_BUCKET_NAME nor the database names a bucket",
                    remedy: remedy, kinds: [.s3]))
        }
        if stage == .production, cloudinary == nil {
            idle.append(
                Idle(
                    text: "ENVIRONMENT is production, and no remote store is configured", remedy: remedy,
                    kinds: [.s3, .cloudinary]))
        }
    }

    /// A misspelt name would otherwise be passed over in silence.
    private mutating func noteMisspellings(_ environment: Environment) {
        let known = Self.variables.flatMap(\.names)
        let ours = ["S3_", "STORAGE_", "HYBRID_", "CLOUDINARY_"]
        for name in environment.values.keys.sorted() where !known.contains(name) {
            guard ours.contains(where: name.hasPrefix), environment[name] != nil else { continue }
            if let meant = known.first(where: { editDistance($0, name) <= 2 }) {
                notes.append("\(name) has no meaning here; did you mean \(meant)?")
            }
        }
    }
}
