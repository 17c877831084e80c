/// A membership that is wanted: the whole of it, not the difference.
public struct MembershipChange: Equatable, Sendable {
    public let voters: [NodeID]
    public let learners: [NodeID]
    /// Of a member without an entry here the present contact is kept.
    public let contacts: [NodeID: [UInt8]]

    /// Lists are brought into order. Nobody is both voter and learner; at most `Membership.maxMembers` are named, and no
    /// contact is longer than `Membership.maxContactBytes`.
    public init(voters: [NodeID], learners: [NodeID] = [], contacts: [NodeID: [UInt8]] = [:]) {
        self.voters = Membership.canonical(voters)
        self.learners = Membership.canonical(learners)
        self.contacts = contacts
        precondition(!self.learners.contains(where: self.voters.contains), "a voter is not a learner as well")
        precondition(
            self.voters.count + self.learners.count <= Membership.maxMembers,
            "a cluster has at most \(Membership.maxMembers) members")
        precondition(
            contacts.values.allSatisfy { $0.count <= Membership.maxContactBytes },
            "a contact has at most \(Membership.maxContactBytes) bytes")
    }

    /// The first step from `present` to this: joint if the voters change, else all there is to do. With nobody who
    /// votes there is no such step.
    func step(from present: Membership) -> Membership {
        precondition(!present.isJoint && !voters.isEmpty, "a change begins where the last one ended")
        let outgoing = voters == present.voters ? [] : present.voters
        var reached: [NodeID: [UInt8]] = [:]
        for member in voters + outgoing + learners {
            reached[member] = contacts[member] ?? present.contacts[member] ?? []
        }
        return Membership(voters: voters, outgoing: outgoing, learners: learners, contacts: reached)
    }
}

public enum MembershipRefusal: Equatable, Sendable {
    case notLeader(leader: NodeID?)
    /// Nothing of this leader's own term is committed yet: try again in a moment.
    case notEstablished
    /// The change before this one has not ended.
    case changeUnderWay
    /// The new voter is not a learner that is alive and has (nearly) all of the log.
    case notCaughtUp(NodeID)
    case noVoters
    /// There, and in joint phases on the way there, would be more than `Membership.maxMembers`.
    case tooManyMembers
    /// This is the membership already.
    case unchanged
    case transferUnderWay
}
