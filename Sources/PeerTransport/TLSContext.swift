internal import COpenSSL
internal import COpenSSLShims

/// What all TLS connections of a node share: its certificate and key, and the authority it trusts. TLS 1.3 only; both sides
/// must show a certificate.
final class TLSContext {
    let pointer: OpaquePointer

    init(certificatePath: String, keyPath: String, authorityPath: String, requiredURI: String)
        throws(PeerTransportError)
    {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_method()) else { throw .tls(reason: OpenSSLError.text()) }
        self.pointer = pointer
        guard redoubt_SSL_CTX_set_min_proto_version(pointer, TLS1_3_VERSION) == 1,
            SSL_CTX_set_ciphersuites(
                pointer, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256")
                == 1,
            // Connections last for days: nothing is gained by resuming sessions.
            SSL_CTX_set_num_tickets(pointer, 0) == 1
        else { throw .tls(reason: OpenSSLError.text()) }
        _ = redoubt_SSL_CTX_disable_session_cache(pointer)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)

        guard SSL_CTX_use_certificate_chain_file(pointer, certificatePath) == 1 else {
            throw .credentials(path: certificatePath, reason: "no usable certificate: \(OpenSSLError.text())")
        }
        guard SSL_CTX_use_PrivateKey_file(pointer, keyPath, SSL_FILETYPE_PEM) == 1 else {
            throw .credentials(path: keyPath, reason: "no usable key for \(certificatePath): \(OpenSSLError.text())")
        }
        guard SSL_CTX_check_private_key(pointer) == 1 else {
            throw .credentials(path: keyPath, reason: "not the key of \(certificatePath): \(OpenSSLError.text())")
        }
        guard SSL_CTX_load_verify_file(pointer, authorityPath) == 1 else {
            throw .credentials(path: authorityPath, reason: "no usable authority: \(OpenSSLError.text())")
        }
        guard let own = SSL_CTX_get0_certificate(pointer), redoubt_X509_has_uri(own, requiredURI) == 1 else {
            throw .credentials(path: certificatePath, reason: "the certificate does not name \(requiredURI)")
        }
    }

    deinit { SSL_CTX_free(pointer) }
}

/// OpenSSL's queue of errors, one per thread.
enum OpenSSLError {
    /// Takes all errors off the queue and gives the first in words.
    static func text() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        if code == 0 { return "no reason given" }
        if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
        // A failed system call, as that of opening a file, has no reason string.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            ERR_error_string_n(code, buffer.baseAddress, buffer.count)
            return String(cString: buffer.baseAddress!)
        }
    }
}
