/// Where the parts of a sealed record stand:
///
///     0  version, 1
///     1  key id, 4 bytes
///     5  session, 16 random bytes
///    21  counter within the session, 8 bytes, big-endian
///    29  ciphertext, as long as the plain content
///   end  tag, the last 16 bytes
///
/// The session key is HKDF-SHA-256 of the master key with the session as salt; the nonce is four zeros and the counter.
/// A session is drawn anew for each context of each sealer and after 2^32 records, so no nonce is used twice under a key.
enum SealedLayout {
    static let version: UInt8 = 1
    static let keyIDOffset = 1
    static let sessionOffset = 5
    static let sessionByteCount = 16
    static let counterOffset = 21
    static let headerByteCount = 29
    static let tagByteCount = 16
    static let overhead = headerByteCount + tagByteCount
    static let nonceByteCount = 12

    static func sessionKey(master: SealingKey, session: [UInt8]) -> [UInt8] {
        KeyDerivation.derive(from: master.bytes, salt: session, info: "redoubt body v1")
    }
}
