import Gateway
import Ledger
import PeerTransport
import Pipeline
import Raft
import RaftLog
import Replica

/// What the parts of the node are told, derived from the configuration file.
extension NodeConfiguration {
    private static let tickMilliseconds = 10

    var capacities: LedgerConfiguration {
        LedgerConfiguration(
            transactionIDs: limits.transactionIDsRemembered, idempotencyKeys: limits.idempotencyKeysRemembered,
            users: limits.usersRemembered)
    }

    var pipelineOptions: Pipeline.Options {
        Pipeline.Options(
            node: nodeID, logBytesMaximum: limits.logBytes,
            idsRemembered: min(limits.transactionIDsRemembered, limits.idempotencyKeysRemembered))
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
        var configuration = PeerTransportConfiguration(
            clusterID: clusterID, nodeID: nodeID, listenHost: own.host, listenPort: own.port,
            peers: peers.filter { $0.key != nodeID }, certificatePath: tls.certificatePath,
            keyPath: tls.privateKeyPath, authorityPath: tls.authorityPath)
        // The largest entry is a batch of 8 MiB and 10,000 lines: each adds at most 131 bytes by its sealing and ids, and
        // 1.5 KiB of reasons. That is 24 MiB, within the log's own bound too.
        configuration.maxFrameBytes = RaftLog.maximumPayloadBytes + (1 << 20)
        return configuration
    }

    var gatewayConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration(
            host: gateway.listenHost, port: gateway.listenPort, certificateChainPath: gateway.certificatePath,
            privateKeyPath: gateway.privateKeyPath)
        configuration.deadlineMilliseconds = limits.requestDeadlineMilliseconds
        return configuration
    }
}
