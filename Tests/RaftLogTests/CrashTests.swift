import Foundation
import Raft
import RaftLog
import Testing

@Suite("A write cut short loses only what was never acknowledged")
struct CrashTests {
    enum Rest: CaseIterable { case cut, zeros, garbage }

    /// Three group commits at the end, or one of three records.
    @Test("Cut at every byte of the last three records", arguments: Rest.allCases, [true, false])
    func everyByte(rest: Rest, isOneGroup: Bool) throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        let hardState = HardState(term: Term(3), vote: NodeID(2))
        bench.write(entries(1...4), hardState: hardState)
        // No padding, and no zero at the end of a record: a byte less is always a record less.
        let tail = [entry(5, bytes: 24), entry(6, bytes: 8), entry(7, bytes: 40)]
        if isOneGroup { bench.write(tail) } else { for entry in tail { bench.write([entry]) } }
        let tailStart = firstRecordOffset + 48 + 4 * span(16)
        let ends = [tailStart + span(24), tailStart + span(24) + span(8), tailStart + span(24) + span(8) + span(40)]
        let left = try directory.copy()
        bench.log.close()
        let whole = try left.bytes(1)
        var random = SeededRandom(seed: 11)
        for length in tailStart...ends[2] {
            let survivors = isOneGroup ? (length == ends[2] ? 3 : 0) : ends.filter { $0 <= length }.count
            let expected = entries(1...4) + tail.prefix(survivors)
            var bytes = whole
            switch rest {
            case .cut: bytes.removeLast(bytes.count - length)
            case .zeros: for offset in length..<bytes.count { bytes[offset] = 0 }
            case .garbage:
                for offset in length..<bytes.count { bytes[offset] = UInt8.random(in: 1...255, using: &random) }
            }
            let copy = try TestDirectory()
            try copy.write(bytes, to: 1)
            let first = try TestLog(copy)
            #expect(first.recovered.outlines == expected.map(\.outline), "cut at \(length)")
            #expect(first.recovered.hardState == hardState)
            let next = entry(expected.count + 1, term: 9)
            first.write([next])
            first.log.close()
            let second = try TestLog(copy)
            let found = try second.entries()
            #expect(found == expected + [next], "cut at \(length), reopened")
            #expect(second.recovered.trimmedTail == nil)
            second.log.close()
        }
    }

    @Test("A crash at any point of the change of segments loses nothing acknowledged")
    func rotation() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        bench.write([entry(1, bytes: 3900)], hardState: HardState(term: Term(4)))
        let before = try directory.copy()
        bench.write([entry(2, bytes: 200)])
        let after = try directory.copy()
        bench.log.close()
        let segment = try after.bytes(2)
        // The next segment's header, and then its first record, reach the disk byte by byte.
        for length in Array(stride(from: 0, to: 4096, by: 13)) + Array(4096...4096 + span(200)) {
            let copy = try before.copy()
            try copy.write(segment[..<length] + [UInt8](repeating: 0, count: segment.count - length), to: 2)
            let first = try TestLog(copy)
            let isThere = length == 4096 + span(200)
            #expect(first.recovered.lastIndex == LogIndex(isThere ? 2 : 1), "\(length) bytes of the next segment")
            #expect(first.recovered.hardState == HardState(term: Term(4)))
            first.write([entry(2, term: 5, bytes: 200), entry(3, term: 5)])
            first.log.close()
            let found = try TestLog(copy).entries()
            #expect(found == [entry(1, bytes: 3900), entry(2, term: 5, bytes: 200), entry(3, term: 5)])
        }
    }

    @Test("A segment that never got its name is removed")
    func halfMadeSegment() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        bench.write([entry(1)])
        let copy = try directory.copy()
        bench.log.close()
        let name = "\(copy.path)/00000000000000000003.segment.new"
        #expect(FileManager.default.createFile(atPath: name, contents: Data([1, 2, 3])))
        let again = try TestLog(copy)
        #expect(again.recovered.lastIndex == LogIndex(1))
        #expect(!FileManager.default.fileExists(atPath: name))
    }

    @Test("What was trimmed is zeroed, so that later records never stand before stale bytes")
    func trimmedTailIsZeroed() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        bench.write([entry(1)])
        bench.write(entries(2...9))
        let copy = try directory.copy()
        bench.log.close()
        var bytes = try copy.bytes(1)
        let torn = firstRecordOffset + span(16)
        bytes[torn + 50] ^= 1
        try copy.write(bytes, to: 1)
        let again = try TestLog(copy)
        #expect(again.recovered.lastIndex == LogIndex(1))
        let tail = try #require(again.recovered.trimmedTail)
        #expect(tail.file == copy.file(1))
        #expect(tail.offset == torn)
        #expect(try copy.bytes(1)[(torn + 48)...].allSatisfy { $0 == 0 })
    }
}
