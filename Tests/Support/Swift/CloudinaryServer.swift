import Foundation

/// Cloudinary's interface, as `cloudinary.py` explains.
package actor CloudinaryServer {
    package struct Call: Decodable, Sendable {
        package var method: String
        package var path: String
        package var parameters: [String: String]
        package var headers: [String: String]

        package init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            method = try fields.decode(String.self)
            path = try fields.decode(String.self)
            parameters = try fields.decode([String: String].self)
            headers = try fields.decode([String: String].self)
        }
    }

    package static let cloud = "shop"
    package static let key = "123456789012345"
    package static let secret = "made-up-cloudinary-secret"

    package nonisolated let endpoint: String
    private let server: ScriptServer

    /// - Parameter algorithm: what the answers are signed with.
    package init(algorithm: String = "sha1") throws {
        server = try ScriptServer("cloudinary.py", [Self.cloud, Self.key, Self.secret, algorithm])
        endpoint = server.endpoint
    }

    /// What the URLs of its assets begin with.
    package nonisolated var publicURL: String { "\(endpoint)/\(Self.cloud)" }

    /// What happens to uploads from now on, as `cloudinary.py` explains.
    package func set(_ mode: String) throws { try server.order("do \(mode)") }
    package func setAdmin(_ mode: String) throws { try server.order("admin \(mode)") }
    package func setSecret(_ secret: String) throws { try server.order("secret \(secret)") }

    package func seed(_ type: String, _ publicID: String, _ content: [UInt8]) throws {
        try server.order("seed \(type) \(publicID) \(Data(content).base64EncodedString())")
    }

    /// What was asked so far; the parameters of a form that was not read to its end are missing.
    package var calls: [Call] {
        get throws { try JSONDecoder().decode([Call].self, from: Data(try server.ask("calls").utf8)) }
    }

    package func uploads() throws -> [Call] { try calls.filter { $0.method == "POST" && $0.path.hasSuffix("/upload") } }
    package func deletions() throws -> [Call] { try calls.filter { $0.path.hasSuffix("/destroy") } }

    /// Of each asset, `image/public_id`: its bytes, its version, and how often it was uploaded.
    package var assets: [String: [Int]] {
        get throws { try JSONDecoder().decode([String: [Int]].self, from: Data(try server.ask("assets").utf8)) }
    }
}
