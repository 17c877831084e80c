import Foundation
import Raft
import RaftLog
import Testing

@Suite("A log keeps what was persisted")
struct PersistenceTests {
    @Test("A new directory gives an empty log")
    func empty() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        #expect(bench.recovered.hardState == HardState())
        #expect(bench.recovered.baseIndex == .zero)
        #expect(bench.recovered.baseTerm == .zero)
        #expect(bench.recovered.outlines.isEmpty)
        #expect(bench.recovered.trimmedTail == nil)
        #expect(bench.log.firstIndex == LogIndex(1))
        #expect(bench.log.lastIndex == .zero)
        let found = try bench.entries()
        #expect(found.isEmpty)
    }

    @Test("Entries and hard state are there after reopening, with and without a clean close", arguments: [true, false])
    func reopen(cleanly: Bool) throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        let written = [entry(1, bytes: 0, kind: .noop), entry(2, bytes: 1), entry(3, term: 2, bytes: 333)]
        first.write(Array(written[..<2]), hardState: HardState(term: Term(1), vote: NodeID(2)))
        first.write(Array(written[2...]), hardState: HardState(term: Term(2)))
        let left = cleanly ? directory : try directory.copy()
        first.log.close()
        let second = try TestLog(left)
        #expect(second.recovered.hardState == HardState(term: Term(2)))
        #expect(second.recovered.outlines == written.map(\.outline))
        #expect(second.recovered.trimmedTail == nil)
        let found = try second.entries()
        #expect(found == written)
    }

    @Test("A hard state alone is kept")
    func hardStateOnly() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        first.write(hardState: HardState(term: Term(7), vote: NodeID(3)))
        let second = try TestLog(try directory.copy())
        #expect(second.recovered.hardState == HardState(term: Term(7), vote: NodeID(3)))
        #expect(second.recovered.outlines.isEmpty)
    }

    @Test("An entry replaces all at and after its index, before and after reopening")
    func overwrite() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        first.write(entries(1...10))
        first.write(entries(4...5, term: 2))
        let expected = entries(1...3) + entries(4...5, term: 2)
        let found = try first.entries()
        #expect(found == expected)
        first.log.close()
        let second = try TestLog(directory)
        #expect(second.recovered.outlines == expected.map(\.outline))
        second.write([entry(6, term: 3)])
        second.log.close()
        let third = try TestLog(directory, cacheBytes: 0)
        let again = try third.entries()
        #expect(again == expected + [entry(6, term: 3)])
    }

    @Test("A suffix is replaced across segments")
    func overwriteAcrossSegments() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory, cacheBytes: 0)
        for index in 1...40 { first.write([entry(index, bytes: 500)]) }
        #expect(try directory.names().count > 5)
        first.write([entry(3, term: 2, bytes: 500)])
        for index in 4...30 { first.write([entry(index, term: 2, bytes: 500)]) }
        let expected = entries(1...2, bytes: 500) + entries(3...30, term: 2, bytes: 500)
        let found = try first.entries()
        #expect(found == expected)
        first.log.close()
        let again = try TestLog(directory).entries()
        #expect(again == expected)
    }

    @Test("Segments change when a record fits exactly, and when it is one word too long", arguments: [0, 8])
    func exactBoundary(excess: Int) throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        let payload = 8192 - firstRecordOffset - 48 + excess
        first.write([entry(1, bytes: payload)])
        // The next segment may not even be prepared yet; it is begun when its header is there.
        func isBegun() -> Bool { (try? directory.bytes(2))?.first == UInt8(ascii: "R") }
        #expect(isBegun() == (excess > 0))
        first.write([entry(2)])
        #expect(isBegun())
        first.log.close()
        let found = try TestLog(directory).entries()
        #expect(found == [entry(1, bytes: payload), entry(2)])
    }

    @Test("Entries longer than a segment, in one group with short ones, get segments of their size")
    func longEntries() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory, cacheBytes: 0)
        let written = [entry(1), entry(2, bytes: 5 << 20), entry(3), entry(4, bytes: 100_000), entry(5, bytes: 4000)]
        first.write(written)
        let found = try first.entries()
        #expect(found == written)
        first.log.close()
        let again = try TestLog(directory).entries()
        #expect(again == written)
    }

    @Test("The longest entry is 32 MiB")
    func longestEntry() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory, cacheBytes: 0)
        let long = LogEntry(
            index: LogIndex(1), term: Term(1), kind: .command,
            payload: [UInt8](repeating: 9, count: RaftLog.maximumPayloadBytes))
        first.write([long])
        first.log.close()
        let found = try TestLog(directory).entries()
        #expect(found == [long])
    }

    @Test("A read is bounded in bytes, gives at least one entry, and ends where the log ends")
    func readBounds() throws {
        for cacheBytes in [0, 1 << 20] {
            let bench = try TestLog(try TestDirectory(), cacheBytes: cacheBytes)
            bench.write(entries(1...10, bytes: 100))
            func read(_ from: Int, _ through: Int, _ maxBytes: Int) throws -> [Int] {
                try bench.log.entries(
                    from: LogIndex(UInt64(from)), through: LogIndex(UInt64(through)), maxBytes: maxBytes
                ).map { Int($0.index.rawValue) }
            }
            #expect(try read(3, 100, 250) == [3, 4])
            #expect(try read(3, 100, 0) == [3])
            #expect(try read(9, 100, .max) == [9, 10])
            #expect(try read(2, 4, .max) == [2, 3, 4])
            #expect(try read(11, 20, .max) == [])
            #expect(try read(5, 4, .max) == [])
            #expect(throws: RaftLogError.compacted(first: LogIndex(1))) { try read(0, 4, .max) }
        }
    }

    @Test("Entries can be read before they are durable, and stay in memory until then")
    func readBeforeDurable() throws {
        let disk = GatedDisk()
        let bench = try TestLog(try TestDirectory(), cacheBytes: 0, calls: disk.calls)
        disk.hold()
        bench.begin(entries(1...3))
        let before = try bench.entries()
        #expect(before == entries(1...3))
        #expect(bench.reports.durable == .none)
        disk.release()
        bench.wait()
        let after = try bench.entries()
        #expect(after == entries(1...3))
    }

    @Test("A directory of another cluster, node or life is refused by name")
    func identity() throws {
        let directory = try TestDirectory()
        try TestLog(directory).log.close()
        for other in [
            LogIdentity(clusterID: "test", nodeID: NodeID(2)),
            LogIdentity(clusterID: "test", nodeID: NodeID(number: 1, life: 0xBEEF)),
            LogIdentity(clusterID: "other", nodeID: NodeID(1)),
        ] {
            #expect(
                throws: RaftLogError.wrongIdentity(
                    file: directory.file(1), found: TestLog.identity, expected: other)
            ) { try TestLog(directory, identity: other) }
        }
    }

    @Test("Options out of range are refused with the field's name")
    func options() throws {
        let directory = try TestDirectory()
        func field(_ identity: LogIdentity = TestLog.identity, segmentBytes: Int = 8192, cacheBytes: Int = 0) -> String
        {
            do {
                _ = try TestLog(directory, identity: identity, segmentBytes: segmentBytes, cacheBytes: cacheBytes)
                return "none"
            } catch RaftLogError.invalidOption(let field, _) {
                return field
            } catch {
                return "\(error)"
            }
        }
        #expect(field(segmentBytes: 4096) == "segmentBytes")
        #expect(field(segmentBytes: 9000) == "segmentBytes")
        #expect(field(cacheBytes: -1) == "cacheBytes")
        #expect(field(LogIdentity(clusterID: "", nodeID: NodeID(1))) == "clusterID")
        #expect(field(LogIdentity(clusterID: String(repeating: "x", count: 65), nodeID: NodeID(1))) == "clusterID")
        #expect(field(LogIdentity(clusterID: "bürg", nodeID: NodeID(1))) == "clusterID")
    }

    @Test("A directory is open once at a time")
    func lock() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        #expect(throws: RaftLogError.locked(directory: directory.path)) { try TestLog(directory) }
        first.log.close()
        try TestLog(directory).log.close()
    }

    @Test("Closing waits for all that was asked for; later requests do nothing")
    func closeDrains() throws {
        let directory = try TestDirectory()
        let first = try TestLog(directory)
        for index in 1...100 { first.begin([entry(index)]) }
        first.log.close()
        #expect(first.reports.durable == first.ticket)
        first.begin([entry(101)])
        first.log.close()
        #expect(first.log.lastIndex == LogIndex(100))
        #expect(try TestLog(directory).recovered.lastIndex == LogIndex(100))
    }

    @Test("Opening again and again takes no other segment")
    func reopenOften() throws {
        let directory = try TestDirectory()
        for _ in 1...20 { try TestLog(directory).log.close() }
        #expect(try directory.names() == ["00000000000000000001.segment", "00000000000000000002.segment", "lock"])
    }
}
