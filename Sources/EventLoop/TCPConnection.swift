internal import CLibuv
internal import Glibc

/// A TCP connection, dialled or accepted. Confined to the loop; lives until it is closed, by its user, by an error or
/// by the loop's end.
///
/// Writes go to the kernel at once as far as it takes them; the rest waits in order, counted by `queuedBytes`.
/// The queue has no bound of its own: its user must look at `queuedBytes` before writing more.
public final class TCPConnection: LoopResource {
    private enum State { case idle, connecting, open, closed }

    private static let gatheredBuffers = 32
    /// How much is copied to learn from the kernel when it takes more.
    private static let copiedBytes = 64 * 1024
    /// An address that has not answered for so long is dialled anew. The kernel alone would repeat a lost packet after one
    /// second, then two, then four, and so a cable that is whole again would lie idle.
    private static let answerMilliseconds = 500

    public let loop: EventLoop
    /// Gets what arrives, borrowed for the call.
    public var onRead: ((UnsafeRawBufferPointer) -> Void)?
    /// The queue has been full for a while and is now empty.
    public var onDrained: (() -> Void)?
    /// Called once, at the end of a connection that its user did not `close`; a failed `connect` ends here too.
    public var onClosed: ((EventLoopError) -> Void)?
    /// Bytes written but not yet taken by the kernel.
    public private(set) var queuedBytes = 0

    private var state = State.idle
    private var handle: UnsafeMutablePointer<uv_tcp_t>?
    private var attempt: Attempt?

    private var pending: [[UInt8]] = []
    private var pendingOffset = 0
    private var isFlushScheduled = false
    private var isWriting = false
    private var hasFailed = false

    /// What is left of a `connect`.
    private struct Attempt {
        let target: String
        var addresses: [SocketAddress] = []
        /// Of the address that is dialled next.
        var next = 0
        var lookup: AddressLookup?
        var deadline: Timer?
        var patience: Timer?
        var lastError: EventLoopError?
        let onConnected: () -> Void
    }

    /// Makes a connection to `connect`.
    ///
    /// - Throws: `stopped` if the loop is stopping.
    public init(loop: EventLoop) throws(EventLoopError) {
        self.loop = loop
        try loop.keep(self)
    }

    init(accepting server: UnsafeMutablePointer<uv_tcp_t>, on loop: EventLoop) throws(EventLoopError) {
        self.loop = loop
        try loop.keep(self)
        let handle = makeHandle()
        let result = uv_accept(
            UnsafeMutableRawPointer(server).assumingMemoryBound(to: uv_stream_t.self), Self.stream(handle))
        if result < 0 {
            close()
            throw .system(operation: "accepting a connection", code: result)
        }
        state = .open
    }

    /// Whether it can carry bytes now.
    public var isOpen: Bool { state == .open }

    /// Address and port of the other side, for logs.
    public var remoteAddress: String {
        loop.preconditionCurrent()
        guard let handle else { return "nobody" }
        return SocketAddress(of: handle, by: uv_tcp_getpeername)?.text ?? "nobody"
    }

    // MARK: Connecting

    /// Dials `host`, trying all its addresses in order. One that does not answer within half a second is passed over; after
    /// the last one the first has its turn again. Success calls `onConnected`, failure `onClosed`; never before this call
    /// returns.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address, or a name.
    ///   - port: 1...65535.
    ///   - timeoutMilliseconds: for all of it, looking up the name included.
    public func connect(host: String, port: Int, timeoutMilliseconds: Int, onConnected: @escaping () -> Void) {
        loop.preconditionCurrent()
        precondition(state == .idle, "a connection connects once")
        precondition((1...65535).contains(port), "a TCP port to dial is 1...65535")
        state = .connecting
        let target = "connecting to \(host):\(port)"
        attempt = Attempt(target: target, onConnected: onConnected)
        do throws(EventLoopError) {
            let deadline = try Timer(loop: loop) { [unowned self] in
                fail(.timedOut(operation: target, milliseconds: timeoutMilliseconds))
            }
            attempt?.deadline = deadline
            deadline.start(afterMilliseconds: timeoutMilliseconds)
            attempt?.patience = try Timer(loop: loop) { [unowned self] in addressIsSilent() }
            if let numeric = SocketAddress(numeric: host, port: port) {
                attempt?.addresses = [numeric]
                connectNext()
            } else {
                attempt?.lookup = try AddressLookup.start(host, port: port, on: loop) { [unowned self] answer in
                    attempt?.lookup = nil
                    switch answer {
                    case .success(let addresses):
                        attempt?.addresses = addresses
                        connectNext()
                    case .failure(let error): fail(error)
                    }
                }
            }
        } catch {
            failLater(error)
        }
    }

    private func connectNext() {
        guard let attempt, attempt.next < attempt.addresses.count else {
            failLater(attempt?.lastError ?? .system(operation: attempt?.target ?? "", code: UV_EADDRNOTAVAIL.rawValue))
            return
        }
        let address = attempt.addresses[attempt.next]
        self.attempt?.next += 1
        attempt.patience?.start(afterMilliseconds: Self.answerMilliseconds)
        closeHandle()
        let handle = makeHandle()
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let result = address.withPointer { address in
            uv_tcp_connect(request, handle, address) { request, status in
                let connection = Unmanaged<TCPConnection>.fromOpaque(request!.pointee.data).takeRetainedValue()
                let isCurrent = request!.pointee.handle == connection.handle.map(TCPConnection.stream)
                request!.deallocate()
                if isCurrent { connection.connectEnded(status) }
            }
        }
        if result < 0 {
            Unmanaged.passUnretained(self).release()
            request.deallocate()
            connectEnded(result)
        }
    }

    /// Goes on with the next address, and after the last one, which may be the only one, with the first.
    private func addressIsSilent() {
        guard let attempt else { return }
        if attempt.next == attempt.addresses.count { self.attempt?.next = 0 }
        connectNext()
    }

    private func connectEnded(_ status: Int32) {
        guard state == .connecting, let target = attempt?.target else { return }
        if status < 0 {
            attempt?.lastError = .system(operation: target, code: status)
            connectNext()
            return
        }
        let onConnected = attempt?.onConnected
        endAttempt()
        state = .open
        onConnected?()
    }

    private func endAttempt() {
        attempt?.deadline?.close()
        attempt?.patience?.close()
        attempt?.lookup?.cancel()
        attempt = nil
    }

    // MARK: Options

    /// Sends small writes at once instead of waiting for more.
    public func setNoDelay() {
        loop.preconditionCurrent()
        if let handle { uv_tcp_nodelay(handle, 1) }
    }

    /// Ends the connection with an error when the other side's kernel has been silent for about `milliseconds`, whether there is
    /// something to send or not. At least 2000.
    public func setLivenessTimeout(milliseconds: Int) {
        loop.preconditionCurrent()
        precondition(milliseconds >= 2000, "the kernel counts keep-alive in seconds")
        let probes = 3
        setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(Int32(IPPROTO_TCP), TCP_KEEPIDLE, max(1, milliseconds / 1000 - probes))
        setOption(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 1)
        setOption(Int32(IPPROTO_TCP), TCP_KEEPCNT, probes)
        setAcknowledgementTimeout(milliseconds: milliseconds)
    }

    /// Ends the connection with an error when what was sent has been repeated for `milliseconds`, at least 1, without the
    /// other side's kernel having any of it. The kernel doubles the time between repetitions: whoever dials anew instead is
    /// through sooner when the cable is whole again.
    public func setAcknowledgementTimeout(milliseconds: Int) {
        loop.preconditionCurrent()
        precondition(milliseconds >= 1, "zero would be the kernel's own timeout, of many minutes")
        setOption(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, milliseconds)
    }

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int) {
        guard let handle else { return }
        var descriptor = uv_os_fd_t()
        guard uv_fileno(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self), &descriptor) == 0
        else { return }
        var value = Int32(clamping: value)
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Reading

    /// Starts calling `onRead`. Until then the kernel holds what arrives, and the end of the stream goes unnoticed.
    public func startReading() {
        loop.preconditionCurrent()
        guard state == .open, let handle else { return }
        let result = uv_read_start(
            Self.stream(handle),
            { handle, _, buffer in
                let connection = Unmanaged<TCPConnection>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
                let memory = connection.loop.readBuffer
                buffer!.pointee = uv_buf_t(
                    base: memory.baseAddress!.assumingMemoryBound(to: CChar.self), len: memory.count)
            },
            { stream, count, buffer in
                let connection = Unmanaged<TCPConnection>.fromOpaque(stream!.pointee.data).takeUnretainedValue()
                if count > 0 {
                    connection.onRead?(UnsafeRawBufferPointer(start: buffer!.pointee.base, count: count))
                } else if count < 0 {
                    let code = Int32(count)
                    connection.fail(
                        code == UV_EOF.rawValue ? .endOfStream : .system(operation: "reading", code: code))
                }
            })
        if result < 0 { failLater(.system(operation: "reading", code: result)) }
    }

    /// Leaves what arrives with the kernel, until `startReading` is called again.
    public func stopReading() {
        loop.preconditionCurrent()
        if state == .open, let handle { uv_read_stop(Self.stream(handle)) }
    }

    // MARK: Writing

    /// Queues `bytes`; all that is queued in one turn goes out together at its end. Dropped if the connection is not open.
    public func write(_ bytes: [UInt8]) {
        loop.preconditionCurrent()
        guard state == .open, !bytes.isEmpty else { return }
        pending.append(bytes)
        queuedBytes += bytes.count
        scheduleFlush()
    }

    /// Hands `bytes` to the kernel now and keeps a copy of what it does not take. Dropped if the connection is not open.
    public func write(copying bytes: UnsafeRawBufferPointer) {
        loop.preconditionCurrent()
        guard state == .open, !hasFailed, let handle, !bytes.isEmpty else { return }
        guard queuedBytes == 0 else {
            write(Array(bytes))
            return
        }
        var buffer = Self.buffer(bytes)
        let taken = uv_try_write(Self.stream(handle), &buffer, 1)
        if taken < 0, taken != UV_EAGAIN.rawValue {
            failLater(.system(operation: "writing", code: taken))
            return
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[Int(max(0, taken))...])
        if rest.isEmpty { return }
        queuedBytes += rest.count
        writeLater(rest)
    }

    private func scheduleFlush() {
        if isFlushScheduled || isWriting { return }
        isFlushScheduled = true
        loop.atEndOfTurn { [self] in
            isFlushScheduled = false
            flush()
        }
    }

    private func flush() {
        while state == .open, !hasFailed, !isWriting, !pending.isEmpty {
            let taken = withUnsafeTemporaryAllocation(of: uv_buf_t.self, capacity: Self.gatheredBuffers) { buffers in
                tryWrite(gathering: 0, in: buffers)
            }
            if taken < 0, taken != UV_EAGAIN.rawValue {
                failLater(.system(operation: "writing", code: taken))
                return
            }
            queuedBytes -= Int(max(0, taken))
            dropPending(Int(max(0, taken)))
            if taken <= 0, let first = pending.first {
                // A small asynchronous write tells when the kernel takes more.
                let part = first[pendingOffset..<min(first.count, pendingOffset + Self.copiedBytes)]
                part.withUnsafeBytes { writeLater($0) }
                dropPending(part.count)
            }
        }
    }

    /// Collects the pending arrays' memory one call deeper each, so that all are borrowed at once.
    private func tryWrite(gathering count: Int, in buffers: UnsafeMutableBufferPointer<uv_buf_t>) -> Int32 {
        guard count < buffers.count, count < pending.count else {
            return uv_try_write(Self.stream(handle!), buffers.baseAddress, UInt32(count))
        }
        return pending[count].withUnsafeBytes { raw in
            buffers[count] = Self.buffer(count == 0 ? UnsafeRawBufferPointer(rebasing: raw[pendingOffset...]) : raw)
            return tryWrite(gathering: count + 1, in: buffers)
        }
    }

    private func dropPending(_ count: Int) {
        var left = count
        var whole = 0
        while whole < pending.count, left >= pending[whole].count - pendingOffset {
            left -= pending[whole].count - pendingOffset
            pendingOffset = 0
            whole += 1
        }
        pending.removeFirst(whole)
        pendingOffset += left
    }

    /// One write that libuv finishes when it can, from a copy that lives as long.
    private final class SlowWrite {
        let connection: TCPConnection
        let bytes: UnsafeMutableRawBufferPointer
        let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)

        init(_ connection: TCPConnection, copying source: UnsafeRawBufferPointer) {
            self.connection = connection
            bytes = .allocate(byteCount: source.count, alignment: 16)
            bytes.copyMemory(from: source)
        }

        deinit {
            bytes.deallocate()
            request.deallocate()
        }
    }

    private func writeLater(_ bytes: UnsafeRawBufferPointer) {
        guard let handle else { return }
        isWriting = true
        let write = SlowWrite(self, copying: bytes)
        write.request.pointee.data = Unmanaged.passRetained(write).toOpaque()
        var buffer = Self.buffer(UnsafeRawBufferPointer(write.bytes))
        let result = uv_write(write.request, Self.stream(handle), &buffer, 1) { request, status in
            let write = Unmanaged<SlowWrite>.fromOpaque(request!.pointee.data).takeRetainedValue()
            write.connection.slowWriteEnded(write.bytes.count, status)
        }
        if result < 0 {
            Unmanaged.passUnretained(write).release()
            failLater(.system(operation: "writing", code: result))
        }
    }

    private func slowWriteEnded(_ count: Int, _ status: Int32) {
        guard state == .open else { return }
        isWriting = false
        if status < 0 {
            fail(.system(operation: "writing", code: status))
            return
        }
        queuedBytes -= count
        flush()
        if queuedBytes == 0 { onDrained?() }
    }

    // MARK: Closing

    /// Closes at once, without calling back; what the kernel has not taken is dropped. Closing twice is nothing.
    public func close() {
        loop.preconditionCurrent()
        guard state != .closed else { return }
        state = .closed
        endAttempt()
        closeHandle()
        pending = []
        queuedBytes = 0
        onRead = nil
        onDrained = nil
        onClosed = nil
        loop.forget(self)
    }

    private func fail(_ error: EventLoopError) {
        guard state != .closed else { return }
        let onClosed = onClosed
        close()
        onClosed?(error)
    }

    /// Fails at the end of the turn: who writes or connects is never called back from inside the call.
    private func failLater(_ error: EventLoopError) {
        hasFailed = true
        loop.atEndOfTurn { [self] in fail(error) }
    }

    // MARK: Handles

    private func makeHandle() -> UnsafeMutablePointer<uv_tcp_t> {
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        uv_tcp_init(loop.loop, handle)
        handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        self.handle = handle
        return handle
    }

    private func closeHandle() {
        guard let handle else { return }
        self.handle = nil
        uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) {
            UnsafeMutableRawPointer($0!).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
        }
    }

    private static func stream(_ handle: UnsafeMutablePointer<uv_tcp_t>) -> UnsafeMutablePointer<uv_stream_t> {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    private static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        // libuv's type is not const because it serves reading too; writing leaves the bytes alone.
        uv_buf_t(
            base: UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
            len: bytes.count)
    }
}
