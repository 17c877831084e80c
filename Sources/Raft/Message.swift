/// What one node's core says to another's.
///
/// `term` is the sender's term, but for a pre-vote request (and its granted response), where it is the term the sender
/// would campaign in.
public struct Message: Equatable, Sendable {
    public var from: NodeID
    public var to: NodeID
    public var term: Term
    public var body: Body

    public init(from: NodeID, to: NodeID, term: Term, body: Body) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }

    public enum Body: Equatable, Sendable {
        /// Would you vote for me? Changes nothing at the receiver (dissertation §9.6).
        case preVoteRequest(lastIndex: LogIndex, lastTerm: Term)
        case preVoteResponse(granted: Bool)
        /// With `isTransfer` the leader itself has asked for this election: its claim to be left alone does not hold.
        case voteRequest(lastIndex: LogIndex, lastTerm: Term, isTransfer: Bool)
        case voteResponse(granted: Bool)
        /// Entries that follow `previousIndex`. The driver puts the payloads of
        /// `previousIndex + 1 ... previousIndex + entries.count` beside this message on the wire.
        case append(
            previousIndex: LogIndex, previousTerm: Term, entries: [EntryOutline], commit: LogIndex,
            compactionFloor: LogIndex)
        /// The receiver's log equals the leader's, durably, up to `matchIndex`.
        case appendAccepted(matchIndex: LogIndex)
        /// The receiver has no entry (`previousIndex`, its term). The hint is the last place where the logs may still
        /// agree, with the receiver's term there, so that a leader skips a whole term per round trip.
        case appendRejected(previousIndex: LogIndex, hintIndex: LogIndex, hintTerm: Term)
        /// Sent apart from appends, so that it never waits behind them. `round` is what its answer
        /// confirms; zero is none.
        case heartbeat(commit: LogIndex, round: UInt64, compactionFloor: LogIndex)
        /// `mayLead`: could be handed the leadership (its disk is healthy, it is not under maintenance).
        case heartbeatResponse(round: UInt64, mayLead: Bool)
        /// A follower asks the leader for a read index. The asking node never uses `tag` again, not even after a restart:
        /// an answer from before it must not pass for one to a later question.
        case readRequest(tag: UInt64)
        /// nil: this leader can't answer (not leader any more, or nothing committed in its term yet); ask again.
        case readResponse(tag: UInt64, index: LogIndex?)
        /// The leader asks the receiver to stand at once (§3.10).
        case timeoutNow
        /// A piece of a snapshot. The driver puts bytes `offset ..< offset + byteCount` of its file beside this message
        /// on the wire. A piece without bytes asks how far the receiver has come.
        case snapshotChunk(SnapshotOutline, offset: Int, byteCount: Int)
        /// The receiver has all bytes below `through` on its disk.
        case snapshotReceived(id: UInt64, through: Int)
    }
}
