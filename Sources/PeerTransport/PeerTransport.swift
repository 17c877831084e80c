public import EventLoop
public import Logging
public import Raft

/// What the transport tells its user, on the loop.
public enum PeerEvent {
    /// Our outgoing connection to the peer was welcomed: frames can be sent.
    case connected(NodeID, Channel)
    /// At a peer's address another life of its number was found. Comes just before that life is `connected`; frames to the
    /// life that is missing can't be sent.
    case otherLife(NodeID, insteadOf: NodeID)
    /// An established connection with the peer ended, outgoing or incoming: the kernel's hint that the peer may be gone. One
    /// death of a peer gives up to two of these for each channel. Failed attempts to reach it give none, nor does an
    /// incoming connection that the peer itself replaced by a newer one.
    case lost(NodeID, Channel)
    /// A whole frame, borrowed for the call. The sender may be a life of a known number that is not among the peers: it has
    /// proved its number only.
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
    /// Bound on the nodes that are dialled without being peers.
    private static let maxGuests = 16

    private struct Key: Hashable {
        let peer: NodeID
        let channel: Channel
    }

    /// Connections that are dialled for different lives of ours don't replace each other.
    private struct IncomingKey: Hashable {
        let peer: NodeID
        let channel: Channel
        let meansUs: Bool
    }

    /// Lives of one number that may be connected on one channel; one more closes the oldest.
    private static let maxLives = 4

    let loop: EventLoop
    private(set) var configuration: PeerTransportConfiguration
    let context: TLSContext
    let flusher: Flusher
    let logger: Logger
    private let handler: (PeerEvent) -> Void
    private var listener: TCPListener?
    private var links: [Key: OutgoingLink] = [:]
    private var incoming: [IncomingKey: IncomingConnection] = [:]
    /// When each incoming connection was welcomed, in their order.
    private var welcomes: [ObjectIdentifier: UInt64] = [:]
    private var lastWelcome: UInt64 = 0
    /// Incoming connections that are not welcomed yet, oldest first.
    private var pending: [IncomingConnection] = []
    /// Nodes that dialled this one without being its peers, and where they are.
    private var guests: [NodeID: PeerAddress] = [:]
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
                clusterID: configuration.clusterID, node: configuration.nodeID.number))
    }

    /// The subject alternative name, of type URI, that makes a certificate that of node number `node` of `clusterID`.
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
            for (peer, address) in configuration.peers { try startLinks(to: peer, at: address) }
        } catch {
            stop()
            throw .listen(error)
        }
    }

    private func startLinks(to peer: NodeID, at address: PeerAddress) throws(EventLoopError) {
        for channel in Channel.allCases {
            let link = OutgoingLink(peer: peer, address: address, channel: channel, core: self)
            links[Key(peer: peer, channel: channel)] = link
            try link.start()
        }
    }

    /// Changes whom the node talks to: dials who is new or has moved, closes the connections, in both directions, of who is
    /// no longer among them, without an event. Others are left as they are. Between `start` and `stop`.
    ///
    /// Two lives of one number may be peers at once; they have addresses of their own, or the one that answers is reached.
    /// - Throws: `invalid`, and nothing is changed.
    public func setPeers(_ peers: [NodeID: PeerAddress]) throws(PeerTransportError) {
        loop.preconditionCurrent()
        precondition(isRunning, "peers change between start and stop")
        try configuration.validate(peers)
        configuration.peers = peers
        guests = guests.filter { peers[$0.key] == nil }
        for (key, link) in links where (peers[key.peer] ?? guests[key.peer]) != link.address {
            links[key] = nil
            link.stop()
        }
        for (key, connection) in incoming
        where guests[key.peer] == nil && !peers.keys.contains(where: { $0.number == key.peer.number }) {
            forget(key)
            connection.close()
        }
        do throws(EventLoopError) {
            for (peer, address) in peers where links[Key(peer: peer, channel: .control)] == nil {
                try startLinks(to: peer, at: address)
            }
        } catch {
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
        welcomes = [:]
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
        guard let connection = connection(to: peer, over: channel),
            connection.queuedBytes + FrameQueue.headerBytes + frame.count <= configuration.maxQueuedBytes
        else { return false }
        connection.send(frame)
        return true
    }

    /// Bytes accepted by `send` that the kernel has not taken yet.
    public func queuedBytes(to peer: NodeID, over channel: Channel) -> Int {
        loop.preconditionCurrent()
        return connection(to: peer, over: channel)?.queuedBytes ?? 0
    }

    /// Whether `send` has a connection to put frames on.
    public func isConnected(to peer: NodeID, over channel: Channel) -> Bool {
        loop.preconditionCurrent()
        return connection(to: peer, over: channel) != nil
    }

    /// Those that `send` has a connection to, in their present lives.
    public func connectedPeers(over channel: Channel) -> [NodeID] {
        loop.preconditionCurrent()
        return links.values.compactMap { $0.channel == channel && $0.connection != nil ? $0.connectedNode : nil }
    }

    /// The link for a node is looked at first; one that has found it in the place of another life of its number will do.
    private func connection(to peer: NodeID, over channel: Channel) -> SecureConnection? {
        if let link = links[Key(peer: peer, channel: channel)] {
            return link.connectedNode == peer ? link.connection : nil
        }
        return links.values.first { $0.channel == channel && $0.connectedNode == peer }?.connection
    }

    func mayConnect(_ link: OutgoingLink, to node: NodeID) -> Bool {
        links[Key(peer: node, channel: link.channel)] == nil
            && !links.values.contains { $0 !== link && $0.channel == link.channel && $0.connectedNode == node }
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

    /// - Parameter guestAddress: where a node that is not known wants to be dialled.
    func welcomed(_ connection: IncomingConnection, guestAddress: PeerAddress?) {
        pending.removeAll { $0 === connection }
        guard let (peer, channel, meansUs) = connection.peer else { return }
        // The peer dialled anew, so the older connection is dead even if our kernel has not noticed.
        let key = IncomingKey(peer: peer, channel: channel, meansUs: meansUs)
        if let older = incoming[key] {
            forget(key)
            older.close()
        }
        boundLives(of: peer.number, over: channel)
        incoming[key] = connection
        lastWelcome += 1
        welcomes[ObjectIdentifier(connection)] = lastWelcome
        if let guestAddress { invite(peer, to: guestAddress) }
        for link in links.values where link.peer.number == peer.number { link.peerIsAlive() }
    }

    /// A node that is not among the peers, or is one in another life and place, is dialled for as long as it keeps a
    /// connection to this one.
    private func invite(_ peer: NodeID, to address: PeerAddress) {
        let isKnown = links.contains {
            $0.key.peer == peer || $0.key.peer.number == peer.number && $0.value.address == address
        }
        guard !isKnown, guests.count < Self.maxGuests else { return }
        guests[peer] = address
        do {
            try startLinks(to: peer, at: address)
        } catch {
            logger.warning("a guest can't be dialled: \(error)")
            dismiss(peer)
        }
    }

    private func dismiss(_ guest: NodeID) {
        guard guests.removeValue(forKey: guest) != nil else { return }
        for (key, link) in links where key.peer == guest {
            links[key] = nil
            link.stop()
        }
    }

    /// Makes room for one more connection of a number on a channel.
    private func boundLives(of number: UInt64, over channel: Channel) {
        let same = incoming.filter { $0.key.peer.number == number && $0.key.channel == channel }
        guard same.count >= Self.maxLives,
            let oldest = same.min(by: { welcomes[ObjectIdentifier($0.value)]! < welcomes[ObjectIdentifier($1.value)]! })
        else { return }
        forget(oldest.key)
        oldest.value.close()
    }

    private func forget(_ key: IncomingKey) {
        guard let connection = incoming.removeValue(forKey: key) else { return }
        welcomes[ObjectIdentifier(connection)] = nil
    }

    func ended(_ connection: IncomingConnection, _ failure: ConnectionFailure) {
        guard let (peer, channel, meansUs) = connection.peer else {
            pending.removeAll { $0 === connection }
            logRefusal(connection, failure.description)
            return
        }
        let key = IncomingKey(peer: peer, channel: channel, meansUs: meansUs)
        guard incoming[key] === connection else { return }
        forget(key)
        logger.info("lost the connection of peer \(peer), channel \(channel): \(failure)")
        if !incoming.keys.contains(where: { $0.peer == peer }) { dismiss(peer) }
        deliver(.lost(peer, channel))
    }

    private func logRefusal(_ connection: IncomingConnection, _ reason: String) {
        guard let suppressed = refusalLimiter.admit(nowMilliseconds: loop.nowMilliseconds) else { return }
        let more = suppressed > 0 ? " (\(suppressed) more like it not shown)" : ""
        logger.warning("refused a connection from \(connection.remoteAddress): \(reason)\(more)")
    }
}
