import Raft
import Testing

@Suite("A leader that nobody answers")
struct QueuedBytesTests {
    private var leader: Raft
    private var effects: [Effect] = []

    init() {
        leader = .fixture(1, of: [1, 2, 3], term: 1)
        receive(.timeoutNow, term: 1)
        leader.step(.persisted(PersistTicket(1)), into: &effects)
        receive(.voteResponse(granted: true), term: 2)
        precondition(leader.status.role == .leader, "one vote and its own are a majority")
        leader.step(.persisted(PersistTicket(2)), into: &effects)
        receive(.appendAccepted(matchIndex: LogIndex(1)), term: 2)
    }

    private mutating func receive(_ body: Message.Body, term: UInt64) {
        leader.step(.receive(Message(from: NodeID(2), to: NodeID(1), term: Term(term), body: body)), into: &effects)
    }

    private mutating func propose(bytes: Int) {
        leader.step(.propose(byteCounts: [bytes], term: Term(2)), into: &effects)
    }

    private mutating func ticksInOffice() -> Int {
        var ticks = 0
        while leader.status.role == .leader {
            leader.step(.tick, into: &effects)
            ticks += 1
        }
        return ticks
    }

    @Test("goes two election timeouts after the first heartbeat that is not answered")
    mutating func nothingQueued() {
        #expect(ticksInOffice() == 2 + 20)
    }

    @Test("is given a tick more for each 64 KiB that were on their way before it")
    mutating func queuedBefore() {
        propose(bytes: 10 * 64 << 10)
        #expect(ticksInOffice() == 2 + 20 + 10)
    }

    @Test("is given nothing for what comes later, or it would stay for as long as it is given more")
    mutating func queuedLater() {
        for _ in 0..<2 { leader.step(.tick, into: &effects) }
        propose(bytes: 10 * 64 << 10)
        #expect(ticksInOffice() == 20)
    }
}
