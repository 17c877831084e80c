/// What a node knows only while it leads.
struct Leadership: Sendable {
    /// The no-op of this reign. Once it is committed, so is all before it.
    let noopIndex: LogIndex
    /// By position in the roster; the leader's own place is unused.
    var progress: [Progress]
    var quorumCheck = QuorumCheck()
    var snapshots = SnapshotOffer()
    var ticksSinceHeartbeat = 0
    var ticksOfHearing = 0
    var commits = CommitWatch()
    /// Until a leader that should not lead tries again to hand over.
    var ticksUntilHandover = 0
}
