public import Bytes
import Detection

extension GroupOutcome {
    private enum Tag: UInt8 {
        case accepted = 0
        case duplicateKey = 1
        case keyReused = 2
        case idReused = 3
        case streamed = 4
        case streamRefused = 5
    }

    /// For the way back to the node that took the group in.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .accepted(let records):
            writer.write(Tag.accepted.rawValue)
            writer.write(UInt32(records.count))
            for record in records { record.encode(into: &writer) }
        case .duplicateKey(let first, let count):
            writer.write(Tag.duplicateKey.rawValue)
            writer.write(first.rawValue)
            writer.write(UInt32(count))
        case .keyReused:
            writer.write(Tag.keyReused.rawValue)
        case .idReused(let ids):
            writer.write(Tag.idReused.rawValue)
            writer.write(UInt32(ids.count))
            for id in ids { writer.write(id.rawValue) }
        case .streamed(let receipt):
            writer.write(Tag.streamed.rawValue)
            receipt.encode(into: &writer)
        case .streamRefused(let refusal):
            writer.write(Tag.streamRefused.rawValue)
            refusal.encode(into: &writer)
        }
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .accepted:
            let count = try reader.readCount(elementsOfAtLeast: 1)
            var records: [RecordOutcome] = []
            records.reserveCapacity(count)
            for _ in 0..<count { records.append(try RecordOutcome(from: &reader)) }
            self = .accepted(records)
        case .duplicateKey:
            let first = TransactionID(rawValue: try reader.read())
            self = .duplicateKey(first: first, count: Int(try reader.read(UInt32.self)))
        case .keyReused:
            self = .keyReused
        case .idReused:
            let count = try reader.readCount(elementsOfAtLeast: 16)
            var ids: [TransactionID] = []
            ids.reserveCapacity(count)
            for _ in 0..<count { ids.append(TransactionID(rawValue: try reader.read())) }
            self = .idReused(ids)
        case .streamed: self = .streamed(try StreamReceipt(from: &reader))
        case .streamRefused: self = .streamRefused(try StreamRefusal(from: &reader))
        case nil:
            throw MalformedBytes(offset: start, reason: "an unknown outcome")
        }
    }
}

extension RecordOutcome {
    /// Stands in the place of a decision.
    private static let duplicateTag: UInt8 = 255

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .accepted(let decision, let score, let reasons):
            writer.write(decision.rawValue)
            writer.write(score)
            ReasonsCodec.write(reasons, into: &writer)
        case .duplicate:
            writer.write(Self.duplicateTag)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let tag = try reader.read(UInt8.self)
        if tag == Self.duplicateTag {
            self = .duplicate
            return
        }
        guard let decision = Decision(rawValue: tag) else {
            throw MalformedBytes(offset: start, reason: "decision \(tag) is unknown")
        }
        let score = try readScore(&reader)
        self = .accepted(decision: decision, score: score, reasons: try ReasonsCodec.read(&reader))
    }
}

/// A number from 0 to 1.
func readScore(_ reader: inout ByteReader) throws(MalformedBytes) -> Float {
    let start = reader.offset
    let score = try reader.readFloat()
    guard 0...1 ~= score else { throw MalformedBytes(offset: start, reason: "a score outside 0 to 1") }
    return score
}
