/// What a core must know of its cluster and of its limits. Times are in ticks: what a tick lasts is the driver's affair.
public struct RaftConfiguration: Sendable {
    public var id: NodeID
    /// All voting members, this node among them, in ascending order.
    public var voters: [NodeID]
    /// A leader not heard for this long may be replaced; each wait is drawn anew from once to twice this value.
    public var electionTicks: Int
    public var heartbeatTicks: Int
    /// How long each survivor waits for the one before it to stand, when the connection to the leader breaks.
    public var peerLostStaggerTicks: Int
    /// Appends on their way to one follower.
    public var maxInflightMessages: Int
    public var maxInflightBytes: Int
    /// One append's bytes; a single larger entry still travels, alone.
    public var maxAppendBytes: Int
    /// The leader's bound on what is proposed and not yet committed; one larger proposal is still taken when there is
    /// nothing else.
    public var maxUncommittedBytes: Int
    /// Reads that wait for an answer at one node.
    public var maxPendingReads: Int
    /// Should differ from node to node and from start to start, or elections collide for ever.
    public var randomSeed: UInt64

    public init(
        id: NodeID, voters: [NodeID], electionTicks: Int, heartbeatTicks: Int, peerLostStaggerTicks: Int,
        maxInflightMessages: Int, maxInflightBytes: Int, maxAppendBytes: Int, maxUncommittedBytes: Int,
        maxPendingReads: Int = 10_000, randomSeed: UInt64
    ) {
        self.id = id
        self.voters = voters
        self.electionTicks = electionTicks
        self.heartbeatTicks = heartbeatTicks
        self.peerLostStaggerTicks = peerLostStaggerTicks
        self.maxInflightMessages = maxInflightMessages
        self.maxInflightBytes = maxInflightBytes
        self.maxAppendBytes = maxAppendBytes
        self.maxUncommittedBytes = maxUncommittedBytes
        self.maxPendingReads = maxPendingReads
        self.randomSeed = randomSeed
    }

    func validate() {
        precondition(voters.contains(id), "a node is one of its cluster's voters")
        precondition(heartbeatTicks > 0, "heartbeats are at least a tick apart")
        precondition(electionTicks > heartbeatTicks, "an election timeout outlasts a heartbeat")
        precondition(peerLostStaggerTicks > 0, "survivors of a lost leader stand at different times")
        precondition(maxInflightMessages > 0 && maxInflightBytes > 0, "at least one append may be in flight")
        precondition(maxAppendBytes > 0 && maxUncommittedBytes > 0 && maxPendingReads > 0, "limits are positive")
    }
}
