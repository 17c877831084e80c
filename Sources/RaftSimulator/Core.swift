internal import Raft

/// A core in a box: the value is large, and to look at it must not copy it.
final class Core {
    private var raft: Raft

    init(_ raft: Raft) { self.raft = raft }

    func step(_ event: Event, into effects: inout [Effect]) { raft.step(event, into: &effects) }

    var id: NodeID { raft.id }
    var term: Term { raft.term }
    var status: Status { raft.status }
    var lastIndex: LogIndex { raft.lastIndex }
    var commitIndex: LogIndex { raft.commitIndex }
    var durableIndex: LogIndex { raft.durableIndex }
    var membership: Membership { raft.membership }
    var membershipIndex: LogIndex { raft.membershipIndex }
    var isMembershipCommitted: Bool { raft.isMembershipCommitted }
    var progress: [MemberProgress] { raft.progress }
    var snapshotsInUse: [SnapshotOutline] { raft.snapshotsInUse }
    var incomingSnapshot: SnapshotOutline? { raft.incomingSnapshot }
}
