public import Raft

/// What a connection between two nodes carries. Each has a TCP connection of its own in each direction, so that small urgent frames
/// never wait behind large ones.
public enum Channel: UInt8, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    case control = 1
    case bulk = 2
    /// Pieces of snapshots.
    case snapshot = 3

    public var description: String {
        switch self {
        case .control: "control"
        case .bulk: "bulk"
        case .snapshot: "snapshot"
        }
    }
}

/// Where a node listens for its peers.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address, or a name.
    public var host: String
    /// 1...65535.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`; an IPv6 address stands in brackets.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// How a node reaches its peers and shows them who it is.
public struct PeerTransportConfiguration: Sendable {
    /// The version of hello, answer and framing; a peer that speaks another is refused.
    public static let protocolVersion: UInt16 = 2

    /// 1...64 letters, digits, `-`, `_` or `.` of ASCII.
    public var clusterID: String
    /// With its life; the certificate proves the number alone.
    public var nodeID: NodeID
    /// An IPv4 or IPv6 address to listen at, or a name.
    public var listenHost: String
    /// 0...65535; zero lets the kernel choose.
    public var listenPort: Int
    /// The other members of the cluster, as they are when the transport starts: see `PeerTransport.setPeers`.
    public var peers: [NodeID: PeerAddress]
    /// Where this node can be dialled by those who do not know it yet; nil: they refuse it.
    public var guestAddress: PeerAddress?
    /// PEM file: this node's certificate, then any intermediates. Its subject alternative names must hold the URI
    /// `redoubt://<clusterID>/node/<number>`.
    public var certificatePath: String
    /// PEM file: the private key of the certificate.
    public var keyPath: String
    /// PEM file: the authority that signs the certificates of all nodes of the cluster, and nothing else.
    public var authorityPath: String
    /// The longest frame sent or taken, in bytes: 1 KiB...1 GiB.
    public var maxFrameBytes = 16 << 20
    /// Bytes that may wait for one peer on one channel; at least one frame of the longest kind.
    public var maxQueuedBytes = 64 << 20
    /// The first wait before dialling a peer again. At least 1.
    public var reconnectMinMilliseconds = 20
    /// The longest wait before dialling a peer again.
    public var reconnectMaxMilliseconds = 500
    /// How long connecting, TLS and hello may take together. At least 1.
    public var handshakeTimeoutMilliseconds = 3000
    /// A peer that has acknowledged nothing of what was sent to it for this long, pieces of snapshots excepted, is dialled
    /// anew. At least 1.
    public var acknowledgementTimeoutMilliseconds = 1000
    /// Incoming connections that have not yet said who they are; one more closes the oldest. At least 1.
    public var maxPendingConnections = 64

    public init(
        clusterID: String, nodeID: NodeID, listenHost: String, listenPort: Int, peers: [NodeID: PeerAddress],
        certificatePath: String, keyPath: String, authorityPath: String
    ) {
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.peers = peers
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.authorityPath = authorityPath
    }

    func validate(_ peers: [NodeID: PeerAddress]) throws(PeerTransportError) {
        try require(peers[nodeID] == nil, "peers", "must not hold the node itself (\(nodeID))")
        for (id, address) in peers {
            try require((1...65535).contains(address.port), "peers[\(id)].port", "must be 1...65535")
            try require(!address.host.isEmpty, "peers[\(id)].host", "must not be empty")
        }
    }

    private func require(_ condition: Bool, _ field: String, _ rule: String) throws(PeerTransportError) {
        if !condition { throw .invalid(field: field, rule: rule) }
    }

    func validate() throws(PeerTransportError) {
        try require(
            (1...64).contains(clusterID.utf8.count) && clusterID.utf8.allSatisfy(Self.isPlain), "clusterID",
            "must be 1 to 64 ASCII letters, digits, '-', '_' or '.'")
        try require((0...65535).contains(listenPort), "listenPort", "must be 0...65535")
        try validate(peers)
        try require((1024...(1 << 30)).contains(maxFrameBytes), "maxFrameBytes", "must be 1024...1073741824")
        try require(
            maxQueuedBytes >= maxFrameBytes + FrameQueue.headerBytes, "maxQueuedBytes",
            "must hold one frame of maxFrameBytes and its header")
        try require(reconnectMinMilliseconds >= 1, "reconnectMinMilliseconds", "must be positive")
        try require(
            reconnectMaxMilliseconds >= reconnectMinMilliseconds, "reconnectMaxMilliseconds",
            "must not be below reconnectMinMilliseconds")
        try require(handshakeTimeoutMilliseconds >= 1, "handshakeTimeoutMilliseconds", "must be positive")
        try require(
            acknowledgementTimeoutMilliseconds >= 1, "acknowledgementTimeoutMilliseconds", "must be positive")
        try require(maxPendingConnections >= 1, "maxPendingConnections", "must be positive")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
