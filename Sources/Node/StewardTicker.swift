import Ledger
import Raft
import RaftLog
import Replica
import ServiceLifecycle

/// Asks the cluster to admit this node, for as long as it is no member.
struct Applicant: Sendable {
    let node: NodeID
    let configuration: NodeConfiguration
    let replica: Replica

    /// Says it to everyone that can be reached: only a leader takes it up.
    func tick() async {
        guard !replica.overview.current.membership.contains(node), node.life != 0 || configuration.joins else { return }
        let own = configuration.peers[configuration.nodeID]!
        let message = ClusterMessage.application(
            address: "\(own)", url: configuration.gateway.advertisedURLs[configuration.nodeID] ?? "")
        await replica.broadcast(application: message.encode())
    }
}

/// Gives the affairs of members their sense of time.
struct StewardTicker: Service {
    let steward: Steward
    let applicant: Applicant
    let store: LedgerStore
    let log: RaftLog
    let directory: DataDirectory
    let replica: Replica
    let isReady: @Sendable () -> Bool
    /// PostgreSQL follows it as this node starts.
    let unfinishedInstallation: String?

    func run() async {
        await cancelWhenGracefulShutdown {
            var ticks = 0
            var unfinished = unfinishedInstallation
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(100))
                await steward.tick()
                ticks += 1
                guard ticks.isMultiple(of: 5) else { continue }
                await applicant.tick()
                if let leader = replica.overview.status.leader, leader != applicant.node {
                    let serves = await steward.isPostgresServing && isReady()
                    replica.send(application: ClusterMessage.readiness(serves).encode(), to: leader)
                }
                if let path = unfinished, store.state == .ready {
                    directory.endInstallation(path)
                    unfinished = nil
                }
                // The log has caught up with the database: from now on it may not fall behind it any more. A snapshot that is
                // being installed is about to put the database ahead once more.
                if directory.isCatchingUp, directory.unfinishedInstallation == nil, store.state == .ready,
                    store.appliedIndex > .zero, log.lastIndex >= store.appliedIndex
                {
                    try? directory.setCatchingUp(false)
                }
            }
        }
    }
}
