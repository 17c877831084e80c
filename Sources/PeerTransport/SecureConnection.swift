internal import EventLoop

/// Hears from a connection. Called on the loop, never from inside a call to the connection other than `start`.
protocol SecureConnectionOwner: AnyObject {
    /// TLS is up: the peer holds a certificate of the authority.
    func handshakeEnded(_ connection: SecureConnection)
    /// A whole frame, borrowed for the call.
    func received(_ frame: UnsafeRawBufferPointer, on connection: SecureConnection)
    /// The connection ended by itself; nothing more comes.
    func ended(_ connection: SecureConnection, _ failure: ConnectionFailure)
}

/// Frames over TLS over TCP.
///
/// Frames wait in plaintext and are encrypted only as fast as the kernel takes them, so that what waits is counted once and
/// memory for cipher bytes stays small.
final class SecureConnection {
    /// Encrypted and handed to the kernel at once.
    private static let batchBytes = 128 * 1024
    /// Written for one connection in one turn of the loop, at most: others get their turn too.
    private static let turnBytes = 1 << 20
    private static let livenessMilliseconds = 5000

    let tcp: TCPConnection
    let tls: TLSSession
    let decoder = FrameDecoder(maxFrameBytes: Hello.maxBytes)
    private let flusher: Flusher
    private weak var owner: (any SecureConnectionOwner)?
    private var frames = FrameQueue()
    private(set) var isClosed = false
    var isDirty = false

    init(
        tcp: TCPConnection, context: TLSContext, role: TLSSession.Role, flusher: Flusher,
        owner: any SecureConnectionOwner
    ) throws(ConnectionFailure) {
        self.tcp = tcp
        self.flusher = flusher
        self.owner = owner
        tls = try TLSSession(context: context, role: role)
    }

    /// Begins TLS on a TCP connection that is open.
    func start() {
        tcp.setNoDelay()
        tcp.setLivenessTimeout(milliseconds: Self.livenessMilliseconds)
        tcp.onRead = { [unowned self] bytes in received(bytes) }
        tcp.onDrained = { [unowned self] in if !frames.isEmpty { flusher.markDirty(self) } }
        // The TCP connection keeps this one alive until it is closed.
        tcp.onClosed = { [self] error in end(ConnectionFailure("\(error)")) }
        tcp.startReading()
        do throws(ConnectionFailure) {
            _ = try tls.handshake()
        } catch {
            end(error)
        }
        sendOutput()
    }

    /// Bytes accepted by `send` that the kernel has not taken yet.
    var queuedBytes: Int { frames.byteCount + tcp.queuedBytes }

    /// Queues a frame; it goes out at the end of the turn.
    func send(_ frame: [UInt8]) {
        if isClosed { return }
        frames.append(frame)
        flusher.markDirty(self)
    }

    /// Closes without telling the owner; frames that wait are dropped, unless `flushing` and the kernel takes them now.
    func close(flushing: Bool = false) {
        if isClosed { return }
        if flushing { try? encryptFrames(flusher.staging) }
        isClosed = true
        owner = nil
        frames.removeAll()
        tcp.close()
    }

    private func end(_ failure: ConnectionFailure) {
        if isClosed { return }
        let owner = owner
        close()
        owner?.ended(self, failure)
    }

    // MARK: In

    private func received(_ cipher: UnsafeRawBufferPointer) {
        do throws(ConnectionFailure) {
            try tls.withInput(cipher) { () throws(ConnectionFailure) in
                if !tls.isEstablished {
                    let isComplete = try tls.handshake()
                    sendOutput()
                    if !isComplete { return }
                    owner?.handshakeEnded(self)
                }
                try readFrames()
            }
            sendOutput()
        } catch {
            // TLS may have an alert to say why.
            sendOutput()
            end(error)
        }
    }

    private func readFrames() throws(ConnectionFailure) {
        while !isClosed {
            let count = try tls.read(into: decoder.prepare())
            if count == 0 { return }
            decoder.commit(count)
            while !isClosed, let frame = try nextFrame() { owner?.received(frame, on: self) }
        }
    }

    private func nextFrame() throws(ConnectionFailure) -> UnsafeRawBufferPointer? {
        do throws(FrameDecoder.BadLength) {
            return try decoder.next()
        } catch {
            throw ConnectionFailure("\(error)")
        }
    }

    // MARK: Out

    private func sendOutput() {
        if isClosed { return }
        tls.takeOutput { tcp.write(copying: $0) }
    }

    /// Writes what waits, as far as the kernel takes it. Called by the flusher at the end of a turn.
    func flush(staging: UnsafeMutableRawBufferPointer) {
        if isClosed || !tls.isEstablished { return }
        do throws(ConnectionFailure) {
            try encryptFrames(staging)
        } catch {
            end(error)
            return
        }
        if !frames.isEmpty, tcp.queuedBytes == 0 { flusher.markDirty(self) }
    }

    private func encryptFrames(_ staging: UnsafeMutableRawBufferPointer) throws(ConnectionFailure) {
        var turn = 0
        while !frames.isEmpty, tcp.queuedBytes == 0, tcp.isOpen, turn < Self.turnBytes {
            while !frames.isEmpty, tls.outputCount < Self.batchBytes {
                try frames.takeRecord(staging: staging) { (record) throws(ConnectionFailure) in try tls.write(record) }
            }
            turn += tls.outputCount
            sendOutput()
            if turn == 0 { return }
        }
    }
}

/// Writes, at the end of each turn of the loop, the connections that got something to send in it: many frames, few system calls.
final class Flusher {
    private let loop: EventLoop
    private var dirty: [SecureConnection] = []
    private var batch: [SecureConnection] = []
    /// Room for one record, for all connections in turn.
    let staging = UnsafeMutableRawBufferPointer.allocate(byteCount: FrameQueue.recordBytes, alignment: 64)

    init(loop: EventLoop) { self.loop = loop }

    deinit { staging.deallocate() }

    func markDirty(_ connection: SecureConnection) {
        if connection.isDirty { return }
        connection.isDirty = true
        dirty.append(connection)
        if dirty.count == 1 { loop.atEndOfTurn { [self] in flush() } }
    }

    private func flush() {
        swap(&dirty, &batch)
        for connection in batch {
            connection.isDirty = false
            connection.flush(staging: staging)
        }
        batch.removeAll(keepingCapacity: true)
    }
}
