import Raft
import Testing

@Suite("A voter set")
struct VoterSetTests {
    private static func voters(_ count: Int) -> VoterSet { VoterSet((1...UInt64(count)).map { NodeID($0) }) }

    @Test(
        "has a quorum of which any two share a voter, in even sizes too",
        arguments: [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4)])
    func quorum(size: Int, quorum: Int) {
        #expect(Self.voters(size).quorum == quorum)
        #expect(2 * Self.voters(size).quorum > size)
    }

    @Test(
        "commits what a quorum has reached, and no more",
        arguments: [
            ([5], 5), ([5, 4], 4), ([1, 2, 3], 2), ([3, 1, 3], 3), ([0, 0, 9], 0), ([4, 3, 2, 1], 2),
            ([9, 9, 2, 1], 2), ([1, 2, 3, 4, 5], 3), ([5, 5, 1, 1, 1], 1), ([0, 0, 0], 0),
        ] as [([UInt64], UInt64)])
    func quorumIndex(reached: [UInt64], committed: UInt64) {
        let voters = Self.voters(reached.count)
        #expect(voters.quorumIndex { LogIndex(reached[$0]) } == LogIndex(committed))
        #expect(voters.lowestIndex { LogIndex(reached[$0]) } == LogIndex(reached.min()!))
    }

    @Test("ranks the survivors of a leader by their ids")
    func rank() {
        let voters = Self.voters(5)
        #expect(voters.rank(of: NodeID(1), without: NodeID(3)) == 0)
        #expect(voters.rank(of: NodeID(4), without: NodeID(3)) == 2)
        #expect(voters.rank(of: NodeID(4), without: NodeID(5)) == 3)
        #expect(voters.rank(of: NodeID(3), without: NodeID(3)) == nil)
    }

    @Test("knows a ballot won or lost as soon as it can't turn any more")
    func ballot() {
        let voters = Self.voters(4)
        var won = Ballot(voters: voters)
        for position in 0..<3 {
            #expect(won.outcome(in: voters) == .pending)
            won.record(true, at: position)
        }
        #expect(won.outcome(in: voters) == .won)

        var lost = Ballot(voters: voters)
        lost.record(false, at: 0)
        // The same voter's second answer changes nothing.
        lost.record(false, at: 0)
        lost.record(true, at: 0)
        #expect(lost.outcome(in: voters) == .pending)
        lost.record(false, at: 1)
        #expect(lost.outcome(in: voters) == .lost)
    }
}
