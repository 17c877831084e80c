import Raft
import Testing

@Suite("A roster")
struct RosterTests {
    private static let roster = Roster(
        MembershipTests.membership([2, 4, 6], outgoing: [1, 2, 4], learners: [1, 3]))

    @Test("gives every member a position, and the votes to voters alone")
    func positions() {
        let roster = Self.roster
        #expect(roster.members == [1, 2, 3, 4, 6].map { NodeID($0) })
        #expect(roster.members.indices.map(roster.isVoter) == [true, true, false, true, true])
        #expect(roster.quorum == Quorum(voters: VoterSet([1, 3, 4]), outgoing: VoterSet([0, 1, 3])))
        #expect(roster.position(of: NodeID(6)) == 4 && roster.position(of: NodeID(5)) == nil)
    }

    @Test("ranks the voters that a leader leaves behind, by their ids")
    func succession() {
        func rank(_ node: UInt64, after leader: UInt64) -> Int? {
            Self.roster.succession(of: NodeID(node), after: NodeID(leader))?.rank
        }
        #expect(rank(1, after: 2) == 0 && rank(6, after: 2) == 2 && rank(6, after: 9) == 3)
        #expect(rank(3, after: 2) == nil && rank(2, after: 2) == nil)
        #expect(Self.roster.succession(of: NodeID(1), after: NodeID(2))?.count == 3)
    }

    @Test("knows the slowest of all, learners too")
    func lowest() {
        #expect(Self.roster.lowestIndex { LogIndex([9, 9, 2, 5, 9][$0]) } == LogIndex(2))
    }
}
