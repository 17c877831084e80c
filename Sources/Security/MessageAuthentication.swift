import COpenSSL

/// HMAC with SHA-256 (RFC 2104): says that whoever wrote a message had the key.
public enum MessageAuthentication {
    public static let byteCount = 32

    /// 32 bytes. `key` must not be empty: OpenSSL takes a missing key for "go on with the last one".
    public static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(!key.isEmpty, "a key has at least one byte")
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let done = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, buffer.baseAddress, nil)
            precondition(done != nil, "HMAC-SHA-256 cannot fail")
            count = byteCount
        }
    }
}
