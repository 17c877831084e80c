internal import COpenSSL
internal import COpenSSLShims

/// One TLS connection without its socket: cipher bytes in, cipher bytes out.
final class TLSSession {
    enum Role { case dialler, acceptor }

    /// After so many records under one key the sender changes keys, far below the limit of AES-GCM (2^24.5 full records).
    private static let recordsPerKey: UInt64 = 1 << 22

    private let ssl: OpaquePointer
    private let pipe: UnsafeMutablePointer<TLSPipe>
    private var recordsWritten: UInt64 = 0
    private(set) var isEstablished = false

    init(context: TLSContext, role: Role) throws(ConnectionFailure) {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { throw ConnectionFailure("TLS: \(OpenSSLError.text())") }
        let pipe = UnsafeMutablePointer<TLSPipe>.allocate(capacity: 1)
        pipe.initialize(to: TLSPipe())
        guard let bio = TLSPipe.makeBIO(pipe) else {
            SSL_free(ssl)
            pipe.deallocate()
            throw ConnectionFailure("TLS: \(OpenSSLError.text())")
        }
        SSL_set_bio(ssl, bio, bio)
        switch role {
        case .dialler: SSL_set_connect_state(ssl)
        case .acceptor: SSL_set_accept_state(ssl)
        }
        self.ssl = ssl
        self.pipe = pipe
    }

    deinit {
        SSL_free(ssl)
        pipe.pointee.deallocate()
        pipe.deallocate()
    }

    /// Lends cipher bytes to `handshake` and `read` for the duration of `body`, which must use them up or give up the session.
    func withInput<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        pipe.pointee.beginInput(bytes)
        defer { pipe.pointee.endInput() }
        try body()
    }

    /// Takes the handshake as far as the input goes; true once it is complete and the peer's certificate is proven.
    func handshake() throws(ConnectionFailure) -> Bool {
        if isEstablished { return true }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            isEstablished = true
            return true
        }
        if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return false }
        throw failure("TLS handshake")
    }

    /// Decrypts into `memory`; zero if more input is needed.
    func read(into memory: UnsafeMutableRawBufferPointer) throws(ConnectionFailure) -> Int {
        ERR_clear_error()
        var count = 0
        let result = SSL_read_ex(ssl, memory.baseAddress, memory.count, &count)
        if result == 1 { return count }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return 0
        case SSL_ERROR_ZERO_RETURN: throw ConnectionFailure("the peer closed the connection")
        default: throw failure("TLS")
        }
    }

    /// Encrypts `bytes`, one record at most, into the output.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ConnectionFailure) {
        ERR_clear_error()
        recordsWritten += 1
        if recordsWritten % Self.recordsPerKey == 0, SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 {
            throw failure("TLS key update")
        }
        var written = 0
        guard SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &written) == 1, written == bytes.count else {
            throw failure("TLS")
        }
    }

    /// Cipher bytes that wait to be taken.
    var outputCount: Int { pipe.pointee.outputCount }

    /// Gives all cipher bytes to `body`, which must not use the session, and forgets them.
    func takeOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        if pipe.pointee.outputCount == 0 { return }
        body(pipe.pointee.written)
        pipe.pointee.dropWritten()
    }

    /// Whether the peer's certificate, already proven by the authority, has this URI among its names.
    func peerHas(uri: String) -> Bool {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return false }
        return redoubt_X509_has_uri(certificate, uri) == 1
    }

    private func failure(_ operation: String) -> ConnectionFailure {
        let verdict = SSL_get_verify_result(ssl)
        let text = OpenSSLError.text()
        if verdict != X509_V_OK, let reason = X509_verify_cert_error_string(verdict) {
            return ConnectionFailure("\(operation): \(text): \(String(cString: reason))")
        }
        return ConnectionFailure("\(operation): \(text)")
    }
}
