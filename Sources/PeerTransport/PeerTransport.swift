public import EventLoop
public import Logging
public import Raft

/// What the transport tells its user, on the loop.
public enum PeerEvent {
    /// Our outgoing connection to the peer was welcomed: frames can be sent.
    case connected(NodeID, Channel)
    /// An established connection with the peer ended, outgoing or incoming: the kernel's hint that the peer may be gone. One
    /// death of a peer gives up to two of these for each channel. Failed attempts to reach it give none, nor does an
    /// incoming connection that the peer itself replaced by a newer one.
    case lost(NodeID, Channel)
    /// A whole frame, borrowed for the call.
    case frame(UnsafeRawBufferPointer, from: NodeID, Channel)
}

/// Carries frames between the nodes of a cluster, over TCP with mutual TLS 1.3.
///
/// For each peer and channel there is one connection that we dialled and send on, and one that the peer dialled and we
/// receive on. Frames of one connection arrive whole and in order, or it is lost; what was queued on a lost connection is dropped, and
/// nothing is sent again. Both sides prove by certificate that they are the node, of this cluster, that they claim to be.
///
/// Confined to its loop. The handler is never called from inside `send`, `start` or `stop`.
public final class PeerTransport: IncomingConnectionOwner {
    private struct Key: Hashable {
        let peer: NodeID
        let channel: Channel
    }

    let loop: EventLoop
    let configuration: PeerTransportConfiguration
    let context: TLSContext
    let flusher: Flusher
    let logger: Logger
    private let handler: (PeerEvent) -> Void
    private var listener: TCPListener?
    private var links: [Key: OutgoingLink] = [:]
    private var incoming: [Key: IncomingConnection] = [:]
    /// Incoming connections that are not welcomed yet, oldest first.
    private var pending: [IncomingConnection] = []
    private var isRunning = false
    private var refusalLimiter = LogLimiter(linesPerWindow: 10, windowMilliseconds: 10_000)

    /// Loads certificate, key and authority, and checks that the certificate is this node's. Opens nothing yet.
    ///
    /// - Parameter handler: called on the loop; it may send, and it may stop the transport.
    public init(
        loop: EventLoop, configuration: PeerTransportConfiguration, logger: Logger,
        handler: @escaping (PeerEvent) -> Void
    ) throws(PeerTransportError) {
        loop.preconditionCurrent()
        try configuration.validate()
        self.loop = loop
        self.configuration = configuration
        self.logger = logger
        self.handler = handler
        flusher = Flusher(loop: loop)
        context = try TLSContext(
            certificatePath: configuration.certificatePath, keyPath: configuration.keyPath,
            authorityPath: configuration.authorityPath,
            requiredURI: Self.certificateURI(
                clusterID: configuration.clusterID, node: configuration.nodeID.rawValue))
    }

    /// The subject alternative name, of type URI, that makes a certificate that of node `node` of cluster `clusterID`.
    public static func certificateURI(clusterID: String, node: UInt64) -> String {
        "redoubt://\(clusterID)/node/\(node)"
    }

    /// Listens, and dials every peer. Once.
    public func start() throws(PeerTransportError) {
        loop.preconditionCurrent()
        precondition(!isRunning && links.isEmpty, "a peer transport starts once")
        do throws(EventLoopError) {
            listener = try TCPListener(
                loop: loop, host: configuration.listenHost, port: configuration.listenPort
            ) { [unowned self] tcp in accepted(tcp) }
            isRunning = true
            for (peer, address) in configuration.peers {
                for channel in Channel.allCases {
                    let link = OutgoingLink(peer: peer, address: address, channel: channel, core: self)
                    links[Key(peer: peer, channel: channel)] = link
                    try link.start()
                }
            }
        } catch {
            stop()
            throw .listen(error)
        }
    }

    /// Closes everything, at once and without any further event; frames that wait are dropped. Stopping twice is nothing. It
    /// must be stopped before it is released.
    public func stop() {
        loop.preconditionCurrent()
        isRunning = false
        listener?.close()
        for link in links.values { link.stop() }
        for connection in incoming.values { connection.close() }
        for connection in pending { connection.close() }
        incoming = [:]
        pending = []
    }

    /// The port that peers dial: the kernel's choice if zero was configured. Zero before `start`.
    public var listenPort: Int { listener?.port ?? 0 }

    // MARK: Sending

    /// Queues a frame of 1...`maxFrameBytes` bytes; it goes out at the end of the loop's turn.
    ///
    /// - Returns: false if there is no connection or the queue is at its bound; the frame is then dropped.
    public func send(_ frame: [UInt8], to peer: NodeID, over channel: Channel) -> Bool {
        loop.preconditionCurrent()
        precondition(
            (1...configuration.maxFrameBytes).contains(frame.count), "a frame has 1 to maxFrameBytes bytes")
        guard let connection = links[Key(peer: peer, channel: channel)]?.connection,
            connection.queuedBytes + FrameQueue.headerBytes + frame.count <= configuration.maxQueuedBytes
        else { return false }
        connection.send(frame)
        return true
    }

    /// Bytes accepted by `send` that the kernel has not taken yet.
    public func queuedBytes(to peer: NodeID, over channel: Channel) -> Int {
        loop.preconditionCurrent()
        return links[Key(peer: peer, channel: channel)]?.connection?.queuedBytes ?? 0
    }

    /// Whether `send` has a connection to put frames on.
    public func isConnected(to peer: NodeID, over channel: Channel) -> Bool {
        loop.preconditionCurrent()
        return links[Key(peer: peer, channel: channel)]?.connection != nil
    }

    func deliver(_ event: PeerEvent) { if isRunning { handler(event) } }

    // MARK: Incoming

    private func accepted(_ tcp: TCPConnection) {
        // A flood of strangers pushes out the oldest stranger: a peer needs only milliseconds to prove itself.
        if pending.count >= configuration.maxPendingConnections {
            let oldest = pending.removeFirst()
            oldest.close()
            logRefusal(oldest, "more than \(configuration.maxPendingConnections) connections without a hello")
        }
        let connection = IncomingConnection(tcp, core: self)
        pending.append(connection)
        connection.start()
    }

    func welcomed(_ connection: IncomingConnection, from peer: NodeID, over channel: Channel) {
        pending.removeAll { $0 === connection }
        // The peer dialled anew, so the older connection is dead even if our kernel has not noticed.
        incoming.updateValue(connection, forKey: Key(peer: peer, channel: channel))?.close()
        for channel in Channel.allCases { links[Key(peer: peer, channel: channel)]?.peerIsAlive() }
    }

    func ended(_ connection: IncomingConnection, _ failure: ConnectionFailure) {
        guard let (peer, channel) = connection.peer else {
            pending.removeAll { $0 === connection }
            logRefusal(connection, failure.description)
            return
        }
        let key = Key(peer: peer, channel: channel)
        guard incoming[key] === connection else { return }
        incoming[key] = nil
        logger.info("lost the connection of peer \(peer), channel \(channel): \(failure)")
        deliver(.lost(peer, channel))
    }

    private func logRefusal(_ connection: IncomingConnection, _ reason: String) {
        guard let suppressed = refusalLimiter.admit(nowMilliseconds: loop.nowMilliseconds) else { return }
        let more = suppressed > 0 ? " (\(suppressed) more like it not shown)" : ""
        logger.warning("refused a connection from \(connection.remoteAddress): \(reason)\(more)")
    }
}
