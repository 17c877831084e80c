internal import CLibuv
internal import Glibc

/// One question to the system's resolver, answered on the loop.
final class AddressLookup {
    typealias Answer = Result<[SocketAddress], EventLoopError>

    private let host: String
    private let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
    private var completion: ((Answer) -> Void)?

    private init(host: String, completion: ((Answer) -> Void)?) {
        self.host = host
        self.completion = completion
        request.initialize(to: uv_getaddrinfo_t())
    }

    deinit { request.deallocate() }

    /// Asks without blocking: libuv's own threads wait for the resolver.
    static func start(
        _ host: String, port: Int, on loop: EventLoop, completion: @escaping (Answer) -> Void
    ) throws(EventLoopError) -> AddressLookup {
        let lookup = AddressLookup(host: host, completion: completion)
        let retained = Unmanaged.passRetained(lookup)
        lookup.request.pointee.data = retained.toOpaque()
        let result = lookup.ask(loop, port) { request, status, _ in
            let lookup = Unmanaged<AddressLookup>.fromOpaque(request!.pointee.data).takeRetainedValue()
            let answer = lookup.answer(status)
            let completion = lookup.completion
            lookup.completion = nil
            completion?(answer)
        }
        if result < 0 {
            retained.release()
            throw .system(operation: "looking up \(host)", code: result)
        }
        return lookup
    }

    /// Asks and waits: only for a node's start.
    static func wait(_ host: String, port: Int, on loop: EventLoop) throws(EventLoopError) -> [SocketAddress] {
        let lookup = AddressLookup(host: host, completion: nil)
        let result = lookup.ask(loop, port, nil)
        return try lookup.answer(result).get()
    }

    /// The completion is not called any more.
    func cancel() {
        guard completion != nil else { return }
        completion = nil
        // A question that is already with the resolver can't be withdrawn: its answer is dropped.
        _ = uv_cancel(UnsafeMutableRawPointer(request).assumingMemoryBound(to: uv_req_t.self))
    }

    private func ask(_ loop: EventLoop, _ port: Int, _ callback: uv_getaddrinfo_cb?) -> Int32 {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        return uv_getaddrinfo(loop.loop, request, callback, host, String(port), &hints)
    }

    private func answer(_ status: Int32) -> Answer {
        defer {
            uv_freeaddrinfo(request.pointee.addrinfo)
            request.pointee.addrinfo = nil
        }
        if status < 0 { return .failure(.system(operation: "looking up \(host)", code: status)) }
        var addresses: [SocketAddress] = []
        var next = request.pointee.addrinfo
        while let info = next {
            if let address = info.pointee.ai_addr,
                let copied = SocketAddress(copying: address, bytes: Int(info.pointee.ai_addrlen))
            {
                addresses.append(copied)
            }
            next = info.pointee.ai_next
        }
        return .success(addresses)
    }
}
