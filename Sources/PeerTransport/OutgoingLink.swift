internal import EventLoop
internal import Logging
internal import Raft

/// What links and incoming connections need of the transport they belong to.
protocol TransportCore: AnyObject {
    var loop: EventLoop { get }
    var configuration: PeerTransportConfiguration { get }
    var context: TLSContext { get }
    var flusher: Flusher { get }
    var logger: Logger { get }
    func deliver(_ event: PeerEvent)
    /// A link has found `node` at the address of its peer. False if it has no use there: another link is for that node.
    func mayConnect(_ link: OutgoingLink, to node: NodeID) -> Bool
}

extension TransportCore {
    /// The name that the certificate of a node of this cluster must carry.
    func certificateURI(of node: NodeID) -> String {
        PeerTransport.certificateURI(clusterID: configuration.clusterID, node: node.number)
    }
}

/// Our connection to one peer on one channel: dials, says hello, and dials again when it is lost.
final class OutgoingLink: SecureConnectionOwner {
    private enum State {
        /// Not started, or stopped for good.
        case idle
        /// Between two attempts.
        case waiting
        case connecting(TCPConnection)
        /// TLS, then hello and its answer.
        case greeting(SecureConnection)
        case established(SecureConnection, with: NodeID, sinceMilliseconds: UInt64)
    }

    /// Attempts that the peer's own hellos bring about are at least so far apart.
    private static let spacingMilliseconds: UInt64 = 20

    let peer: NodeID
    let channel: Channel
    let address: PeerAddress
    private unowned let core: any TransportCore
    private var state = State.idle
    private var backoff: Backoff
    private var random = SystemRandomNumberGenerator()
    /// Ends the wait between attempts, or an attempt that takes too long.
    private var timer: Timer?
    private var attemptStart: UInt64 = 0
    private var lastReason: String?
    private var limiter = LogLimiter(linesPerWindow: 1, windowMilliseconds: 60_000)

    init(peer: NodeID, address: PeerAddress, channel: Channel, core: any TransportCore) {
        self.peer = peer
        self.address = address
        self.channel = channel
        self.core = core
        backoff = Backoff(
            minimum: core.configuration.reconnectMinMilliseconds, maximum: core.configuration.reconnectMaxMilliseconds)
    }

    /// The connection that takes frames, if there is one.
    var connection: SecureConnection? {
        if case .established(let connection, _, _) = state { connection } else { nil }
    }

    /// Whom the connection reaches: the peer, or another life of it that was found at its address.
    var connectedNode: NodeID? { if case .established(_, let node, _) = state { node } else { nil } }

    func start() throws(EventLoopError) {
        timer = try Timer(loop: core.loop) { [unowned self] in timerFired() }
        dial()
    }

    func stop() {
        timer?.close()
        timer = nil
        switch state {
        case .idle, .waiting: break
        case .connecting(let tcp): tcp.close()
        case .greeting(let connection), .established(let connection, _, _): connection.close()
        }
        state = .idle
    }

    /// The peer has just shown that it is alive: don't wait any longer, but don't hammer it either.
    func peerIsAlive() {
        guard case .waiting = state else { return }
        let next = attemptStart + Self.spacingMilliseconds
        let now = core.loop.nowMilliseconds
        timer?.start(afterMilliseconds: next > now ? Int(next - now) : 0)
    }

    private func timerFired() {
        switch state {
        case .waiting: dial()
        case .connecting(let tcp):
            tcp.close()
            retry(ConnectionFailure("no TCP connection within \(core.configuration.handshakeTimeoutMilliseconds) ms"))
        case .greeting(let connection):
            connection.close()
            retry(ConnectionFailure("no welcome within \(core.configuration.handshakeTimeoutMilliseconds) ms"))
        case .idle, .established: break
        }
    }

    private func dial() {
        attemptStart = core.loop.nowMilliseconds
        let timeout = core.configuration.handshakeTimeoutMilliseconds
        do throws(EventLoopError) {
            let tcp = try TCPConnection(loop: core.loop)
            state = .connecting(tcp)
            tcp.onClosed = { [unowned self] error in retry(ConnectionFailure("\(error)")) }
            tcp.connect(host: address.host, port: address.port, timeoutMilliseconds: timeout) { [unowned self] in
                greet(over: tcp)
            }
            timer?.start(afterMilliseconds: timeout)
        } catch {
            retry(ConnectionFailure("\(error)"))
        }
    }

    private func greet(over tcp: TCPConnection) {
        do throws(ConnectionFailure) {
            let connection = try SecureConnection(
                tcp: tcp, context: core.context, role: .dialler, flusher: core.flusher, owner: self)
            state = .greeting(connection)
            connection.start()
        } catch {
            tcp.close()
            retry(error)
        }
    }

    /// Every attempt that fails and every connection that ends comes here.
    private func retry(_ failure: ConnectionFailure) {
        if case .idle = state { return }
        state = .waiting
        timer?.start(afterMilliseconds: backoff.next(using: &random))
        logFailure(failure)
    }

    private func logFailure(_ failure: ConnectionFailure) {
        let reason = failure.description
        let isNew = reason != lastReason
        lastReason = reason
        guard limiter.admit(nowMilliseconds: core.loop.nowMilliseconds) != nil || isNew else { return }
        core.logger.warning("no connection to peer \(peer) at \(address), channel \(channel): \(reason)")
    }

    // MARK: Events of the connection

    func handshakeEnded(_ connection: SecureConnection) {
        guard connection.tls.peerHas(uri: core.certificateURI(of: peer)) else {
            connection.close()
            retry(ConnectionFailure("the certificate shown is not \(core.certificateURI(of: peer))"))
            return
        }
        let hello = Hello(
            version: PeerTransportConfiguration.protocolVersion, clusterID: core.configuration.clusterID,
            from: core.configuration.nodeID.rawValue, to: peer.rawValue, channel: channel.rawValue,
            guestAddress: core.configuration.guestAddress?.description ?? "")
        connection.send(hello.encode())
    }

    func received(_ frame: UnsafeRawBufferPointer, on connection: SecureConnection) {
        guard case .greeting = state else {
            ended(connection, ConnectionFailure("the peer sends on a connection that is ours to send on"))
            return
        }
        let answer: HelloAnswer
        do throws(MalformedHello) {
            answer = try HelloAnswer(decoding: frame)
        } catch {
            ended(connection, ConnectionFailure("\(error)"))
            return
        }
        switch answer {
        case .welcome(let node):
            welcomed(by: node, on: connection)
        case .refused(let reason):
            ended(connection, ConnectionFailure("refused by the peer: \(reason)"))
        }
    }

    private func welcomed(by node: NodeID, on connection: SecureConnection) {
        guard node.number == peer.number else {
            ended(connection, ConnectionFailure("node \(node.number) answers there"))
            return
        }
        let isOther = node != peer
        guard !isOther || core.mayConnect(self, to: node) else {
            ended(connection, ConnectionFailure("\(node) is there now"))
            return
        }
        timer?.stop()
        // A snapshot goes over links that are slow for minutes, and nobody waits for its next piece.
        if channel != .snapshot {
            connection.tcp.setAcknowledgementTimeout(
                milliseconds: core.configuration.acknowledgementTimeoutMilliseconds)
        }
        lastReason = nil
        state = .established(connection, with: node, sinceMilliseconds: core.loop.nowMilliseconds)
        core.logger.info("connected to peer \(node) at \(address), channel \(channel)")
        if isOther { core.deliver(.otherLife(node, insteadOf: peer)) }
        // Who heard that may have stopped this link.
        if connectedNode == node { core.deliver(.connected(node, channel)) }
    }

    func ended(_ connection: SecureConnection, _ failure: ConnectionFailure) {
        connection.close()
        guard case .established(_, let node, let since) = state else {
            retry(failure)
            return
        }
        // One that breaks as soon as it stands is no success: the waits go on growing.
        let age = core.loop.nowMilliseconds - since
        if age >= UInt64(core.configuration.reconnectMaxMilliseconds) { backoff.reset() }
        retry(failure)
        core.deliver(.lost(node, channel))
    }
}
