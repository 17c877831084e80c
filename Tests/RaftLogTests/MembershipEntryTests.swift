import Raft
import RaftLog
import Testing

@Suite("Membership entries are found at recovery")
struct MembershipEntryTests {
    private let three = Membership(
        voters: [NodeID(1), NodeID(2), NodeID(3)], outgoing: [], learners: [], contacts: contacts(1...3))
    private let four = Membership(
        voters: [NodeID(1), NodeID(2), NodeID(3)], outgoing: [], learners: [NodeID(number: 4, life: 77)],
        contacts: contacts(1...3).merging([NodeID(number: 4, life: 77): Array("n4:7000".utf8)]) { $1 })

    private static func contacts(_ range: ClosedRange<UInt64>) -> [NodeID: [UInt8]] {
        Dictionary(uniqueKeysWithValues: range.map { (NodeID($0), Array("n\($0):7000".utf8)) })
    }

    private func change(_ index: Int, _ membership: Membership, term: Int = 1) -> LogEntry {
        LogEntry(
            index: LogIndex(UInt64(index)), term: Term(UInt64(term)), kind: .membership, payload: membership.encode())
    }

    @Test("Outlines carry them, also after replacement, compaction and a reset")
    func outlines() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        first.write([change(1, three), entry(2), change(3, four), entry(4, bytes: 3000)])
        first.log.close()
        let second = try TestLog(directory)
        #expect(second.recovered.outlines.map(\.membership) == [three, nil, four, nil])
        #expect(second.recovered.outlines[2].byteCount == four.encode().count)
        second.write([entry(3, term: 2), change(4, four, term: 2), entry(5, term: 2, bytes: 3000), entry(6, term: 2)])
        second.log.close()
        let third = try TestLog(directory)
        #expect(third.recovered.outlines.map(\.membership) == [three, nil, nil, four, nil, nil])
        let stored = try third.entries()
        #expect(stored.map(\.outline) == third.recovered.outlines)
        third.write([entry(7, term: 2, bytes: 3500), entry(8, term: 2, bytes: 3500)])
        third.log.compact(through: LogIndex(5))
        third.log.close()
        let fourth = try TestLog(directory)
        #expect(fourth.recovered.baseIndex > LogIndex(1))
        #expect(fourth.recovered.outlines.allSatisfy { $0.kind == .membership || $0.membership == nil })
        fourth.reset(to: 30, term: 2)
        fourth.write([change(31, four, term: 3)])
        fourth.log.close()
        let fifth = try TestLog(directory)
        #expect(fifth.recovered.outlines.map(\.membership) == [four])
    }

    @Test("A membership entry that no one can read is damage")
    func unreadable() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        let junk = LogEntry(index: LogIndex(1), term: Term(1), kind: .membership, payload: [1, 2, 3])
        bench.write([junk])
        bench.log.close()
        #expect(
            throws: RaftLogError.damaged(
                file: directory.file(1), offset: firstRecordOffset, reason: "entry 1 holds no readable membership")
        ) { try TestLog(directory) }
    }
}
