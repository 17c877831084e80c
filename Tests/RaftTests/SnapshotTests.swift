import Raft
import Testing

@Suite("A follower that gets a snapshot")
struct SnapshotTests {
    private var follower = Raft.fixture(3, of: [1, 2, 3], term: 1)
    private let members = MembershipTests.membership([1, 2, 3])

    private func snapshot(_ id: UInt64, index: UInt64) -> SnapshotOutline {
        SnapshotOutline(id: id, index: LogIndex(index), term: Term(1), membership: members, byteCount: 10)
    }

    private mutating func step(_ event: Event) -> [Effect] {
        var effects: [Effect] = []
        follower.step(event, into: &effects)
        return effects
    }

    private mutating func receive(_ body: Message.Body) -> [Effect] {
        step(.receive(Message(from: NodeID(1), to: NodeID(3), term: Term(1), body: body)))
    }

    private func answer(_ body: Message.Body) -> Effect {
        .send(Message(from: NodeID(3), to: NodeID(1), term: Term(1), body: body), after: .none)
    }

    @Test("installs one at a time, and says so to whoever asks (B38)")
    mutating func oneAtATime() {
        let first = snapshot(1, index: 5)
        let second = snapshot(2, index: 9)
        _ = receive(.snapshotChunk(first, offset: 0, byteCount: 10))
        #expect(step(.chunkStored(id: 1, through: 10)).contains(.installSnapshot(first)))
        // Stored once more, or another that comes now: nothing is begun.
        #expect(step(.chunkStored(id: 1, through: 10)) == [])
        #expect(receive(.snapshotChunk(second, offset: 0, byteCount: 10)) == [])
        #expect(
            receive(.snapshotChunk(first, offset: 10, byteCount: 0)) == [answer(.snapshotReceived(id: 1, through: 10))])
        // What comes of it under another name is not what it waits for.
        #expect(step(.snapshotInstalled(id: 2)) == [])
        #expect(
            step(.snapshotInstalled(id: 1)).contains {
                if case .resetLog(_, nil, LogIndex(5), Term(1)) = $0 { true } else { false }
            })
        // Now the other one may come.
        #expect(
            receive(.snapshotChunk(second, offset: 0, byteCount: 10))
                == [.storeChunk(second, offset: 0, byteCount: 10)])
    }

    @Test("does not install what it has already (B38, B39)")
    mutating func older() {
        _ = receive(.snapshotChunk(snapshot(1, index: 5), offset: 0, byteCount: 10))
        _ = step(.chunkStored(id: 1, through: 10))
        let reset = step(.snapshotInstalled(id: 1))
        guard case .resetLog(let ticket, _, _, _)? = reset.first else { return #expect(Bool(false)) }
        // Before that is on disk nothing of it is vouched for.
        #expect(follower.durableIndex == .zero && follower.lastIndex == LogIndex(5))
        #expect(
            receive(.snapshotChunk(snapshot(2, index: 4), offset: 0, byteCount: 10))
                == [answer(.appendAccepted(matchIndex: .zero))])
        #expect(step(.persisted(ticket)).contains(answer(.appendAccepted(matchIndex: LogIndex(5)))))
        #expect(
            receive(.snapshotChunk(snapshot(2, index: 4), offset: 0, byteCount: 10))
                == [answer(.appendAccepted(matchIndex: LogIndex(5)))])
    }

    @Test("takes no part of a late write of its old log for a part of the new one (B40)")
    mutating func lateWrite() {
        let entries = Array(repeating: EntryOutline(term: Term(1), kind: .command, byteCount: 1), count: 3)
        let append = receive(
            .append(
                previousIndex: .zero, previousTerm: .zero, entries: entries, commit: .zero, compactionFloor: .zero))
        guard case .persist(let old, _, _)? = append.first else { return #expect(Bool(false)) }
        _ = receive(.snapshotChunk(snapshot(1, index: 7), offset: 0, byteCount: 10))
        _ = step(.chunkStored(id: 1, through: 10))
        _ = step(.snapshotInstalled(id: 1))
        #expect(step(.persisted(old)).contains { if case .commit = $0 { true } else { false } } == false)
        #expect(follower.durableIndex == .zero && follower.commitIndex == LogIndex(7))
    }

    @Test("reports no commit while it installs (B38)")
    mutating func commitsWait() {
        let entries = Array(repeating: EntryOutline(term: Term(1), kind: .command, byteCount: 1), count: 3)
        _ = receive(
            .append(
                previousIndex: .zero, previousTerm: .zero, entries: entries, commit: .zero, compactionFloor: .zero))
        _ = step(.persisted(PersistTicket(1)))
        _ = receive(.snapshotChunk(snapshot(1, index: 7), offset: 0, byteCount: 10))
        _ = step(.chunkStored(id: 1, through: 10))
        let heard = receive(.heartbeat(commit: LogIndex(3), round: 0, compactionFloor: .zero))
        #expect(heard == [answer(.heartbeatResponse(round: 0, mayLead: false))])
        #expect(step(.snapshotFailed(id: 1)) == [.commit(LogIndex(3))])
    }

    @Test("does not stand while it installs, nor is called to")
    mutating func standsBy() {
        _ = receive(.snapshotChunk(snapshot(1, index: 5), offset: 0, byteCount: 10))
        _ = step(.chunkStored(id: 1, through: 10))
        #expect(receive(.timeoutNow) == [])
        for _ in 0..<50 { _ = step(.tick) }
        #expect(follower.status.role == .follower && follower.term == Term(1))
    }
}
