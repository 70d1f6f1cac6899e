/// Signs the parameters of a Cloudinary upload or destroy call, and tells whether an answer comes from who knows the
/// secret.
///
/// https://cloudinary.com/documentation/authentication_signatures
/// https://cloudinary.com/documentation/response_signatures
package enum CloudinarySignature {
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha1
        case sha256
    }

    /// Parameters that are sent but not signed.
    private static let unsigned: Set<String> = ["file", "cloud_name", "resource_type", "api_key"]

    /// An array's elements are given as values; a parameter without any, or with empty ones only, counts as not sent.
    package static func sign(
        _ parameters: [(name: String, values: [String])], secret: String, algorithm: Algorithm = .sha1
    ) -> String {
        let pairs = parameters.filter { !unsigned.contains($0.name) }
            .map { (name: $0.name, value: $0.values.joined(separator: ",")) }
            .filter { !$0.value.isEmpty }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { pair in
                // A `&` inside a pair would otherwise let one parameter pass for two.
                "\(pair.name)=\(pair.value)".unicodeScalars.map { $0 == "&" ? "%26" : String($0) }.joined()
            }
        return digest(pairs.joined(separator: "&") + secret, algorithm)
    }

    /// Whether an answer's signature covers its public id and version. Either digest will do: which one the service
    /// uses is a setting of the account.
    package static func isValid(_ signature: String, publicID: String, version: Int64, secret: String) -> Bool {
        let text = "public_id=\(publicID)&version=\(version)\(secret)"
        return Algorithm.allCases.contains { signature.utf8.elementsEqual(digest(text, $0).utf8) }
    }

    private static func digest(_ text: String, _ algorithm: Algorithm) -> String {
        let bytes = Array(text.utf8)
        return switch algorithm {
        case .sha1: Hexadecimal.encode(SHA1.digest(bytes))
        case .sha256: SHA256.digest(bytes).hexadecimal
        }
    }
}
