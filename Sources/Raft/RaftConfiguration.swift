/// What a core must know of itself and of its limits. Times are in ticks: what a tick lasts is the driver's affair.
public struct RaftConfiguration: Sendable {
    public var id: NodeID
    /// A leader not heard for this long may be replaced; each wait is drawn anew, from this value to half as much again.
    public var electionTicks: Int
    public var heartbeatTicks: Int
    /// A leader hands over whose entries a quorum that is alive has not taken for this long, and a tick more for each 64 KiB.
    public var commitPatienceTicks: Int
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
    /// The most bytes of a snapshot in one message.
    public var snapshotChunkBytes: Int
    /// Bytes of a snapshot on their way to one follower; the chunk that crosses the bound is still sent.
    public var maxInflightSnapshotBytes: Int
    /// A learner whose disk is at most this many entries behind the leader's log is caught up, and may become a voter.
    public var promotionLagEntries: Int
    /// For how long a snapshot that nobody is being sent stays on offer: see `Raft.snapshotsInUse`.
    public var snapshotLingerTicks: Int
    /// Should differ from node to node and from start to start, or elections collide for ever.
    public var randomSeed: UInt64

    public init(
        id: NodeID, electionTicks: Int, heartbeatTicks: Int, commitPatienceTicks: Int = 200, peerLostStaggerTicks: Int,
        maxInflightMessages: Int, maxInflightBytes: Int, maxAppendBytes: Int, maxUncommittedBytes: Int,
        maxPendingReads: Int = 10_000, snapshotChunkBytes: Int = 256 << 10, maxInflightSnapshotBytes: Int = 4 << 20,
        promotionLagEntries: Int = 1_000, snapshotLingerTicks: Int = 3_000, randomSeed: UInt64
    ) {
        self.id = id
        self.electionTicks = electionTicks
        self.heartbeatTicks = heartbeatTicks
        self.commitPatienceTicks = commitPatienceTicks
        self.peerLostStaggerTicks = peerLostStaggerTicks
        self.maxInflightMessages = maxInflightMessages
        self.maxInflightBytes = maxInflightBytes
        self.maxAppendBytes = maxAppendBytes
        self.maxUncommittedBytes = maxUncommittedBytes
        self.maxPendingReads = maxPendingReads
        self.snapshotChunkBytes = snapshotChunkBytes
        self.maxInflightSnapshotBytes = maxInflightSnapshotBytes
        self.promotionLagEntries = promotionLagEntries
        self.snapshotLingerTicks = snapshotLingerTicks
        self.randomSeed = randomSeed
    }

    /// A leader hands over whose heartbeats of so long ago no quorum has answered, and a tick more for each 64 KiB that are
    /// not committed. Well above what an election can bear: whoever is that slow could not be elected again.
    var confirmationTicks: Int { 2 * electionTicks }

    func validate() {
        precondition(heartbeatTicks > 0, "heartbeats are at least a tick apart")
        precondition(electionTicks > heartbeatTicks, "an election timeout outlasts a heartbeat")
        precondition(
            commitPatienceTicks > electionTicks, "an election ends before anybody loses patience with the leader")
        precondition(peerLostStaggerTicks > 0, "survivors of a lost leader stand at different times")
        precondition(maxInflightMessages > 0 && maxInflightBytes > 0, "at least one append may be in flight")
        precondition(maxAppendBytes > 0 && maxUncommittedBytes > 0 && maxPendingReads > 0, "limits are positive")
        precondition(snapshotChunkBytes > 0 && maxInflightSnapshotBytes > 0, "at least one chunk may be in flight")
        precondition(promotionLagEntries >= 0 && snapshotLingerTicks >= 0, "limits are not negative")
    }
}
