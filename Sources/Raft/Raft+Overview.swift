/// What a driver may look at.
extension Raft {
    public var id: NodeID { configuration.id }
    public var term: Term { hardState.term }
    public var lastIndex: LogIndex { log.lastIndex }
    /// The log, as it stands in memory, is on this node's disk up to here.
    public var durableIndex: LogIndex { durability.durableIndex }
    /// Will not be taken back any more.
    public var isMembershipCommitted: Bool { membershipIndex <= commitIndex }

    public var status: Status {
        Status(role: role, term: hardState.term, leader: leader, established: isEstablished)
    }

    /// What is committed in the cluster, as far as this node has been told since it came up; its own log may end before
    /// it. Nil until a leader has said.
    public var clusterCommit: LogIndex? { isEstablished ? commitIndex : heardCommit.map { max($0, commitIndex) } }

    /// This node leads, or has heard the one that does within the shortest time after which it could be replaced.
    public var isInTouch: Bool {
        switch role {
        case .leader: true
        case .follower: leader != nil && !clock.leaderLost && clock.elapsed < configuration.electionTicks
        case .preCandidate, .candidate: false
        }
    }

    /// As follower: the snapshot that is being received or installed.
    public var incomingSnapshot: SnapshotOutline? { incoming?.outline }

    /// As leader: the snapshots that are being sent or may yet be. Their files must stay, and so must the log after the
    /// lowest of their indexes: without it whoever installs that snapshot would need another at once.
    public var snapshotsInUse: [SnapshotOutline] {
        guard let leadership else { return [] }
        var snapshots = [leadership.snapshots.outline].compactMap { $0 }
        for outline in leadership.progress.compactMap({ $0.sending?.outline })
        where !snapshots.contains(where: { $0.id == outline.id }) {
            snapshots.append(outline)
        }
        return snapshots
    }

    /// As leader: how far each member has come, in the order of their ids. Empty otherwise.
    public var progress: [MemberProgress] {
        guard let leadership else { return [] }
        return roster.members.indices.map { position in
            if position == selfPosition {
                return MemberProgress(
                    id: id, match: durableIndex, next: lastIndex.next, state: .leader, inflightMessages: 0,
                    inflightBytes: 0)
            }
            let progress = leadership.progress[position]
            let state: MemberProgress.State =
                switch progress.state {
                case .probe: .probe
                case .replicate: .replicate
                case .snapshot: .snapshot
                }
            return MemberProgress(
                id: roster.members[position], match: progress.match, next: progress.next, state: state,
                inflightMessages: progress.inflights.count, inflightBytes: progress.inflights.byteCount,
                isLearner: !roster.isVoter(position), snapshotStoredBytes: progress.sending?.stored ?? 0,
                snapshotBytes: progress.sending?.outline.byteCount ?? 0)
        }
    }

    /// Once the commit of the no-op has been reported: whoever hears of it has heard of all that was committed before.
    var isEstablished: Bool {
        guard let leadership else { return false }
        return reportedCommit >= leadership.noopIndex
    }

    /// Votes are counted by the newest membership that the candidate knows, committed or not.
    var mayStand: Bool { isFitToLead && mayBeNeededAsLeader }

    /// What this node tells the leader of its fitness to succeed it.
    var isFitToLead: Bool { mayLead && disk == .healthy && !isInstalling }

    var isInstalling: Bool { incoming?.isInstalling ?? false }

    /// This node alone decides.
    var isQuorumAlone: Bool { roster.quorum.isReached { $0 == selfPosition } }
}
