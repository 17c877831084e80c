/// One member, as the leader sees it.
public struct MemberProgress: Equatable, Sendable {
    public enum State: String, Sendable {
        /// The leader itself.
        case leader
        /// The follower's log is being found out: one append at a time.
        case probe
        /// Appends flow ahead of their answers.
        case replicate
        /// It lacks entries that are compacted, and gets a snapshot, as soon as there is one.
        case snapshot
    }

    public let id: NodeID
    /// On this member's disk up to here.
    public let match: LogIndex
    /// The next append to it begins here.
    public let next: LogIndex
    public let state: State
    /// Appends sent and not yet answered.
    public let inflightMessages: Int
    public let inflightBytes: Int
    /// Has no vote.
    public let isLearner: Bool
    /// Of the snapshot that it is being sent: what it has on disk, and the whole. Zero if there is none.
    public let snapshotStoredBytes: Int
    public let snapshotBytes: Int

    public init(
        id: NodeID, match: LogIndex, next: LogIndex, state: State, inflightMessages: Int, inflightBytes: Int,
        isLearner: Bool = false, snapshotStoredBytes: Int = 0, snapshotBytes: Int = 0
    ) {
        self.id = id
        self.match = match
        self.next = next
        self.state = state
        self.inflightMessages = inflightMessages
        self.inflightBytes = inflightBytes
        self.isLearner = isLearner
        self.snapshotStoredBytes = snapshotStoredBytes
        self.snapshotBytes = snapshotBytes
    }
}
