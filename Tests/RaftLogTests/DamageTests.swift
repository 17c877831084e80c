import Foundation
import Raft
import RaftLog
import Testing

@Suite("Damage to what was durable is never passed over")
struct DamageTests {
    /// Offsets of the group commits of a log that a crash has left: the opening mark, then one entry each.
    private static let offsets = (0..<6).map { firstRecordOffset + $0 * span(13) }

    private static func crashedLog() throws -> TestDirectory {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        for index in 1...6 { bench.write([entry(index, bytes: 13)]) }
        let copy = try directory.copy()
        bench.log.close()
        return copy
    }

    private static func damage(of directory: TestDirectory) -> (file: String, offset: Int)? {
        do {
            try TestLog(directory).log.close()
        } catch RaftLogError.damaged(let file, let offset, let reason) {
            #expect(!reason.isEmpty)
            return (file, offset)
        } catch {
            Issue.record("not damage: \(error)")
        }
        return nil
    }

    @Test("Every flipped byte of an early record refuses the start, with file and offset", arguments: [0, 1, 4])
    func everyByteOfARecord(record: Int) throws {
        let directory = try Self.crashedLog()
        let whole = try directory.bytes(1)
        var random = SeededRandom(seed: 5)
        for offset in Self.offsets[record]..<Self.offsets[record] + span(13) {
            for flip in [UInt8(1) << UInt8.random(in: 0...7, using: &random), 0xFF] {
                var bytes = whole
                bytes[offset] ^= flip
                try directory.write(bytes, to: 1)
                let found = Self.damage(of: directory)
                #expect(found?.file == directory.file(1), "byte \(offset)")
                #expect(found?.offset == Self.offsets[record], "byte \(offset)")
            }
        }
    }

    @Test("Every flipped byte of a segment's header refuses the start")
    func everyByteOfTheHeader() throws {
        let directory = try Self.crashedLog()
        let whole = try directory.bytes(1)
        for offset in Array(0..<160) + Array(stride(from: 160, to: 4096, by: 61)) {
            var bytes = whole
            bytes[offset] ^= 0x10
            try directory.write(bytes, to: 1)
            let found = Self.damage(of: directory)
            #expect(found?.file == directory.file(1), "byte \(offset)")
            #expect(found?.offset == 0, "byte \(offset)")
        }
    }

    @Test("Records that read as zeros before later ones refuse the start")
    func zeroedRecord() throws {
        let directory = try Self.crashedLog()
        var bytes = try directory.bytes(1)
        for offset in Self.offsets[2]..<Self.offsets[4] { bytes[offset] = 0 }
        try directory.write(bytes, to: 1)
        #expect(Self.damage(of: directory)?.offset == Self.offsets[2])
    }

    @Test("After a crash the last group commit alone may be taken for a torn write; after a clean close it may not")
    func lastRecord() throws {
        let crashed = try Self.crashedLog()
        let offset = Self.offsets[5]
        var bytes = try crashed.bytes(1)
        bytes[offset + 60] ^= 4
        try crashed.write(bytes, to: 1)
        let trimmed = try TestLog(crashed)
        #expect(trimmed.recovered.lastIndex == LogIndex(5))
        #expect(trimmed.recovered.trimmedTail?.offset == offset)

        let closed = try Self.crashedLog()
        try TestLog(closed).log.close()
        bytes = try closed.bytes(1)
        bytes[offset + 60] ^= 4
        try closed.write(bytes, to: 1)
        #expect(Self.damage(of: closed)?.offset == offset)
    }

    /// Three segments and the prepared one; each group commit holds one entry.
    private static func longLog() throws -> TestDirectory {
        let directory = try TestDirectory()
        let bench = try TestLog(directory)
        for index in 1...9 { bench.write([entry(index, bytes: 1000)]) }
        bench.log.close()
        #expect(try directory.names().count == 5)
        return directory
    }

    @Test("The end of a segment that is not the newest is never a torn write")
    func endOfAnOlderSegment() throws {
        let directory = try Self.longLog()
        let whole = try directory.bytes(1)
        let last = firstRecordOffset + 2 * span(1000)
        // The last record loses a bit, is zeroed, or is followed by what no one wrote.
        var flipped = whole
        flipped[last + 500] ^= 2
        var zeroed = whole
        for offset in last..<zeroed.count { zeroed[offset] = 0 }
        var followed = whole
        followed[last + span(1000) + 100] = 1
        for (bytes, offset) in [(flipped, last), (zeroed, 8192), (followed, last + span(1000))] {
            try directory.write(bytes, to: 1)
            let found = Self.damage(of: directory)
            #expect(found?.file == directory.file(1))
            #expect(found?.offset == offset)
        }
        try directory.write(Array(whole[..<8000]), to: 1)
        #expect(Self.damage(of: directory)?.offset == 8000)
        try directory.write(whole, to: 1)
        let found = try TestLog(directory).entries()
        #expect(found == entries(1...9, bytes: 1000))
    }

    @Test("The newest segment's header is never half written once records stand behind it")
    func headerOfTheNewest() throws {
        let directory = try Self.longLog()
        var bytes = try directory.bytes(3)
        bytes[40] ^= 1
        try directory.write(bytes, to: 3)
        let found = Self.damage(of: directory)
        #expect(found?.file == directory.file(3))
    }

    @Test("A missing segment is damage")
    func missingSegment() throws {
        let directory = try Self.longLog()
        try FileManager.default.removeItem(atPath: directory.file(2))
        let found = Self.damage(of: directory)
        #expect(found?.file == directory.file(2))
    }

    @Test("A segment under another's name is damage")
    func renamedSegment() throws {
        let directory = try Self.longLog()
        try directory.write(try directory.bytes(1), to: 2)
        let found = Self.damage(of: directory)
        #expect(found?.file == directory.file(2))
    }

    @Test("A segment of a later format is refused as such")
    func laterVersion() throws {
        let directory = try Self.crashedLog()
        // A whole header with version 3; its checksum was computed apart.
        #expect(throws: RaftLogError.unsupportedVersion(file: directory.file(1), version: 3)) {
            var bytes = try directory.bytes(1)
            bytes[8] = 3
            let checksum = CRC32C.of(Array(bytes[0..<12]) + Array(bytes[16..<4096]))
            for place in 0..<4 { bytes[12 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(place))) }
            try directory.write(bytes, to: 1)
            try TestLog(directory).log.close()
        }
    }

    @Test("A record that changes under a running log is an error to its reader")
    func damageWhileOpen() throws {
        let directory = try TestDirectory()
        let bench = try TestLog(directory, cacheBytes: 0)
        bench.write(entries(1...3))
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: directory.file(1)))
        try handle.seek(toOffset: UInt64(firstRecordOffset + span(16) + 50))
        try handle.write(contentsOf: [0xAA])
        try handle.close()
        #expect {
            try bench.entries()
        } throws: { error in
            guard case RaftLogError.damaged(directory.file(1), let offset, _) = error else { return false }
            return offset == firstRecordOffset + span(16)
        }
    }
}

/// The checksum by its definition, bit by bit, apart from the product's.
enum CRC32C {
    static func of(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~crc
    }
}
