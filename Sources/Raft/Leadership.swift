/// What a node knows only while it leads.
struct Leadership: Sendable {
    /// The no-op of this reign. Once it is committed, so is all before it.
    let noopIndex: LogIndex
    /// By position in the voter set; the leader's own place is unused.
    var progress: [Progress]
    var reads: ReadQueue
    var ticksSinceHeartbeat = 0
    var ticksSinceQuorumCheck = 0
}
