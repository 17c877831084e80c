/// Why a token, or a key for tokens, was not accepted.
public enum TokenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// More bytes than `limit`.
    case tooLong(limit: Int)
    /// Not three base64url parts with JSON objects in the first two.
    case malformed(String)
    /// The header names no algorithm, `none`, or one that no key is configured for.
    case algorithmNotAccepted(String)
    /// The signature is not that of the configured key.
    case signatureInvalid
    case missingClaim(String)
    case invalidClaim(name: String, reason: String)
    case expired
    case notYetValid
    case wrongIssuer
    case wrongAudience
    /// A key file cannot be used; the text names it.
    case key(path: String, reason: String)
    case noKeyConfigured

    public var description: String {
        switch self {
        case .tooLong(let limit): "the token is longer than \(limit) bytes"
        case .malformed(let reason): "the token is malformed: \(reason)"
        case .algorithmNotAccepted(let name): "the token's algorithm \"\(name)\" is not accepted"
        case .signatureInvalid: "the token's signature is not valid"
        case .missingClaim(let name): "the token lacks the claim \"\(name)\""
        case .invalidClaim(let name, let reason): "the token's claim \"\(name)\" \(reason)"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .wrongIssuer: "the token is from another issuer"
        case .wrongAudience: "the token is meant for another audience"
        case .key(let path, let reason): "token key \(path): \(reason)"
        case .noKeyConfigured: "no token key is configured"
        }
    }
}
