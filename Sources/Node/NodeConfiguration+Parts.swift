import Gateway
import Ledger
import PeerTransport
import Raft
import Replica

/// What the parts of the node are told, derived from the configuration file.
extension NodeConfiguration {
    private static let tickMilliseconds = 10

    var capacities: LedgerConfiguration {
        LedgerConfiguration(
            transactionIDs: limits.transactionIDsRemembered, idempotencyKeys: limits.idempotencyKeysRemembered,
            users: limits.usersRemembered)
    }

    var replicaOptions: Replica.Options {
        let raft = RaftConfiguration(
            id: nodeID, voters: peers.keys.sorted(),
            electionTicks: max(2, consensus.electionMilliseconds / Self.tickMilliseconds),
            heartbeatTicks: max(1, consensus.heartbeatMilliseconds / Self.tickMilliseconds),
            peerLostStaggerTicks: 5, maxInflightMessages: 64, maxInflightBytes: 32 << 20, maxAppendBytes: 4 << 20,
            maxUncommittedBytes: 128 << 20, randomSeed: .random(in: .min ... .max))
        return Replica.Options(raft: raft, tickMilliseconds: Self.tickMilliseconds)
    }

    var transport: PeerTransportConfiguration {
        let own = peers[nodeID]!
        return PeerTransportConfiguration(
            clusterID: clusterID, nodeID: nodeID, listenHost: own.host, listenPort: own.port,
            peers: peers.filter { $0.key != nodeID }, certificatePath: tls.certificatePath,
            keyPath: tls.privateKeyPath, authorityPath: tls.authorityPath)
    }

    var gatewayConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration(
            host: gateway.listenHost, port: gateway.listenPort, certificateChainPath: gateway.certificatePath,
            privateKeyPath: gateway.privateKeyPath)
        configuration.deadlineMilliseconds = limits.requestDeadlineMilliseconds
        return configuration
    }
}
