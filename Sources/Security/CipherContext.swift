import COpenSSL

/// An OpenSSL context for AES-256-GCM that keeps its key, so that each use costs only a nonce.
/// Not for two threads at once: whoever owns one keeps it under a lock, hence the unchecked conformance.
final class CipherContext: @unchecked Sendable {
    private let context: OpaquePointer

    init() {
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func setKey(_ key: [UInt8], encrypting: Bool) {
        precondition(key.count == 32, "AES-256 takes a key of 32 bytes")
        let done = EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nil, encrypting ? 1 : 0)
        precondition(done == 1, "OpenSSL has no AES-256-GCM")
    }

    /// `target` holds as many bytes as `plain`, `tag` 16.
    func encrypt(
        _ plain: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer, nonce: UnsafePointer<UInt8>,
        into target: UnsafeMutablePointer<UInt8>, tag: UnsafeMutablePointer<UInt8>
    ) {
        let size = Int32(SealedLayout.tagByteCount)
        let done =
            begin(nonce: nonce, associatedData: associatedData) && update(plain, into: target)
            && EVP_EncryptFinal_ex(context, target, &ignored) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, size, tag) == 1
        precondition(done, "AES-256-GCM cannot fail to encrypt")
    }

    /// False if the tag does not fit; `target` then holds rubbish that nobody may read.
    func decrypt(
        _ sealed: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer, nonce: UnsafePointer<UInt8>,
        tag: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let size = Int32(SealedLayout.tagByteCount)
        return begin(nonce: nonce, associatedData: associatedData) && update(sealed, into: target)
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, size, UnsafeMutableRawPointer(mutating: tag)) == 1
            && EVP_DecryptFinal_ex(context, target, &ignored) == 1
    }

    private var ignored: Int32 = 0

    private func begin(nonce: UnsafePointer<UInt8>, associatedData: UnsafeRawBufferPointer) -> Bool {
        guard EVP_CipherInit_ex(context, nil, nil, nil, nonce, -1) == 1 else { return false }
        guard let data = associatedData.bindMemory(to: UInt8.self).baseAddress, !associatedData.isEmpty else {
            return true
        }
        return EVP_CipherUpdate(context, nil, &ignored, data, Int32(associatedData.count)) == 1
    }

    private func update(_ source: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>) -> Bool {
        guard let bytes = source.bindMemory(to: UInt8.self).baseAddress, !source.isEmpty else { return true }
        return EVP_CipherUpdate(context, target, &ignored, bytes, Int32(source.count)) == 1
    }
}
