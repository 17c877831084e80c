/// What the driver must do, in the order given. Each effect says what must be durable before it.
public enum Effect: Equatable, Sendable {
    /// Make durable, in the order of the tickets: the hard state (where given), then the entries, which replace all
    /// entries at and after their first index. May run beside everything that follows; report with `Event.persisted`.
    case persist(ticket: PersistTicket, hardState: HardState?, entries: AppendedEntries?)
    /// Send, but not before `after` is durable (`.none`: at once). May be lost.
    case send(Message, after: PersistTicket)
    /// Entries up to here are committed, that is on disk at a majority, and on this node's own disk too: what is applied
    /// is never ahead of what the log holds after a crash. Rises only.
    /// After a snapshot its own index is reported as well, though there is nothing to apply for it.
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
    /// Every member, learners too, has all entries up to here on disk, as the leader knows it. A hint: who needs an entry
    /// that is compacted gets a snapshot.
    case compactionFloor(LogIndex)

    /// The change has been appended at `index`, and so takes effect. It may still be lost with this leader.
    case membershipAccepted(tag: UInt64, index: LogIndex)
    case membershipRefused(tag: UInt64, MembershipRefusal)
    /// The newest membership in the log is another, or has become committed. `index` is its entry's, or that of the
    /// snapshot that told of it. One that is not committed may be taken back.
    case membershipChanged(Membership, index: LogIndex, isCommitted: Bool)
    case transferEnded(tag: UInt64, TransferOutcome)

    /// As leader: this follower lacks entries that are compacted. Answer with `Event.snapshotReady` or
    /// `.snapshotUnavailable`, whenever it may be; repeated once in an election timeout at most.
    case snapshotWanted(for: NodeID)
    /// As follower: write these bytes, which came with the message, to the snapshot's file, if what it holds reaches to
    /// `offset`; and in any case report by `Event.chunkStored` how far it reaches. With a `byteCount` of zero that
    /// question is all there is. A file under another id may be dropped.
    case storeChunk(SnapshotOutline, offset: Int, byteCount: Int)
    /// As follower: the file is whole. Replace the state machine by it; report with `Event.snapshotInstalled` or
    /// `.snapshotFailed`. Until then no commit is reported. A crash leaves the old one or the new.
    ///
    /// The snapshot's index, term and membership must be kept with the state machine: one that comes up as the snapshot, beside
    /// a log that does not have (index, term), crashed before `resetLog` was done. Then that is done first.
    case installSnapshot(SnapshotOutline)
    /// Like `persist`, in the same order of tickets: the hard state (where given), and a log without entries that goes on
    /// after `index`. A crash leaves the old log or the new, and no part of either.
    case resetLog(ticket: PersistTicket, hardState: HardState?, index: LogIndex, term: Term)
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
    /// Leadership is being handed over: ask again in a moment, there or here.
    case transferring
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
