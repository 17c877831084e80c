import Raft
import Testing

@Suite("A leader that hears from a node it does not know")
struct StrangerTests {
    private var leader: Raft

    init() {
        leader = .fixture(1, of: [1])
        var effects: [Effect] = []
        while leader.status.role == .follower { leader.step(.tick, into: &effects) }
        leader.step(.persisted(PersistTicket(1)), into: &effects)
        leader.step(.persisted(PersistTicket(2)), into: &effects)
    }

    @Test(
        "is not deposed by the term of its answers (B50)",
        arguments: [
            .appendAccepted(matchIndex: LogIndex(9)), .heartbeatResponse(round: 0, mayLead: true),
            .voteResponse(granted: false), .preVoteResponse(granted: false), .readRequest(tag: 1),
            .snapshotReceived(id: 1, through: 1),
        ] as [Message.Body])
    mutating func answers(body: Message.Body) {
        #expect(leader.status.established)
        var effects: [Effect] = []
        let message = Message(from: NodeID(9), to: NodeID(1), term: Term(7), body: body)
        leader.step(.receive(message), into: &effects)
        #expect(effects == [] && leader.status.role == .leader && leader.term == Term(1))
    }
}
