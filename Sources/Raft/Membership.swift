/// Who votes and who only listens.
///
/// Changes of the voters go through a joint phase (dissertation §4.3): for its time a decision needs a majority of the
/// set that will remain *and* of the set that is being left. Two sets of any shape then never decide apart from each
/// other: whoever decides under the old one, or under the new one, shares a voter with whoever decides under both.
public struct Membership: Equatable, Sendable {
    public static let maxMembers = 100
    public static let maxContactBytes = 1024

    /// The set that will remain.
    public let voters: [NodeID]
    /// While joint: the set that is being left; else empty.
    public let outgoing: [NodeID]
    /// Those who get the log and have no vote. While joint, an outgoing voter may stand here too: it still votes in the
    /// set that is being left, and will only listen when the joint phase ends.
    public let learners: [NodeID]
    /// How the driver reaches each member. Consensus does not look inside.
    public let contacts: [NodeID: [UInt8]]
    /// All of them, ascending.
    public let members: [NodeID]

    /// No members at all: what a node knows that has not been told of any.
    public static let none = Membership(voters: [], outgoing: [], learners: [], contacts: [:])

    /// Lists are brought into order, doubles dropped. No voter listens only; only a membership with voters has any
    /// other part; `contacts` has one entry of 0...1024 bytes for each member, and no more.
    public init(voters: [NodeID], outgoing: [NodeID] = [], learners: [NodeID] = [], contacts: [NodeID: [UInt8]]) {
        self.voters = Self.canonical(voters)
        self.outgoing = Self.canonical(outgoing)
        self.learners = Self.canonical(learners)
        self.contacts = contacts
        self.members = Self.canonical(voters + outgoing + learners)
        precondition(!self.voters.isEmpty || members.isEmpty, "a cluster has at least one voter")
        precondition(!self.learners.contains(where: self.voters.contains), "a voter is not a learner as well")
        precondition(members.count <= Self.maxMembers, "a cluster has at most \(Self.maxMembers) members")
        precondition(
            contacts.count == members.count && members.allSatisfy { contacts[$0] != nil },
            "there is one contact for each member")
        precondition(
            contacts.values.allSatisfy { $0.count <= Self.maxContactBytes },
            "a contact has at most \(Self.maxContactBytes) bytes")
    }

    public var isJoint: Bool { !outgoing.isEmpty }
    public func contains(_ node: NodeID) -> Bool { members.contains(node) }
    /// Has a vote now, be it only in the set that is being left.
    public func isVoter(_ node: NodeID) -> Bool { voters.contains(node) || outgoing.contains(node) }

    /// What it becomes when its joint phase ends.
    var afterJoint: Membership {
        let remaining = voters + learners
        return Membership(
            voters: voters, learners: learners, contacts: contacts.filter { remaining.contains($0.key) })
    }

    static func canonical(_ nodes: [NodeID]) -> [NodeID] {
        let sorted = nodes.sorted()
        return sorted.indices.filter { $0 == 0 || sorted[$0] != sorted[$0 - 1] }.map { sorted[$0] }
    }
}

extension Membership: CustomStringConvertible {
    /// `n1 n2 n3`, `n1 n2 -> n1 n3` while joint, `+ n4` for those who only listen.
    public var description: String {
        func list(_ nodes: [NodeID]) -> String { nodes.map(\.description).joined(separator: " ") }
        guard !members.isEmpty else { return "nobody" }
        let learning = learners.isEmpty ? "" : " + " + list(learners)
        return (isJoint ? list(outgoing) + " -> " : "") + list(voters) + learning
    }
}
