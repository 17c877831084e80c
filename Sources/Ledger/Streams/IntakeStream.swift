import Bytes

/// What a group has beside its records when a stream brought it. Such a group is not taken all or nothing: what has been
/// taken before is dropped, what can't be taken becomes a dead letter, and the stream goes on behind it.
public struct IntakeStream: Sendable, Equatable {
    public let range: StreamRange
    /// Of the group's records, rising, within the range.
    public let offsets: [Int64]
    /// Of records that could not even be read; in order, within the range.
    public let deadLetters: [DeadLetter]

    public init(range: StreamRange, offsets: [Int64], deadLetters: [DeadLetter]) {
        precondition(
            Self.areValid(offsets, in: range) && Self.areValid(deadLetters.map(\.offset), in: range),
            "records outside their stretch of \(range.partition)")
        self.range = range
        self.offsets = offsets
        self.deadLetters = deadLetters
    }

    public static func areValid(_ offsets: [Int64], in range: StreamRange) -> Bool {
        var last = range.firstOffset - 1
        for offset in offsets {
            guard offset > last else { return false }
            last = offset
        }
        return last <= range.lastOffset
    }
}

/// What became of a stretch of a stream.
public struct StreamReceipt: Sendable, Equatable {
    /// The next stretch must go on there.
    public let nextOffset: Int64
    /// Records that were new, and that had been taken before.
    public let accepted: Int
    public let duplicates: Int
    /// Those that were given, and those whose ids belong to other records.
    public let deadLetters: Int

    public init(nextOffset: Int64, accepted: Int, duplicates: Int, deadLetters: Int) {
        self.nextOffset = nextOffset
        self.accepted = accepted
        self.duplicates = duplicates
        self.deadLetters = deadLetters
    }
}

extension IntakeStream {
    func encode(into writer: inout ByteWriter) {
        range.encode(into: &writer)
        writer.write(UInt32(offsets.count))
        for offset in offsets { writer.write(offset) }
        writer.write(deadLetters)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let range = try StreamRange(from: &reader)
        let start = reader.offset
        let count = try reader.readCount(elementsOfAtLeast: 8)
        var offsets: [Int64] = []
        offsets.reserveCapacity(count)
        for _ in 0..<count { offsets.append(try reader.read()) }
        let deadLetters = try reader.readDeadLetters()
        guard Self.areValid(offsets, in: range), Self.areValid(deadLetters.map(\.offset), in: range) else {
            throw MalformedBytes(offset: start, reason: "records outside their stretch of a stream")
        }
        self.init(range: range, offsets: offsets, deadLetters: deadLetters)
    }
}

extension StreamReceipt {
    func encode(into writer: inout ByteWriter) {
        writer.write(nextOffset)
        for number in [accepted, duplicates, deadLetters] { writer.write(UInt32(number)) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        nextOffset = try reader.read()
        accepted = Int(try reader.read(UInt32.self))
        duplicates = Int(try reader.read(UInt32.self))
        deadLetters = Int(try reader.read(UInt32.self))
    }
}

extension ByteWriter {
    mutating func write(_ deadLetters: [DeadLetter]) {
        write(UInt32(deadLetters.count))
        for letter in deadLetters { letter.encode(into: &self) }
    }
}

extension ByteReader {
    mutating func readDeadLetters() throws(MalformedBytes) -> [DeadLetter] {
        let count = try readCount(elementsOfAtLeast: DeadLetter.minimumByteCount)
        var letters: [DeadLetter] = []
        letters.reserveCapacity(count)
        for _ in 0..<count { letters.append(try DeadLetter(from: &self)) }
        return letters
    }
}
