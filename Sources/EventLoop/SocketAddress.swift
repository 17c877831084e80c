internal import CLibuv
internal import Glibc

/// An IPv4 or IPv6 address with a port.
struct SocketAddress {
    private var storage = sockaddr_storage()

    /// Takes `host` as an address in numbers; nil if it is not one.
    init?(numeric host: String, port: Int) {
        let port = Int32(port)
        let isIPv4 = withUnsafeMutablePointer(to: &storage) { storage in
            uv_ip4_addr(host, port, UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr_in.self)) == 0
        }
        if isIPv4 { return }
        let isIPv6 = withUnsafeMutablePointer(to: &storage) { storage in
            uv_ip6_addr(host, port, UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr_in6.self)) == 0
        }
        if !isIPv6 { return nil }
    }

    init?(copying address: UnsafePointer<sockaddr>, bytes: Int) {
        guard bytes <= MemoryLayout<sockaddr_storage>.size else { return nil }
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: bytes))
        }
    }

    /// What the kernel says of a socket, by `uv_tcp_getsockname` or `uv_tcp_getpeername`.
    init?(
        of handle: UnsafePointer<uv_tcp_t>,
        by ask: (UnsafePointer<uv_tcp_t>?, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<Int32>?) -> Int32
    ) {
        var bytes = Int32(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { storage in
            ask(handle, UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr.self), &bytes)
        }
        if result != 0 { return nil }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            body(UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self))
        }
    }

    var port: Int {
        withUnsafeBytes(of: storage) { raw in
            // Both families keep the port in the same place, in network order.
            Int(UInt16(bigEndian: raw.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }

    /// Address and port as text, for logs.
    var text: String {
        let host = withPointer { address in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
                uv_ip_name(address, buffer.baseAddress, buffer.count) == 0 ? String(cString: buffer.baseAddress!) : "?"
            }
        }
        return storage.ss_family == sa_family_t(AF_INET6) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
