import COpenSSL
import COpenSSLShims
import Glibc
import PeerTransport

/// A socket with OpenSSL on it in the plainest way, blocking: the other side of the tests, sharing no code with the transport's.
final class BlockingTLS {
    /// The other side ended the connection or refused something.
    struct Failure: Error { let reason: String }

    /// The other side neither answered nor closed.
    struct TimedOut: Error {}

    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let descriptor: Int32

    /// Dials and shakes hands. A TLS 1.3 client learns of a refusal of its certificate only when it reads.
    init(
        port: Int, certificate: String?, authority: String = "ca", maxVersion: Int32 = TLS1_3_VERSION
    ) throws {
        descriptor = try Self.dial(port)
        (context, ssl) = try Self.session(descriptor, certificate, authority)
        SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(maxVersion), nil)
        if SSL_connect(ssl) != 1 { throw Failure(reason: Self.reason()) }
    }

    /// Accepts on a socket that listens.
    init(acceptingOn listener: Int32, certificate: String) throws {
        descriptor = accept(listener, nil, nil)
        if descriptor < 0 { throw Failure(reason: "accept: \(errno)") }
        Self.setTimeout(descriptor)
        (context, ssl) = try Self.session(descriptor, certificate, "ca")
        if SSL_accept(ssl) != 1 { throw Failure(reason: Self.reason()) }
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
        close(descriptor)
    }

    func write(_ bytes: [UInt8]) throws {
        if SSL_write(ssl, bytes, Int32(bytes.count)) != Int32(bytes.count) { throw Failure(reason: Self.reason()) }
    }

    func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = bytes.withUnsafeMutableBytes { SSL_read(ssl, $0.baseAddress! + filled, Int32(count - filled)) }
            if read <= 0 {
                if errno == EAGAIN, SSL_get_error(ssl, read) == SSL_ERROR_WANT_READ { throw TimedOut() }
                throw Failure(reason: Self.reason())
            }
            filled += Int(read)
        }
        return bytes
    }

    func writeFrame(_ payload: [UInt8]) throws {
        try write(withUnsafeBytes(of: UInt32(payload.count).littleEndian) { Array($0) } + payload)
    }

    func readFrame() throws -> [UInt8] {
        let header = try read(4)
        return try read(header.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))) })
    }

    /// Says hello and gives the answer.
    func greet(_ hello: Hello) throws -> HelloAnswer {
        try writeFrame(hello.encode())
        return try readFrame().withUnsafeBytes { try HelloAnswer(decoding: $0) }
    }

    // MARK: Sockets

    static func dial(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        setTimeout(descriptor)
        let result = withAddress(port) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        if result != 0 {
            close(descriptor)
            throw Failure(reason: "connect: \(errno)")
        }
        return descriptor
    }

    /// A socket that listens at a port of the kernel's choice; small buffers, so that a reader who stops is felt soon.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size: Int32 = 64 * 1024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        setTimeout(descriptor)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withAddress(0) { bind(descriptor, $0, length) }
        guard bound == 0, Glibc.listen(descriptor, 16) == 0 else { throw Failure(reason: "listen: \(errno)") }
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            getsockname(descriptor, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func withAddress<Result>(_ port: Int, _ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: address) { body(UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self)) }
    }

    /// No test hangs on a peer that stays silent.
    private static func setTimeout(_ descriptor: Int32) {
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func session(
        _ descriptor: Int32, _ certificate: String?, _ authority: String
    ) throws -> (OpaquePointer, OpaquePointer) {
        signal(SIGPIPE, SIG_IGN)
        let certificates = try Certificates.shared.get()
        guard let context = SSL_CTX_new(TLS_method()) else { throw Failure(reason: reason()) }
        SSL_CTX_load_verify_file(context, certificates.certificate(authority))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let certificate {
            SSL_CTX_use_certificate_chain_file(context, certificates.certificate(certificate))
            SSL_CTX_use_PrivateKey_file(context, certificates.key(certificate), SSL_FILETYPE_PEM)
        }
        guard let ssl = SSL_new(context) else { throw Failure(reason: reason()) }
        SSL_set_fd(ssl, descriptor)
        return (context, ssl)
    }

    private static func reason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "closed"
    }
}
