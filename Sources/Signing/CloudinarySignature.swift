/// Signs the parameters of a Cloudinary upload or destroy call.
///
/// https://cloudinary.com/documentation/authentication_signatures
package enum CloudinarySignature {
    package enum Algorithm: Sendable {
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
        let text = Array((pairs.joined(separator: "&") + secret).utf8)
        return switch algorithm {
        case .sha1: Hexadecimal.encode(SHA1.digest(text))
        case .sha256: SHA256.digest(text).hexadecimal
        }
    }
}
