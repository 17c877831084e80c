public import Raft
import RaftLog
import Synchronization

/// The replica's state as others may see it, from any thread.
public final class ReplicaOverview: Sendable {
    public struct Content: Sendable {
        public var status: Status
        public var commit: LogIndex
        public var last: LogIndex
        public var first: LogIndex
        public var logBytes: Int
        /// As leader: what it knows of each member's log.
        public var members: [MemberProgress]
        /// Peers that this node can send to.
        public var reachable: Set<NodeID> = []
    }

    private let content: Mutex<Content>

    init(_ status: Status) {
        content = Mutex(
            Content(status: status, commit: .zero, last: .zero, first: .zero, logBytes: 0, members: []))
    }

    public var current: Content { content.withLock { $0 } }
    public var status: Status { content.withLock { $0.status } }

    func commitAdvanced(to index: LogIndex) { content.withLock { $0.commit = max($0.commit, index) } }

    func update(core: Raft, log: RaftLog, reachable: Set<NodeID>) {
        let renewed = Content(
            status: core.status, commit: core.commitIndex, last: core.lastIndex, first: log.firstIndex,
            logBytes: log.diskBytes, members: core.progress, reachable: reachable)
        content.withLock { $0 = renewed }
    }
}
