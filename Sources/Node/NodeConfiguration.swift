import Foundation
public import Logging
public import PeerTransport
public import Raft
public import Streams

/// All that one node is told at start, from one YAML file. README.md lists the keys.
public struct NodeConfiguration: Sendable {
    public struct Gateway: Sendable {
        public var listenHost: String
        public var listenPort: Int
        public var certificatePath: String
        public var privateKeyPath: String
        /// Where clients reach each member's gateway.
        public var advertisedURLs: [NodeID: String]
    }

    public struct PeerTLS: Sendable {
        public var certificatePath: String
        public var privateKeyPath: String
        public var authorityPath: String
    }

    public struct Tokens: Sendable {
        public var hs256SecretPath: String?
        public var es256PublicKeyPath: String?
        public var issuer: String
    }

    public struct Consensus: Sendable {
        public var heartbeatMilliseconds = 50
        /// The shortest time without a leader before a node asks to be elected; the longest is half as much again.
        public var electionMilliseconds = 350
    }

    public struct Limits: Sendable {
        /// How long a gateway carries a request, elections included.
        public var requestDeadlineMilliseconds = 5_000
        /// The log may grow to this while a member or its PostgreSQL is away; then new work is refused.
        public var logBytes = 8 << 30
        /// Of that, this much is kept for members that are away; beyond it they will need a snapshot.
        public var logBytesRetained = 256 << 20
        /// Bytes a second of all checkpoints and snapshots together that this node writes, sends and installs.
        public var backgroundBytesPerSecond = 16 << 20
        public var transactionIDsRemembered = 1_000_000
        public var idempotencyKeysRemembered = 200_000
        public var usersRemembered = 200_000
        public var merchantsRemembered = 50_000
        public var labelsRemembered = 100_000
    }

    public var clusterID: String
    public var nodeID: NodeID
    public var dataDirectory: String
    /// This node, and the founding members; for a node that joins, some members that are there.
    public var peers: [NodeID: PeerAddress]
    /// The node never founds a cluster: with an empty disk it asks the members among `peers` to be admitted.
    public var joins: Bool
    public var gateway: Gateway
    public var tls: PeerTLS
    public var postgres: String
    public var sealingKeyPath: String
    public var tokens: Tokens
    public var consensus: Consensus
    public var limits: Limits
    public var logLevel: Logger.Level
    /// Nil: no Kafka, and payments come from clients alone.
    public var kafka: StreamConfiguration?
    public var deliveries: Deliveries

    /// Throws `ConfigurationError` that names the key.
    public static func load(path: String) throws -> NodeConfiguration {
        let yaml: String
        do {
            yaml = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(file: path, key: "", reason: "can't be read: \(error.localizedDescription)")
        }
        return try NodeConfiguration(file: path, yaml: yaml)
    }

    package init(file: String, yaml: String) throws {
        var root = try ConfigurationSection(file: file, yaml: yaml)
        clusterID = try root.string("cluster_id")
        guard (1...64).contains(clusterID.utf8.count),
            clusterID.utf8.allSatisfy({
                ("a"..."z").contains(Character(UnicodeScalar($0))) || $0 == 45 || (48...57).contains($0)
            })
        else { throw root.error("cluster_id", "must be 1 to 64 small letters, digits and hyphens") }
        nodeID = NodeID(UInt64(try root.integer("node_id", in: Self.numbers)))
        dataDirectory = try root.string("data_directory")
        peers = try Self.peers(try root.section("peers"))
        guard peers[nodeID] != nil else { throw root.error("peers", "must name this node, \(nodeID.rawValue), too") }
        guard peers.count <= 7 else { throw root.error("peers", "must name at most 7 nodes") }
        joins = try Self.joins(try root.optionalSection("cluster"))
        guard !joins || peers.count > 1 else { throw root.error("peers", "must name a member that this node can join") }
        gateway = try Self.gateway(try root.section("gateway"))
        tls = try Self.tls(try root.section("tls"))
        postgres = try root.string("postgres")
        sealingKeyPath = try root.string("sealing_key")
        tokens = try Self.tokens(try root.section("tokens"))
        consensus = try Self.consensus(try root.optionalSection("raft"))
        limits = try Self.limits(try root.optionalSection("limits"))
        kafka = try Self.kafka(try root.optionalSection("kafka"))
        deliveries = try Self.deliveries(try root.optionalSection("deliveries"))
        let level = try root.optionalString("log_level") ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw root.error("log_level", "must be one of \(levels)")
        }
        self.logLevel = logLevel
        try root.finish()
    }

    /// Of nodes: what certificates and people call them by.
    private static let numbers = 1...65_535

    private static func joins(_ section: ConfigurationSection?) throws -> Bool {
        guard var section else { return false }
        let joins = try section.optionalBoolean("join") ?? false
        try section.finish()
        return joins
    }

    private static func peers(_ section: ConfigurationSection) throws -> [NodeID: PeerAddress] {
        var section = section
        var peers: [NodeID: PeerAddress] = [:]
        for key in section.keys {
            let text = try section.string(key)
            let id = try number(key, of: section)
            peers[id] = try address(text, key, of: section)
        }
        return peers
    }

    private static func number(_ key: String, of section: ConfigurationSection) throws -> NodeID {
        guard let number = Int(key), numbers.contains(number) else {
            throw section.error(key, "a node's number is a whole number from 1 to 65535")
        }
        return NodeID(UInt64(number))
    }

    private static func gateway(_ section: ConfigurationSection) throws -> Gateway {
        var section = section
        let listen = try address(try section.string("listen"), "listen", of: section)
        var urls: [NodeID: String] = [:]
        if var advertised = try section.optionalSection("advertised_urls") {
            for key in advertised.keys {
                urls[try number(key, of: advertised)] = try advertised.string(key)
            }
        }
        let gateway = Gateway(
            listenHost: listen.host, listenPort: listen.port, certificatePath: try section.string("certificate"),
            privateKeyPath: try section.string("private_key"), advertisedURLs: urls)
        try section.finish()
        return gateway
    }

    private static func tls(_ section: ConfigurationSection) throws -> PeerTLS {
        var section = section
        let tls = PeerTLS(
            certificatePath: try section.string("certificate"), privateKeyPath: try section.string("private_key"),
            authorityPath: try section.string("authority"))
        try section.finish()
        return tls
    }

    private static func tokens(_ section: ConfigurationSection) throws -> Tokens {
        var section = section
        let tokens = Tokens(
            hs256SecretPath: try section.optionalString("hs256_secret"),
            es256PublicKeyPath: try section.optionalString("es256_public_key"), issuer: try section.string("issuer"))
        guard tokens.hs256SecretPath != nil || tokens.es256PublicKeyPath != nil else {
            throw section.error("hs256_secret", "or es256_public_key must be given")
        }
        try section.finish()
        return tokens
    }

    private static func consensus(_ section: ConfigurationSection?) throws -> Consensus {
        var consensus = Consensus()
        guard var section else { return consensus }
        if let value = try section.optionalInteger("heartbeat_milliseconds", in: 10...10_000) {
            consensus.heartbeatMilliseconds = value
        }
        if let value = try section.optionalInteger("election_milliseconds", in: 50...60_000) {
            consensus.electionMilliseconds = value
        }
        guard consensus.electionMilliseconds >= 4 * consensus.heartbeatMilliseconds else {
            throw section.error("election_milliseconds", "must be at least four times heartbeat_milliseconds")
        }
        try section.finish()
        return consensus
    }

    private static func limits(_ section: ConfigurationSection?) throws -> Limits {
        var limits = Limits()
        guard var section else { return limits }
        func set(_ key: String, _ target: inout Int, _ range: ClosedRange<Int>) throws {
            if let value = try section.optionalInteger(key, in: range) { target = value }
        }
        try set("request_deadline_milliseconds", &limits.requestDeadlineMilliseconds, 100...60_000)
        try set("log_bytes", &limits.logBytes, (1 << 30)...(1 << 40))
        try set("log_retained_bytes", &limits.logBytesRetained, (64 << 20)...(1 << 40))
        // With less, a leader would take a chunk that waits behind a checkpoint's piece for lost, and send it again.
        try set("background_bytes_per_second", &limits.backgroundBytesPerSecond, (8 << 20)...(1 << 34))
        try set("transaction_ids_remembered", &limits.transactionIDsRemembered, 1_000...50_000_000)
        try set("idempotency_keys_remembered", &limits.idempotencyKeysRemembered, 1_000...50_000_000)
        try set("users_remembered", &limits.usersRemembered, 1_000...50_000_000)
        try set("merchants_remembered", &limits.merchantsRemembered, 1_000...50_000_000)
        try set("labels_remembered", &limits.labelsRemembered, 1_000...50_000_000)
        try section.finish()
        return limits
    }

    private static func address(
        _ text: String, _ key: String, of section: ConfigurationSection
    ) throws -> PeerAddress {
        guard let address = PeerAddress(text) else {
            throw section.error(key, "must be host:port, port 1 to 65535; an IPv6 address stands in brackets")
        }
        return address
    }
}
