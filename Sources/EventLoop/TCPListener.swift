internal import CLibuv

/// Accepts TCP connections. Confined to the loop; lives until `close` or the loop's end.
public final class TCPListener: LoopResource {
    private let loop: EventLoop
    private var handle: UnsafeMutablePointer<uv_tcp_t>?
    private var onConnection: ((TCPConnection) -> Void)?
    /// The port it listens on: the kernel's choice if zero was asked for.
    public private(set) var port = 0

    /// Binds and listens at once.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or a name; a name is looked up here and now, which blocks the loop.
    ///   - port: 0...65535; zero lets the kernel choose.
    ///   - backlog: connections the kernel may hold ready.
    ///   - onConnection: gets every new connection; one it does not keep or close stays open unread.
    public init(
        loop: EventLoop, host: String, port: Int, backlog: Int = 128,
        onConnection: @escaping (TCPConnection) -> Void
    ) throws(EventLoopError) {
        precondition((0...65535).contains(port), "a TCP port is 0...65535")
        self.loop = loop
        self.onConnection = onConnection
        try loop.keep(self)
        do throws(EventLoopError) {
            let address: SocketAddress
            if let numeric = SocketAddress(numeric: host, port: port) {
                address = numeric
            } else {
                let addresses = try AddressLookup.wait(host, port: port, on: loop)
                guard let first = addresses.first else {
                    throw .system(operation: "looking up \(host)", code: Int32(UV_EAI_NONAME.rawValue))
                }
                address = first
            }
            try listen(at: address, backlog: backlog)
        } catch {
            close()
            loop.forget(self)
            throw error
        }
    }

    private func listen(at address: SocketAddress, backlog: Int) throws(EventLoopError) {
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        uv_tcp_init(loop.loop, handle)
        handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        self.handle = handle
        try EventLoopError.check(address.withPointer { uv_tcp_bind(handle, $0, 0) }, "binding \(address.text)")
        let stream = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
        let result = uv_listen(stream, Int32(clamping: backlog)) { server, status in
            let listener = Unmanaged<TCPListener>.fromOpaque(server!.pointee.data).takeUnretainedValue()
            if status == 0 { listener.accept() }
        }
        try EventLoopError.check(result, "listening at \(address.text)")
        port = SocketAddress(of: handle, by: uv_tcp_getsockname)?.port ?? 0
    }

    private func accept() {
        guard let handle, let onConnection else { return }
        // A connection that can't be taken is the client's loss alone: the kernel has closed it, or the loop stops.
        guard let connection = try? TCPConnection(accepting: handle, on: loop) else { return }
        onConnection(connection)
    }

    /// Accepts nothing more; connections already accepted live on.
    public func close() {
        loop.preconditionCurrent()
        guard let handle else { return }
        self.handle = nil
        onConnection = nil
        uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) {
            UnsafeMutableRawPointer($0!).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
        }
        loop.forget(self)
    }
}
