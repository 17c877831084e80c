/// The members as the core works with them: each has a position, in the order of the ids, by which its progress and its
/// answers are kept. Made once for a membership, so that the ways of appends and votes need no look-ups by id but one.
package struct Roster: Equatable, Sendable {
    package let members: [NodeID]
    package let quorum: Quorum
    private let votes: [Bool]

    package init(_ membership: Membership) {
        members = membership.members
        func positions(_ nodes: [NodeID]) -> VoterSet {
            VoterSet(membership.members.indices.filter { nodes.contains(membership.members[$0]) })
        }
        quorum = Quorum(
            voters: positions(membership.voters), outgoing: membership.isJoint ? positions(membership.outgoing) : nil)
        votes = members.map(membership.isVoter)
    }

    package var count: Int { members.count }
    /// Nobody's position where the node is no member.
    package func position(of node: NodeID) -> Int? { members.firstIndex(of: node) }
    package func isVoter(_ position: Int) -> Bool { votes[position] }

    /// The place of `node` in the line of those who may succeed `leader`, and the line's length.
    package func succession(of node: NodeID, after leader: NodeID) -> (rank: Int, count: Int)? {
        let line = members.indices.filter { votes[$0] && members[$0] != leader }
        guard let rank = line.firstIndex(where: { members[$0] == node }) else { return nil }
        return (rank, line.count)
    }

    /// The index that even the slowest member has reached.
    package func lowestIndex(_ reached: (_ position: Int) -> LogIndex) -> LogIndex {
        members.indices.lazy.map(reached).min() ?? .zero
    }
}
