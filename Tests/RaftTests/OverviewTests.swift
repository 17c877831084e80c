import Raft
import Testing

@Suite("What a follower can say of itself")
struct OverviewTests {
    private var follower = Raft.fixture(3, of: [1, 2, 3], term: 1)
    private var effects: [Effect] = []

    private mutating func receive(_ body: Message.Body) {
        follower.step(
            .receive(Message(from: NodeID(1), to: NodeID(3), term: Term(1), body: body)), into: &effects)
    }

    @Test("How far the cluster is it knows from its leader, not from its own log")
    mutating func clusterCommit() {
        #expect(follower.clusterCommit == nil)
        // Heartbeats tell no more than what this node has.
        receive(.heartbeat(commit: .zero, round: 1, compactionFloor: .zero))
        #expect(follower.clusterCommit == nil)
        receive(
            .append(
                previousIndex: LogIndex(900), previousTerm: Term(1), entries: [], commit: LogIndex(1_000),
                compactionFloor: .zero))
        #expect(follower.commitIndex == .zero)
        #expect(follower.clusterCommit == LogIndex(1_000))
        // What is committed stays so, whatever a late message says.
        receive(
            .append(
                previousIndex: LogIndex(900), previousTerm: Term(1), entries: [], commit: LogIndex(5),
                compactionFloor: .zero))
        #expect(follower.clusterCommit == LogIndex(1_000))
    }

    @Test("It is in touch while it hears its leader, and an election timeout after that it is not")
    mutating func inTouch() {
        #expect(!follower.isInTouch)
        receive(.heartbeat(commit: .zero, round: 1, compactionFloor: .zero))
        #expect(follower.isInTouch)
        // Whoever may not lead does not stand either: only its clock tells that nobody is there.
        follower.step(.mayLead(false), into: &effects)
        for _ in 0..<9 { follower.step(.tick, into: &effects) }
        #expect(follower.isInTouch)
        follower.step(.tick, into: &effects)
        #expect(!follower.isInTouch)
        receive(.heartbeat(commit: .zero, round: 1, compactionFloor: .zero))
        #expect(follower.isInTouch)
        follower.step(.peerLost(NodeID(1)), into: &effects)
        #expect(!follower.isInTouch)
    }

    @Test("A leader is in touch with itself, and knows how far the cluster is once it has committed")
    mutating func leader() {
        while follower.status.role == .follower { follower.step(.tick, into: &effects) }
        receive(.preVoteResponse(granted: false))
        #expect(!follower.isInTouch && follower.clusterCommit == nil)
        var alone = Raft.fixture(1, of: [1])
        while alone.status.role == .follower { alone.step(.tick, into: &effects) }
        for ticket in 1...2 { alone.step(.persisted(PersistTicket(UInt64(ticket))), into: &effects) }
        #expect(alone.isInTouch && alone.clusterCommit == LogIndex(1))
    }
}
