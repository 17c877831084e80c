internal import EventLoop
internal import Raft

/// What the transport hears from a connection that a peer, or somebody else, dialled.
protocol IncomingConnectionOwner: TransportCore {
    /// The peer is who it says and is welcome.
    func welcomed(_ incoming: IncomingConnection, guestAddress: PeerAddress?)
    /// The connection ended, before or after it was welcomed; `failure` says why.
    func ended(_ incoming: IncomingConnection, _ failure: ConnectionFailure)
}

/// A connection that was dialled to us: proves the dialler, answers its hello, then only receives.
final class IncomingConnection: SecureConnectionOwner {
    /// Who it is, once welcomed, and whether it meant this life of ours.
    private(set) var peer: (id: NodeID, channel: Channel, meansUs: Bool)?
    let remoteAddress: String
    private let tcp: TCPConnection
    private unowned let core: any IncomingConnectionOwner
    private var connection: SecureConnection?
    private var deadline: Timer?

    init(_ tcp: TCPConnection, core: any IncomingConnectionOwner) {
        self.tcp = tcp
        self.core = core
        remoteAddress = tcp.remoteAddress
    }

    func start() {
        let timeout = core.configuration.handshakeTimeoutMilliseconds
        do {
            let deadline = try Timer(loop: core.loop) { [unowned self] in
                end(ConnectionFailure("no hello within \(timeout) ms"))
            }
            self.deadline = deadline
            deadline.start(afterMilliseconds: timeout)
            let connection = try SecureConnection(
                tcp: tcp, context: core.context, role: .acceptor, flusher: core.flusher, owner: self)
            self.connection = connection
            connection.start()
        } catch {
            end(ConnectionFailure("\(error)"))
        }
    }

    /// Closes without telling the transport.
    func close() {
        deadline?.close()
        deadline = nil
        connection?.close()
        tcp.close()
    }

    private func end(_ failure: ConnectionFailure) {
        close()
        core.ended(self, failure)
    }

    // MARK: Events of the connection

    func handshakeEnded(_ connection: SecureConnection) {}

    func received(_ frame: UnsafeRawBufferPointer, on connection: SecureConnection) {
        if let peer {
            core.deliver(.frame(frame, from: peer.id, peer.channel))
            return
        }
        let hello: Hello
        do throws(MalformedHello) {
            hello = try Hello(decoding: frame)
        } catch {
            end(ConnectionFailure("\(error)"))
            return
        }
        var refusal = hello.refusal(by: core.configuration)
        let id = NodeID(validating: hello.from)
        if refusal == nil, let id, !connection.tls.peerHas(uri: core.certificateURI(of: id)) {
            refusal = "the certificate shown is not \(core.certificateURI(of: id))"
        }
        guard refusal == nil, let id, let channel = Channel(rawValue: hello.channel) else {
            let reason = refusal ?? "the hello makes no sense"
            connection.send(HelloAnswer.refused(reason).encode())
            connection.close(flushing: true)
            end(ConnectionFailure(reason))
            return
        }
        deadline?.close()
        deadline = nil
        connection.decoder.maxFrameBytes = core.configuration.maxFrameBytes
        peer = (id, channel, hello.to == core.configuration.nodeID.rawValue)
        connection.send(HelloAnswer.welcome(core.configuration.nodeID).encode())
        core.welcomed(self, guestAddress: PeerAddress(hello.guestAddress))
    }

    func ended(_ connection: SecureConnection, _ failure: ConnectionFailure) { end(failure) }
}
