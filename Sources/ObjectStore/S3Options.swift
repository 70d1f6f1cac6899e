/// What a store's row says in its options.
extension S3Configuration {
    package mutating func apply(_ options: [String: String]) throws(StoreError) {
        certificateAuthority = options["certificate_authority"] ?? certificateAuthority
        storageClass = options["storage_class"] ?? storageClass
        accessControl = options["acl"].map { $0 == "none" ? nil : $0 } ?? accessControl
        if let value = options["cache_control"] { cacheControl = value.isEmpty || value == "none" ? nil : value }
        switch options["encryption"] {
        case nil:
            if options["kms_key_id"] != nil { encryption = .kms(keyID: options["kms_key_id"]) }
        case "none": encryption = .none
        case "sse-s3", "AES256": encryption = .managed
        case "sse-kms", "aws:kms": encryption = .kms(keyID: options["kms_key_id"])
        case let value?: throw wrong("encryption", value, "none, sse-s3 or sse-kms")
        }
        try checkHeaders(options)
    }

    /// A value that would end its header's line fails at the first upload: better now.
    private func checkHeaders(_ options: [String: String]) throws(StoreError) {
        for name in ["storage_class", "acl", "cache_control", "kms_key_id"] {
            if let value = options[name], !value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
                throw wrong(name, value.debugDescription, "plain text")
            }
        }
    }

    private func wrong(_ option: String, _ value: String, _ expected: String) -> StoreError {
        StoreError(.misconfigured, "the store's option \(option) is \(value.prefix(60)), and must be \(expected)")
    }
}
