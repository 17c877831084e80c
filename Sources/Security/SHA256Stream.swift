import COpenSSL

/// SHA-256 of content that comes in pieces. Confined to one thread at a time.
public final class SHA256Stream {
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "SHA-256 cannot fail")
    }

    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of all that came; the stream is used up.
    public func finish() -> SHA256Digest {
        SHA256Digest(
            [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { buffer, count in
                precondition(EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1, "SHA-256 cannot fail")
                count = SHA256Digest.byteCount
            })
    }
}
