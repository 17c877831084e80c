/// How a transfer of leadership ended, as far as the old leader knows.
public enum TransferOutcome: Equatable, Sendable {
    /// The node that was meant leads; or, when none was named, another than this one.
    case done
    case refused(TransferRefusal)
    /// It did not come about within an election timeout, and this leader goes on.
    case timedOut
}

public enum TransferRefusal: Equatable, Sendable {
    /// This node does not lead, or another took over meanwhile than the one that was meant.
    case notLeader(leader: NodeID?)
    case transferUnderWay
    /// It leads already.
    case alreadyLeader
    /// It has no vote, or will soon have none.
    case notVoter(NodeID)
    /// It was not heard of late.
    case unreachable(NodeID)
    /// It is under maintenance, or its disk is not healthy.
    case mayNotLead(NodeID)
    /// No voter is fit to take over.
    case nobodyFit
}
