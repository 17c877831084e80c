import Raft
import RaftLog
import Testing

@Suite("Compaction removes whole segments and nothing else")
struct CompactionTests {
    /// Three entries of 1000 bytes fill a segment.
    private func fill(_ bench: TestLog, _ range: ClosedRange<Int>, term: Int = 1) {
        for index in range { bench.write([entry(index, term: term, bytes: 1000)]) }
    }

    private func read(_ bench: TestLog) throws -> [LogEntry] { try bench.entries() }

    @Test("Segments at or before the index go, the rest is served, and the same after reopening")
    func compactAndReopen() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory, cacheBytes: 0)
        first.write(hardState: HardState(term: Term(1), vote: NodeID(3)))
        fill(first, 1...12)
        // Four segments, and the one that the keeper prepares ahead in its own time.
        #expect(eventually { first.log.diskBytes == 5 * 8192 })
        first.log.compact(through: LogIndex(7))
        #expect(first.log.firstIndex == LogIndex(7))
        #expect(first.log.diskBytes == 3 * 8192)
        #expect(throws: RaftLogError.compacted(first: LogIndex(7))) {
            try first.log.entries(from: LogIndex(6), through: LogIndex(9), maxBytes: .max)
        }
        let kept = try read(first)
        #expect(kept == entries(7...12, bytes: 1000))
        first.log.close()
        #expect(try !directory.names().contains("00000000000000000002.segment"))
        let second = try TestLog(directory)
        #expect(second.recovered.baseIndex == LogIndex(6))
        #expect(second.recovered.baseTerm == Term(1))
        #expect(second.recovered.hardState == HardState(term: Term(1), vote: NodeID(3)))
        let again = try read(second)
        #expect(again == entries(7...12, bytes: 1000))
        fill(second, 13...14)
        second.log.close()
        let last = try read(try TestLog(directory))
        #expect(last == entries(7...14, bytes: 1000))
    }

    @Test("The active segment always stays")
    func activeStays() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        fill(first, 1...4)
        first.log.compact(through: LogIndex(.max))
        #expect(first.log.firstIndex == LogIndex(4))
        first.log.compact(through: LogIndex(.max))
        first.log.close()
        let second = try TestLog(directory)
        #expect(second.recovered.baseIndex == LogIndex(3))
        #expect(second.recovered.lastIndex == LogIndex(4))
    }

    @Test("Entries in memory go with their segments")
    func cacheGoesToo() throws {
        let bench = try TestLog(try TestDirectory())
        fill(bench, 1...8)
        bench.log.compact(through: LogIndex(6))
        let kept = try read(bench)
        #expect(kept == entries(7...8, bytes: 1000))
    }

    @Test("A segment stays while it holds a replaced entry above the index")
    func replacedEntriesCount() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        fill(bench, 1...3)
        fill(bench, 4...6)
        fill(bench, 3...5, term: 2)
        bench.log.compact(through: LogIndex(5))
        #expect(bench.log.firstIndex == LogIndex(3))
        bench.log.close()
        let again = try TestLog(directory)
        #expect(again.recovered.baseIndex == LogIndex(2))
        #expect(again.recovered.baseTerm == Term(1))
        let found = try read(again)
        #expect(found == entries(3...5, term: 2, bytes: 1000))
    }

    @Test("The base after reopening is right when the first kept header names an entry that was replaced later")
    func baseOfAReplacedEntry() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        // Segment 1 ends with entry 3 of term 1; segment 2 begins by replacing entries 2 and after.
        fill(bench, 1...3)
        fill(bench, 2...6, term: 2)
        bench.log.compact(through: LogIndex(3))
        #expect(bench.log.firstIndex == LogIndex(2))
        let live = try read(bench)
        bench.log.close()
        #expect(try !directory.names().contains("00000000000000000001.segment"))
        let again = try TestLog(directory)
        #expect(again.recovered.baseIndex == LogIndex(1))
        #expect(again.recovered.baseTerm == Term(1))
        let found = try read(again)
        #expect(found == entries(2...6, term: 2, bytes: 1000))
        #expect(found == live)
    }

    @Test("A new segment that begins exactly with a replaced suffix can be opened")
    func rotationAtReplacement() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        fill(bench, 1...3)
        bench.write([entry(1, term: 2, bytes: 3900)])
        bench.write([entry(1, term: 3, bytes: 3900)])
        bench.log.close()
        let again = try TestLog(directory)
        let found = try read(again)
        #expect(found == [entry(1, term: 3, bytes: 3900)])
    }

    @Test("What is not durable here is not compacted over")
    func notDurable() throws {
        let disk = GatedDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, calls: disk.calls)
        fill(bench, 1...5)
        disk.hold()
        bench.begin([entry(2, term: 2, bytes: 1000), entry(3, term: 2, bytes: 1000)])
        disk.waitForSync()
        bench.log.compact(through: LogIndex(3))
        #expect(bench.log.firstIndex == LogIndex(1))
        let crashed = try directory.copy()
        disk.release()
        bench.log.close()
        let again = try TestLog(crashed)
        #expect(again.recovered.baseIndex == .zero)
    }
}
