import Raft
import Testing

@Suite("A quorum")
struct QuorumTests {
    /// Of positions 0, 1, 2 going over to 2, 3, 4.
    private static let joint = Quorum(voters: VoterSet([2, 3, 4]), outgoing: VoterSet([0, 1, 2]))

    @Test("while joint needs a majority of the old set and of the new one")
    func joint() {
        func isReached(_ positions: Set<Int>) -> Bool { Self.joint.isReached { positions.contains($0) } }
        #expect(!isReached([0, 1, 2]) && !isReached([2, 3, 4]) && !isReached([0, 1, 3]))
        #expect(isReached([0, 1, 3, 4]) && isReached([1, 2, 4]))
    }

    @Test("commits while joint what both sets have reached")
    func reached() {
        func reachedIndex(_ reached: [UInt64]) -> LogIndex { Self.joint.reachedIndex { LogIndex(reached[$0]) } }
        #expect(reachedIndex([9, 9, 9, 0, 0]) == .zero)
        #expect(reachedIndex([9, 9, 5, 4, 0]) == LogIndex(4))
        #expect(reachedIndex([1, 2, 7, 7, 7]) == LogIndex(2))
    }

    @Test("in any two memberships that follow each other shares a voter with the other's")
    func overlap() {
        // All subsets of five nodes, as voters of the old set, the new set, and as those who consent.
        for old in 1..<32 {
            for new in 1..<32 {
                func set(_ mask: Int) -> VoterSet { VoterSet((0..<5).filter { mask >> $0 & 1 == 1 }) }
                let single = Quorum(voters: set(old))
                let joint = Quorum(voters: set(new), outgoing: set(old))
                for consent in 0..<32 {
                    let isBoth = joint.isReached { consent >> $0 & 1 == 1 }
                    let isOldByTheRest = single.isReached { consent >> $0 & 1 == 0 }
                    let isNewByTheRest = Quorum(voters: set(new)).isReached { consent >> $0 & 1 == 0 }
                    #expect(!isBoth || !(isOldByTheRest || isNewByTheRest))
                }
            }
        }
    }

    @Test("of nobody is never reached")
    func nobody() {
        let quorum = Roster(.none).quorum
        #expect(!quorum.isReached { _ in true })
        #expect(quorum.reachedIndex { _ in LogIndex(9) } == .zero)
    }

    @Test("knows a ballot won or lost as soon as it can't turn any more")
    func ballot() {
        let quorum = Quorum(voters: VoterSet([0, 1, 2, 3]))
        var won = Ballot(members: 4)
        for position in 0..<3 {
            #expect(won.outcome(in: quorum) == .pending)
            won.record(true, at: position)
        }
        #expect(won.outcome(in: quorum) == .won)

        var lost = Ballot(members: 4)
        lost.record(false, at: 0)
        lost.record(false, at: 0)
        #expect(lost.outcome(in: quorum) == .pending)
        lost.record(false, at: 1)
        #expect(lost.outcome(in: quorum) == .lost)
    }

    @Test("takes a ballot's refusal back, and never what was granted")
    func afterthoughts() {
        let quorum = Quorum(voters: VoterSet([0, 1, 2]))
        var ballot = Ballot(members: 3)
        ballot.record(true, at: 0)
        ballot.record(false, at: 1)
        #expect(ballot.outcome(in: quorum) == .pending)
        ballot.record(true, at: 1)
        #expect(ballot.outcome(in: quorum) == .won)
        ballot.record(false, at: 1)
        #expect(ballot.outcome(in: quorum) == .won)
    }

    @Test("while joint is lost to a ballot that one of the sets refuses")
    func jointBallot() {
        var ballot = Ballot(members: 5)
        for position in 2..<5 { ballot.record(true, at: position) }
        #expect(ballot.outcome(in: Self.joint) == .pending)
        ballot.record(false, at: 0)
        ballot.record(false, at: 1)
        #expect(ballot.outcome(in: Self.joint) == .lost)
    }
}
