import Glibc

/// The system calls of the relay. None waits; those that return a descriptor hand it over.
enum RelaySocket {
    /// Throws `ChaosError.system`.
    static func listen(at address: RelayAddress) throws(ChaosError) -> Int32 {
        let descriptor = try make()
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let isDone = withAddress(address) { bind(descriptor, $0, $1) } == 0 && Glibc.listen(descriptor, 128) == 0
        guard isDone else {
            let code = errno
            close(descriptor)
            throw .system("listening at \(address)", code: code)
        }
        return descriptor
    }

    /// The port that a listener has.
    static func port(of descriptor: Int32) -> Int {
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
        }
        return Int(UInt16(bigEndian: name.sin_port))
    }

    /// Nil if nobody waits any more.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        prepare(descriptor)
        return descriptor
    }

    /// Begins to connect: how that ended is told by `connectError` once the descriptor can be written to. Nil if there is
    /// no descriptor left, or the kernel refuses at once.
    static func connect(to address: RelayAddress) -> Int32? {
        guard let descriptor = try? make() else { return nil }
        let isUnderWay = withAddress(address) { Glibc.connect(descriptor, $0, $1) } == 0 || errno == EINPROGRESS
        guard isUnderWay else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Zero, or why it could not be connected.
    static func connectError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    /// The other side learns that the connection was broken off.
    static func reset(_ descriptor: Int32) {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    private static func make() throws(ChaosError) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system("making a socket", code: errno) }
        prepare(descriptor)
        return descriptor
    }

    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // A piece goes on as it came: what waits is for the relay to say.
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress(
        _ address: RelayAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(address.port).bigEndian
        inet_pton(AF_INET, address.host, &name.sin_addr)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
