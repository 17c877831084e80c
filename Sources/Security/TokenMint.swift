import JWTKit

/// Signs tokens.
public struct TokenMint: Sendable {
    /// 10 years.
    public static let maxLifetimeSeconds: Int64 = 10 * 366 * 86_400

    private let collection: JWTKeyCollection

    /// Signs with HS256; the file is the one that `TokenKeys` reads.
    public static func hs256(secretPath: String) async throws(TokenError) -> TokenMint {
        TokenMint(collection: await TokenKeys.hmacCollection(try TokenKeyFile.readSecret(secretPath)))
    }

    /// Signs with ES256; the file holds a P-256 private key in PEM form and is closed to group and others.
    public static func es256(privateKeyPath: String) async throws(TokenError) -> TokenMint {
        let pem = try TokenKeyFile.readPEM(privateKeyPath, secret: true)
        guard let key = try? ES256PrivateKey(pem: pem) else {
            throw .key(path: privateKeyPath, reason: "is not a P-256 private key in PEM form")
        }
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key)
        return TokenMint(collection: collection)
    }

    private init(collection: JWTKeyCollection) { self.collection = collection }

    /// A token for `subject`.
    ///
    /// - Parameters:
    ///   - lifetimeSeconds: 1 to ten years.
    ///   - nowSeconds: seconds since 1970.
    public func mint(
        subject: String, roles: Set<Role>, lifetimeSeconds: Int64, issuer: String? = nil, audience: String? = nil,
        nowSeconds: Int64 = TokenVerifier.wallClockSeconds()
    ) async throws(TokenError) -> String {
        guard !subject.isEmpty, subject.utf8.count <= TokenVerifier.maxSubjectBytes else {
            throw .invalidClaim(name: "sub", reason: "must have 1 to \(TokenVerifier.maxSubjectBytes) bytes")
        }
        guard !roles.isEmpty else { throw .invalidClaim(name: "roles", reason: "must name at least one role") }
        guard (1...Self.maxLifetimeSeconds).contains(lifetimeSeconds) else {
            throw .invalidClaim(name: "exp", reason: "must lie 1 to \(Self.maxLifetimeSeconds) seconds ahead")
        }
        let claims = TokenClaims(
            sub: subject, roles: roles.map(\.rawValue).sorted(), exp: Double(nowSeconds + lifetimeSeconds), nbf: nil,
            iat: Double(nowSeconds), iss: issuer, aud: audience.map { TokenClaims.Audience([$0]) })
        do {
            return try await collection.sign(claims)
        } catch {
            throw .malformed("it cannot be signed: \(error)")
        }
    }
}
