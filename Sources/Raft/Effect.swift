/// What the driver must do, in the order given. Each effect says what must be durable before it.
public enum Effect: Equatable, Sendable {
    /// Make durable, in the order of the tickets: the hard state (where given), then the entries, which replace all
    /// entries at and after their first index. May run beside everything that follows; report with `Event.persisted`.
    case persist(ticket: PersistTicket, hardState: HardState?, entries: AppendedEntries?)
    /// Send, but not before `after` is durable (`.none`: at once). May be lost.
    case send(Message, after: PersistTicket)
    /// Entries up to here are committed, that is on disk at a majority, and on this node's own disk too: what is applied
    /// is never ahead of what the log holds after a crash. Rises only.
    case commit(LogIndex)
    /// The proposal stands at `first ..< first + count` in `term`. Comes before the persist effect that holds it.
    case proposalAccepted(first: LogIndex, count: Int, term: Term)
    case proposalRefused(ProposalRefusal)
    /// A read that waits until the state machine has applied `index` is linearizable.
    case readReady(tag: UInt64, index: LogIndex)
    /// No leader, or leadership lost while the read waited: ask again.
    case readRefused(tag: UInt64)
    /// The role, the term or the known leader has changed.
    case statusChanged(Status)
    /// Every member has all entries up to here on disk, as the leader knows it. Nothing above may be compacted
    /// while snapshots can't be sent.
    case compactionFloor(LogIndex)
}

/// A run of entries to be written at `first` and after it.
public struct AppendedEntries: Equatable, Sendable {
    public var first: LogIndex
    public var outlines: [EntryOutline]

    public init(first: LogIndex, outlines: [EntryOutline]) {
        self.first = first
        self.outlines = outlines
    }
}

public enum ProposalRefusal: Equatable, Sendable {
    case notLeader(leader: NodeID?)
    /// The bound on entries that are not yet committed is reached: try again when some have been.
    case tooMuchUncommitted
}

public enum Role: String, Sendable {
    case follower, preCandidate, candidate, leader
}

public struct Status: Equatable, Sendable {
    public var role: Role
    public var term: Term
    public var leader: NodeID?
    /// As leader: the no-op of this term is committed, so reads and the state machine's commands may begin.
    public var established: Bool

    public init(role: Role, term: Term, leader: NodeID?, established: Bool) {
        self.role = role
        self.term = term
        self.leader = leader
        self.established = established
    }
}
