import JWTKit

/// The keys that tokens are checked with: an HS256 secret, an ES256 public key, or both.
public struct TokenKeys: Sendable {
    let hs256: JWTKeyCollection?
    let es256: JWTKeyCollection?

    /// - Parameters:
    ///   - hs256SecretPath: a file of at least 32 bytes, closed to group and others; a line end at its end does not count.
    ///   - es256PublicKeyPath: a PEM file with a P-256 public key.
    public static func load(hs256SecretPath: String?, es256PublicKeyPath: String?) async throws(TokenError) -> TokenKeys
    {
        guard hs256SecretPath != nil || es256PublicKeyPath != nil else { throw .noKeyConfigured }
        var hs256: JWTKeyCollection?
        if let path = hs256SecretPath { hs256 = await hmacCollection(try TokenKeyFile.readSecret(path)) }
        var es256: JWTKeyCollection?
        if let path = es256PublicKeyPath {
            let pem = try TokenKeyFile.readPEM(path, secret: false)
            guard let key = try? ES256PublicKey(pem: pem) else {
                throw .key(path: path, reason: "is not a P-256 public key in PEM form")
            }
            let collection = JWTKeyCollection()
            await collection.add(ecdsa: key)
            es256 = collection
        }
        return TokenKeys(hs256: hs256, es256: es256)
    }

    static func hmacCollection(_ secret: [UInt8]) async -> JWTKeyCollection {
        let collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return collection
    }
}
