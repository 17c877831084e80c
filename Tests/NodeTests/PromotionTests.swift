import Node
import PeerTransport
import Raft
import Replica
import Testing

@Suite("Learners that are to vote") struct PromotionTests {
    private struct Refused: Error {}

    private static func contact(_ intent: MemberContact.Intent) -> [UInt8] {
        MemberContact(address: PeerAddress(host: "h", port: 1), url: "", intent: intent).encode()
    }

    private static let newLife = NodeID(number: 3, life: 77)
    /// Of the learners, 4 only listens.
    private static let membership = Membership(
        voters: [NodeID(1), NodeID(2), NodeID(3)], outgoing: [],
        learners: [NodeID(4), NodeID(5), NodeID(6), newLife],
        contacts: [
            NodeID(1): contact(.stay), NodeID(2): contact(.stay), NodeID(3): contact(.stay), NodeID(4): contact(.stay),
            NodeID(5): contact(.vote), NodeID(6): contact(.replace(number: 2)), newLife: contact(.vote),
        ])

    @Test func `one that is refused its vote does not keep the next one waiting`() async throws {
        var asked: [NodeID] = []
        var refused: [NodeID] = []
        let promoted = await Promotion.first(of: Self.membership) { promotion throws(Refused) in
            asked.append(promotion.learner)
            guard promotion.learner == NodeID(6) else { throw Refused() }
            return LogIndex(9)
        } refused: { promotion, _ in
            refused.append(promotion.learner)
        }
        #expect(asked.last == NodeID(6) && !asked.contains(NodeID(4)))
        #expect(refused == asked.dropLast() && refused.contains(NodeID(5)))
        let (promotion, index) = try #require(promoted)
        #expect(promotion.learner == NodeID(6) && index == LogIndex(9))
    }

    @Test func `nobody is promoted where all are refused`() async {
        let promoted = await Promotion.first(of: Self.membership) { _ throws(Refused) in
            throw Refused()
        } refused: { _, _ in
        }
        #expect(promoted == nil)
        #expect(Promotion.all(of: Self.membership).count == 3)
    }

    @Test func `each takes the vote that is meant for it`() throws {
        func votersAfter(_ learner: NodeID) throws -> Set<NodeID> {
            let promotion = try #require(Promotion.all(of: Self.membership).first { $0.learner == learner })
            let change = promotion.change(of: Self.membership)
            #expect(!change.learners.contains(learner))
            return Set(change.voters)
        }
        #expect(try votersAfter(NodeID(5)) == [NodeID(1), NodeID(2), NodeID(3), NodeID(5)])
        #expect(try votersAfter(NodeID(6)) == [NodeID(1), NodeID(3), NodeID(6)])
        #expect(try votersAfter(Self.newLife) == [NodeID(1), NodeID(2), Self.newLife])
    }

    @Test func `a number that is a member in another life is told from one that is not`() {
        #expect(Self.membership.hasLife(of: 3, besides: NodeID(3)))
        #expect(!Self.membership.hasLife(of: 2, besides: NodeID(2)))
    }
}
