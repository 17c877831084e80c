/// One member, as the leader sees it.
public struct MemberProgress: Equatable, Sendable {
    public enum State: String, Sendable {
        /// The leader itself.
        case leader
        /// The follower's log is being found out: one append at a time.
        case probe
        /// Appends flow ahead of their answers.
        case replicate
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

    public init(
        id: NodeID, match: LogIndex, next: LogIndex, state: State, inflightMessages: Int, inflightBytes: Int
    ) {
        self.id = id
        self.match = match
        self.next = next
        self.state = state
        self.inflightMessages = inflightMessages
        self.inflightBytes = inflightBytes
    }
}
