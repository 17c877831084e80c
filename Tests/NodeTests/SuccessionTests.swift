import Node
import Raft
import Testing

@Suite("A leader whose PostgreSQL is away") struct SuccessionTests {
    private static let voters = [NodeID(1), NodeID(2), NodeID(3)]
    private let start = ContinuousClock.now

    private func heir(_ succession: inout Succession, at milliseconds: Int, isPostgresServing: Bool = false) -> NodeID?
    {
        succession.successor(
            isPostgresServing: isPostgresServing, among: Self.voters, now: start + .milliseconds(milliseconds))
    }

    @Test func `gives it time, then hands over to one that is ready`() {
        var succession = Succession()
        #expect(heir(&succession, at: 0) == nil)
        succession.heard(from: NodeID(2), isReady: false, now: start + .milliseconds(1_900))
        succession.heard(from: NodeID(3), isReady: true, now: start + .milliseconds(1_900))
        #expect(heir(&succession, at: 1_999) == nil)
        #expect(heir(&succession, at: 2_000) == NodeID(3))
    }

    @Test func `stays where nobody is known to be ready`() {
        var succession = Succession()
        #expect(heir(&succession, at: 0) == nil)
        succession.heard(from: NodeID(2), isReady: true, now: start)
        succession.heard(from: NodeID(3), isReady: true, now: start + .milliseconds(2_900))
        succession.heard(from: NodeID(3), isReady: false, now: start + .milliseconds(2_950))
        // A learner can't lead.
        succession.heard(from: NodeID(4), isReady: true, now: start + .milliseconds(3_000))
        #expect(heir(&succession, at: 3_000) == nil)
        succession.heard(from: NodeID(2), isReady: true, now: start + .milliseconds(3_100))
        #expect(heir(&succession, at: 3_100) == NodeID(2))
    }

    @Test func `stays when it is back, and tries again in its time when it was not relieved`() {
        var succession = Succession()
        for second in 0..<12 {
            succession.heard(from: NodeID(2), isReady: true, now: start + .seconds(second))
            let isBack = second == 1
            // Away from 0, back at 1, away again from 2: at 4, and not again before 6.
            let expected = second >= 4 && second.isMultiple(of: 2) ? NodeID(2) : nil
            #expect(heir(&succession, at: second * 1_000, isPostgresServing: isBack) == expected, "\(second)")
        }
    }
}
