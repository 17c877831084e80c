/// HKDF with SHA-256 for one block of output. Source: RFC 5869, sections 2.2 and 2.3.
package enum KeyDerivation {
    /// 32 bytes; `info` separates the uses of one key, `salt` the instances of one use.
    package static func derive(from key: [UInt8], salt: [UInt8], info: String) -> [UInt8] {
        let pseudorandomKey = authenticate(key, with: salt)
        return authenticate(Array(info.utf8) + [1], with: pseudorandomKey)
    }

    private static func authenticate(_ message: [UInt8], with key: [UInt8]) -> [UInt8] {
        // An empty salt is 32 zeros (section 2.2).
        MessageAuthentication.code(of: message, key: key.isEmpty ? [UInt8](repeating: 0, count: 32) : key)
    }
}
