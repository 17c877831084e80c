import Gateway
import Ledger
import PeerTransport
import Pipeline
import Raft
import Replica

/// What the gateway is given of this node.
struct NodeBackend: GatewayBackend {
    /// A node whose PostgreSQL is further behind than this many entries is not ready: its reads would wait too long.
    private static let readyLagEntries = 2_000
    /// Nor is one whose profiles are: should it be elected, the cluster would wait for it to fold them.
    private static let readyFoldLagEntries: UInt64 = 50
    private static let digestPatienceMilliseconds = 500

    let pipeline: Pipeline
    let replica: Replica
    let store: LedgerStore
    let configuration: NodeConfiguration
    /// Where the log ended when the node started. Until it hears what is committed, it takes all of that to be.
    let recoveredIndex: LogIndex

    func submit(_ submission: Submission) async throws(BackendError) -> SubmissionReceipt {
        try await pipeline.submit(submission)
    }

    func transaction(
        _ id: TransactionID, consistency: ReadConsistency
    ) async throws(BackendError) -> TransactionView? {
        try await pipeline.transaction(
            id, consistency: consistency, deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds)
    }

    func transactions(
        _ query: TransactionQuery, consistency: ReadConsistency
    ) async throws(BackendError) -> TransactionPage {
        try await pipeline.transactions(
            query, consistency: consistency, deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds)
    }

    func startVerification() async throws(BackendError) -> UInt64 {
        try await pipeline.startVerification(
            deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds
        ).rawValue
    }

    func contentDigest(at index: UInt64) async throws(BackendError) -> DigestAnswer {
        try await pipeline.digest(at: LogIndex(index), deadlineMilliseconds: Self.digestPatienceMilliseconds)
    }

    var health: NodeHealth {
        let overview = replica.overview.current
        let status = overview.status
        let reason = reasonNotReady(overview)
        return NodeHealth(
            isLive: true, isReady: reason == nil, isLeader: status.role == .leader && status.established,
            reason: reason)
    }

    private func reasonNotReady(_ overview: ReplicaOverview.Content) -> String? {
        if overview.status.leader == nil { return "no leader is known" }
        let progress = store.progress
        if progress.state != .ready {
            return "PostgreSQL: \(Self.words(for: progress.state).detail ?? "not connected")"
        }
        if progress.lag > Self.readyLagEntries { return "PostgreSQL is \(progress.lag) entries behind" }
        let due = max(overview.commit, min(recoveredIndex, overview.last)).rawValue
        let folded = pipeline.foldedIndex.rawValue
        return due > folded + Self.readyFoldLagEntries ? "the profiles are \(due - folded) entries behind" : nil
    }

    func clusterStatus() async -> ClusterStatus { status }

    var storeProgress: LedgerStoreProgress { store.progress }

    var status: ClusterStatus {
        let overview = replica.overview.current
        let progress = store.progress
        let (state, detail) = Self.words(for: progress.state)
        return ClusterStatus(
            clusterID: configuration.clusterID, node: configuration.nodeID.rawValue,
            leader: overview.status.leader?.rawValue, term: overview.status.term.rawValue,
            lastIndex: overview.last.rawValue, commitIndex: overview.commit.rawValue,
            foldedIndex: pipeline.foldedIndex.rawValue, appliedIndex: progress.applied.rawValue,
            flushedIndex: progress.flushed.rawValue, firstIndex: overview.first.rawValue,
            logBytes: overview.logBytes, postgres: ClusterStatus.Postgres(state: state, detail: detail),
            members: configuration.peers.sorted { $0.key < $1.key }.map { member($0.key, overview) })
    }

    private func member(_ id: NodeID, _ overview: ReplicaOverview.Content) -> ClusterStatus.Member {
        let isSelf = id == configuration.nodeID
        let match: LogIndex? =
            isSelf ? overview.last : overview.members.first { $0.id == id }?.match
        let role: ClusterStatus.Member.Role =
            if isSelf {
                switch overview.status.role {
                case .leader: .leader
                case .follower: .follower
                case .candidate, .preCandidate: .candidate
                }
            } else if overview.status.leader == id {
                .leader
            } else {
                overview.status.leader == nil ? .unknown : .follower
            }
        let address = configuration.peers[id]!
        return ClusterStatus.Member(
            id: id.rawValue, role: role, address: "\(address.host):\(address.port)",
            reachable: isSelf || overview.reachable.contains(id), matchIndex: match?.rawValue,
            lag: match.map { overview.commit > $0 ? UInt64(overview.commit.distance(from: $0)) : 0 })
    }

    private static func words(for state: LedgerStoreState) -> (ClusterStatus.Postgres.State, detail: String?) {
        switch state {
        case .ready: (.connected, nil)
        case .connecting(_, let reason): (.reconnecting, reason ?? "connecting")
        case .lost(_, let reason): (.reconnecting, reason)
        case .failed(let error): (.unknown, "\(error)")
        case .closed: (.unknown, "closed")
        }
    }
}
