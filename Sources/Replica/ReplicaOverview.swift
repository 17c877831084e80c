public import Raft
import RaftLog
import Synchronization

/// The replica's state as others may see it, from any thread.
public final class ReplicaOverview: Sendable {
    public struct Content: Sendable {
        public var status: Status
        public var commit: LogIndex
        /// See `Raft.clusterCommit`.
        public var clusterCommit: LogIndex?
        /// See `Raft.isInTouch`.
        public var isInTouch = false
        public var last: LogIndex
        public var first: LogIndex
        public var logBytes: Int
        public var membership: Membership
        public var membershipIndex: LogIndex
        public var isMembershipCommitted: Bool
        /// As leader: what it knows of each member's log.
        public var members: [MemberProgress]
        /// Members that this node can send to.
        public var reachable: Set<NodeID> = []
        public var disk = DiskHealth.healthy
        /// As follower: a snapshot is being received or installed.
        public var incomingSnapshot: SnapshotOutline?
    }

    private let content: Mutex<Content>

    init(_ core: Raft) {
        content = Mutex(
            Content(
                status: core.status, commit: .zero, last: .zero, first: .zero, logBytes: 0,
                membership: core.membership, membershipIndex: core.membershipIndex,
                isMembershipCommitted: core.isMembershipCommitted, members: []))
    }

    public var current: Content { content.withLock { $0 } }
    public var status: Status { content.withLock { $0.status } }
    public var logBytes: Int { content.withLock { $0.logBytes } }

    func commitAdvanced(to index: LogIndex) { content.withLock { $0.commit = max($0.commit, index) } }

    func update(core: Raft, log: RaftLog, reachable: Set<NodeID>, disk: DiskHealth) {
        let renewed = Content(
            status: core.status, commit: core.commitIndex, clusterCommit: core.clusterCommit,
            isInTouch: core.isInTouch, last: core.lastIndex, first: log.firstIndex,
            logBytes: log.diskBytes, membership: core.membership, membershipIndex: core.membershipIndex,
            isMembershipCommitted: core.isMembershipCommitted, members: core.progress, reachable: reachable,
            disk: disk, incomingSnapshot: core.incomingSnapshot)
        content.withLock { $0 = renewed }
    }
}
