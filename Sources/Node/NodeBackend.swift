import Gateway
import Identity
import Ledger
import PeerTransport
import Pipeline
import Raft
import Replica
import Streams

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
    let identity: BootWarden.Outcome
    let administrator: ClusterAdministrator
    let departure: Departure
    /// Nil: no Kafka.
    let kafka: NodeStreams?
    let deliveries: NodeDeliveries

    /// With Kafka payments go by the topic, where that can be.
    func submit(_ submission: Submission) async throws(BackendError) -> SubmissionReceipt {
        if let kafka { return try await kafka.producer.submit(submission) }
        return try await pipeline.submit(submission)
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
        guard overview.membership.isVoter(identity.identity.node) else { return "this node is no voter yet" }
        if departure.isUnderWay { return "this node is stopping" }
        if administrator.maintenance { return "this node is in maintenance" }
        if overview.incomingSnapshot != nil { return "this node receives a snapshot" }
        guard overview.status.leader != nil else { return "no leader is known" }
        guard overview.isInTouch else { return "the leader was not heard of late" }
        // The own commit index says how far this node is, not how far it should be.
        guard let due = overview.clusterCommit?.rawValue else { return "no leader has said yet what is committed" }
        let progress = store.progress
        if progress.state != .ready {
            return "PostgreSQL: \(Self.words(for: progress.state).detail ?? "not connected")"
        }
        if progress.lag > Self.readyLagEntries { return "PostgreSQL is \(progress.lag) entries behind" }
        let folded = pipeline.foldedIndex.rawValue
        return due > folded + Self.readyFoldLagEntries ? "the profiles are \(due - folded) entries behind" : nil
    }

    func clusterStatus() async -> ClusterStatus { status }

    var administration: any ClusterAdministration { administrator }

    var detection: any DetectionBackend {
        NodeDetection(
            pipeline: pipeline, deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds)
    }

    var alerts: any AlertBackend {
        NodeAlerts(
            pipeline: pipeline, stream: deliveries.stream,
            deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds)
    }

    var webhooks: any WebhookBackend {
        NodeWebhooks(
            pipeline: pipeline, sender: deliveries.sender, settings: configuration.deliveries,
            deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds)
    }

    var streams: any StreamBackend {
        NodeStreamBackend(
            streams: kafka, pipeline: pipeline,
            deadlineMilliseconds: configuration.limits.requestDeadlineMilliseconds)
    }

    var storeProgress: LedgerStoreProgress { store.progress }

    var status: ClusterStatus {
        let overview = replica.overview.current
        let progress = store.progress
        let (state, detail) = Self.words(for: progress.state)
        let membership = overview.membership
        return ClusterStatus(
            clusterID: configuration.clusterID, node: configuration.nodeID.number, identity: identityStatus(overview),
            maintenance: administrator.maintenance, leader: overview.status.leader?.number,
            term: overview.status.term.rawValue, lastIndex: overview.last.rawValue,
            commitIndex: overview.commit.rawValue, foldedIndex: pipeline.foldedIndex.rawValue,
            appliedIndex: progress.applied.rawValue, flushedIndex: progress.flushed.rawValue,
            firstIndex: overview.first.rawValue, logBytes: overview.logBytes,
            postgres: ClusterStatus.Postgres(state: state, detail: detail),
            membership: ClusterStatus.Membership(
                voters: membership.voters.map(\.number), outgoing: membership.outgoing.map(\.number),
                learners: membership.learners.map(\.number), index: overview.membershipIndex.rawValue,
                committed: overview.isMembershipCommitted),
            members: membership.members.map { member($0, overview) })
    }

    private func identityStatus(_ overview: ReplicaOverview.Content) -> ClusterStatus.Identity {
        let own = identity.identity
        let isMember = overview.membership.contains(own.node)
        let state: ClusterStatus.Identity.State =
            isMember ? .member : own.node.life != 0 || configuration.joins ? .joining : .removed
        return ClusterStatus.Identity(
            number: own.node.number, life: ClusterStatus.Life(own.node.life), boot: own.record.boot, state: state,
            reason: identity.newLifeReason)
    }

    private func member(_ id: NodeID, _ overview: ReplicaOverview.Content) -> ClusterStatus.Member {
        let isSelf = id == identity.identity.node
        let progress = overview.members.first { $0.id == id }
        let match = isSelf ? overview.last : progress?.match
        let contact = overview.membership.contact(of: id)
        let role: ClusterStatus.Member.Role =
            overview.status.leader == id ? .leader : overview.membership.isVoter(id) ? .voter : .learner
        return ClusterStatus.Member(
            id: id.number, life: ClusterStatus.Life(id.life), role: role,
            address: contact.map { "\($0.address)" } ?? "",
            url: contact.flatMap { $0.url.isEmpty ? nil : $0.url },
            reachable: isSelf || overview.reachable.contains(id), matchIndex: match?.rawValue,
            lag: match.map { overview.commit > $0 ? UInt64(overview.commit.distance(from: $0)) : 0 },
            state: isSelf ? nil : progress.flatMap { ClusterStatus.Member.State($0.state) },
            snapshot: progress.flatMap {
                $0.snapshotBytes == 0
                    ? nil
                    : ClusterStatus.Member.SnapshotProgress(
                        sentBytes: $0.snapshotStoredBytes, totalBytes: $0.snapshotBytes)
            })
    }

    private static func words(for state: LedgerStoreState) -> (ClusterStatus.Postgres.State, detail: String?) {
        switch state {
        case .ready: (.connected, nil)
        case .connecting(_, let reason): (.reconnecting, reason ?? "connecting")
        case .installing(let index): (.reconnecting, "installing a snapshot through entry \(index)")
        case .lost(_, let reason): (.reconnecting, reason)
        case .failed(let error): (.unknown, "\(error)")
        case .closed: (.unknown, "closed")
        }
    }
}

extension ClusterStatus.Member.State {
    fileprivate init?(_ state: MemberProgress.State) {
        switch state {
        case .leader: return nil
        case .probe: self = .probe
        case .replicate: self = .replicate
        case .snapshot: self = .snapshot
        }
    }
}
