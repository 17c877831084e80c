import Gateway
import Ledger
import PeerTransport
import Pipeline
import Raft
import RaftLog
import Replica
import Threads

/// What the parts of the node are told, derived from the configuration file.
extension NodeConfiguration {
    private static let tickMilliseconds = 10

    var capacities: LedgerConfiguration {
        LedgerConfiguration(
            transactionIDs: limits.transactionIDsRemembered, idempotencyKeys: limits.idempotencyKeysRemembered,
            users: limits.usersRemembered, merchants: limits.merchantsRemembered,
            labels: limits.labelsRemembered)
    }

    func pipelineOptions(as node: NodeID) -> Pipeline.Options {
        Pipeline.Options(
            node: node, logBytesMaximum: limits.logBytes, logBytesRetained: limits.logBytesRetained,
            idsRemembered: min(limits.transactionIDsRemembered, limits.idempotencyKeysRemembered))
    }

    /// The members that found the cluster, if this node's configuration has them all.
    var founding: Membership {
        let voters = peers.keys.sorted()
        let contacts = peers.map { number, address in
            (number, MemberContact(address: address, url: gateway.advertisedURLs[number] ?? "").encode())
        }
        return Membership(voters: voters, contacts: Dictionary(uniqueKeysWithValues: contacts))
    }

    func replicaOptions(as node: NodeID, in directory: DataDirectory, pace: Pace) -> Replica.Options {
        let raft = RaftConfiguration(
            id: node,
            electionTicks: max(2, consensus.electionMilliseconds / Self.tickMilliseconds),
            heartbeatTicks: max(1, consensus.heartbeatMilliseconds / Self.tickMilliseconds),
            commitPatienceTicks: max(2_000, 4 * consensus.electionMilliseconds) / Self.tickMilliseconds,
            peerLostStaggerTicks: 5, maxInflightMessages: 64, maxInflightBytes: 32 << 20, maxAppendBytes: 4 << 20,
            maxUncommittedBytes: 128 << 20, snapshotLingerTicks: 30_000 / Self.tickMilliseconds,
            randomSeed: .random(in: .min ... .max))
        return Replica.Options(
            raft: raft, tickMilliseconds: Self.tickMilliseconds, snapshotDirectory: directory.snapshots,
            introducers: peers.filter { $0.key != nodeID }, pace: pace)
    }

    func transport(as node: NodeID, knowing members: Membership) -> PeerTransportConfiguration {
        let own = peers[nodeID]!
        var others = peers.filter { $0.key != nodeID }
        for (member, contact) in members.contacts where member.number != nodeID.number {
            if let contact = MemberContact(decoding: contact) { others[member] = contact.address }
        }
        var configuration = PeerTransportConfiguration(
            clusterID: clusterID, nodeID: node, listenHost: own.host, listenPort: own.port,
            peers: others, certificatePath: tls.certificatePath,
            keyPath: tls.privateKeyPath, authorityPath: tls.authorityPath)
        configuration.guestAddress = own
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
