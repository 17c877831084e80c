import Foundation
import Raft
import RaftLog
import Testing

@Suite("A reset leaves the old log or the new one")
struct ResetTests {
    private let old = HardState(term: Term(3), vote: NodeID(2))
    private let new = HardState(term: Term(7))

    /// Entries over several segments.
    private func fill(_ bench: TestLog) {
        bench.write(entries(1...2, bytes: 1000), hardState: old)
        for index in 3...8 { bench.write([entry(index, bytes: 1000)]) }
    }

    private func expectNew(_ bench: TestLog, _ comment: Comment, followedBy rest: [LogEntry] = []) throws {
        #expect(bench.recovered.baseIndex == LogIndex(20), comment)
        #expect(bench.recovered.baseTerm == Term(6), comment)
        #expect(bench.recovered.hardState == new, comment)
        #expect(bench.recovered.outlines == rest.map(\.outline), comment)
        let found = try bench.entries()
        #expect(found == rest, comment)
    }

    @Test("The log is empty behind the new base, at once and after reopening, and its space is given back")
    func emptied() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        fill(bench)
        let bytesBefore = bench.log.diskBytes
        bench.reset(to: 20, term: 6, hardState: new)
        #expect(bench.log.firstIndex == LogIndex(21))
        #expect(bench.log.lastIndex == LogIndex(20))
        let empty = try bench.entries()
        #expect(empty.isEmpty)
        #expect(bench.log.diskBytes < bytesBefore)
        let crashed = try directory.copy()
        bench.write([entry(21, term: 7), entry(22, term: 7)])
        bench.log.close()
        #expect(try !directory.names().contains("00000000000000000001.segment"))
        let fresh = try TestLog(crashed)
        try expectNew(fresh, "after a crash")
        let again = try TestLog(directory)
        try expectNew(again, "after a close", followedBy: [entry(21, term: 7), entry(22, term: 7)])
    }

    @Test("A base inside the log drops what stands behind it too")
    func insideTheLog() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory, cacheBytes: 0)
        fill(bench)
        bench.reset(to: 5, term: 2)
        bench.write([entry(6, term: 4)])
        let found = try bench.entries()
        #expect(found == [entry(6, term: 4)])
        #expect(throws: RaftLogError.compacted(first: LogIndex(6))) {
            try bench.log.entries(from: LogIndex(5), through: LogIndex(6), maxBytes: .max)
        }
        bench.log.compact(through: LogIndex(6))
        bench.log.close()
        let again = try TestLog(directory)
        #expect(again.recovered.baseIndex == LogIndex(5))
        #expect(again.recovered.baseTerm == Term(2))
        let kept = try again.entries()
        #expect(kept == [entry(6, term: 4)])
    }

    @Test("Writes and resets that wait for one sync keep the order of their tickets")
    func ordered() throws {
        let disk = GatedDisk()
        let directory = try TestDirectory()
        let bench = try TestLog(directory, cacheBytes: 0, calls: disk.calls)
        bench.write(entries(1...3))
        disk.hold()
        bench.begin(entries(4...5))
        disk.waitForSync()
        bench.begin([entry(3, term: 2)])
        bench.beginReset(to: 4, term: 2, hardState: old)
        bench.begin([entry(5, term: 3)])
        bench.beginReset(to: 10, term: 3)
        bench.begin([entry(11, term: 3), entry(12, term: 4)])
        let expected = [entry(11, term: 3), entry(12, term: 4)]
        let before = try bench.entries()
        #expect(before == expected)
        // While the reset is not durable, what it drops must stay where a crash finds it.
        bench.log.compact(through: LogIndex(10))
        let crashed = try directory.copy()
        disk.release()
        bench.wait()
        let after = try bench.entries()
        #expect(after == expected)
        bench.log.close()
        let again = try TestLog(directory)
        #expect(again.recovered.baseIndex == LogIndex(10))
        #expect(again.recovered.hardState == old)
        let found = try again.entries()
        #expect(found == expected)
        let early = try TestLog(crashed)
        let kept = try early.entries()
        #expect(Array(kept.prefix(3)) == entries(1...3))
    }

    enum Rest: CaseIterable { case cut, zeros, garbage }

    @Test("Cut at every byte of the reset and of the entry behind it", arguments: Rest.allCases)
    func everyByte(rest: Rest) throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        bench.write(entries(1...4), hardState: old)
        bench.reset(to: 20, term: 6)
        bench.write([entry(21, term: 7, bytes: 24)])
        let left = try directory.copy()
        bench.log.close()
        let whole = try left.bytes(1)
        let start = firstRecordOffset + 48 + 4 * span(16)
        var random = SeededRandom(seed: 12)
        for length in start...start + 48 + span(24) {
            var bytes = whole
            switch rest {
            case .cut: bytes.removeLast(bytes.count - length)
            case .zeros: for offset in length..<bytes.count { bytes[offset] = 0 }
            case .garbage:
                for offset in length..<bytes.count { bytes[offset] = UInt8.random(in: 1...255, using: &random) }
            }
            // Behind the index's one byte a reset is zeros to its end, which are as good as not written.
            let resetEnd = rest == .garbage ? start + 48 : start + 33
            let isReset = length >= resetEnd
            let expected =
                !isReset ? entries(1...4) : length < start + 48 + span(24) ? [] : [entry(21, term: 7, bytes: 24)]
            let copy = try TestDirectory()
            try copy.write(bytes, to: 1)
            let first = try TestLog(copy)
            #expect(first.recovered.baseIndex == LogIndex(isReset ? 20 : 0), "cut at \(length)")
            #expect(first.recovered.outlines == expected.map(\.outline), "cut at \(length)")
            #expect(first.recovered.hardState == old)
            let next = entry(Int(first.recovered.lastIndex.rawValue) + 1, term: 9)
            first.write([next])
            first.log.close()
            let second = try TestLog(copy)
            let found = try second.entries()
            #expect(found == expected + [next], "cut at \(length), reopened")
            second.log.close()
        }
    }

    @Test(
        "A disk that fails at any call of a reset leaves the old log or the new one, and nothing acknowledged is lost")
    func everyDiskCall() throws {
        var outcomes: Set<UInt64> = []
        for limit in 0...40 {
            let disk = CountingDisk()
            let directory = try TestDirectory()
            // A segment has room for three entries, so the reset and what follows begin segments too.
            let bench = try TestLog(directory, calls: disk.calls)
            fill(bench)
            #expect(eventually { bench.log.diskBytes == 4 * 8192 })
            let before = disk.spent
            disk.fail(after: limit)
            bench.begin([entry(9, bytes: 3000)])
            bench.beginReset(to: 20, term: 6, hardState: new)
            bench.begin([entry(21, term: 7, bytes: 3000)])
            bench.begin([entry(22, term: 7, bytes: 3000)])
            bench.reports.wait(for: bench.ticket)
            bench.log.close()
            let durable = bench.reports.durable.rawValue
            let again = try TestLog(directory)
            outcomes.insert(again.recovered.baseIndex.rawValue)
            if again.recovered.baseIndex == .zero {
                #expect(durable < bench.ticket.rawValue - 2, "limit \(limit) of \(before)")
                let found = try again.entries()
                #expect(Array(found.prefix(8)).map(\.index) == (1...8).map { LogIndex($0) }, "limit \(limit)")
                #expect([old, new].contains(again.recovered.hardState))
            } else {
                let kept = try again.entries()
                let expected = [entry(21, term: 7, bytes: 3000), entry(22, term: 7, bytes: 3000)]
                #expect(again.recovered.baseIndex == LogIndex(20))
                #expect(kept == Array(expected.prefix(kept.count)), "limit \(limit)")
                #expect(again.recovered.hardState == new)
            }
            let next = entry(Int(again.recovered.lastIndex.rawValue) + 1, term: 9)
            again.write([next])
            again.log.close()
            #expect(try TestLog(directory).entries().last == next)
        }
        #expect(outcomes == [0, 20])
    }

    @Test("A crash at any point of the removal of what was dropped is finished at the next opening")
    func everyRemoval() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        fill(bench)
        let before = try directory.copy()
        bench.reset(to: 20, term: 6, hardState: new)
        bench.log.close()
        let dropped = try before.names().filter { try $0.hasSuffix(".segment") && !directory.names().contains($0) }
        #expect(dropped.count >= 2)
        for removed in 0...dropped.count {
            let copy = try directory.copy()
            for name in dropped[removed...] {
                try FileManager.default.copyItem(atPath: "\(before.path)/\(name)", toPath: "\(copy.path)/\(name)")
            }
            let again = try TestLog(copy)
            try expectNew(again, "\(removed) removed")
            again.write([entry(21, term: 7)])
            again.log.close()
            #expect(try copy.names().allSatisfy { !dropped.contains($0) }, "\(removed) removed")
            try expectNew(try TestLog(copy), "\(removed) removed", followedBy: [entry(21, term: 7)])
        }
    }

    @Test("Every flipped byte of a reset refuses the start")
    func damage() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        bench.write(entries(1...4))
        bench.reset(to: 20, term: 6)
        bench.log.close()
        let whole = try directory.bytes(1)
        let start = firstRecordOffset + 4 * span(16)
        for offset in start..<start + 48 {
            var bytes = whole
            bytes[offset] ^= 0x40
            try directory.write(bytes, to: 1)
            #expect(throws: RaftLogError.self, "byte \(offset)") { try TestLog(directory).log.close() }
        }
    }
}
