import Raft
import Testing

@Suite("A voter set")
struct VoterSetTests {
    private static func voters(_ count: Int) -> VoterSet { VoterSet(Array(0..<count)) }

    @Test(
        "has a quorum of which any two share a voter, in even sizes too",
        arguments: [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4)])
    func quorum(size: Int, quorum: Int) {
        #expect(Self.voters(size).quorum == quorum)
        #expect(2 * Self.voters(size).quorum > size)
    }

    @Test(
        "commits what a quorum has reached, and no more (B11, B55)",
        arguments: [
            ([5], 5), ([5, 4], 4), ([1, 2, 3], 2), ([3, 1, 3], 3), ([0, 0, 9], 0), ([4, 3, 2, 1], 2),
            ([9, 9, 2, 1], 2), ([1, 2, 3, 4, 5], 3), ([5, 5, 1, 1, 1], 1), ([0, 0, 0], 0),
        ] as [([UInt64], UInt64)])
    func quorumIndex(reached: [UInt64], committed: UInt64) {
        let voters = Self.voters(reached.count)
        #expect(voters.reachedIndex { LogIndex(reached[$0]) } == LogIndex(committed))
    }
}
