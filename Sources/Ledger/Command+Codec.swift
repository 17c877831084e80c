public import Bytes
import Detection

extension Command {
    private static let version: UInt8 = 1

    private enum Tag: UInt8 {
        case transactions = 1
        case verify = 2
    }

    /// The payload of a log entry.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: encodedByteCountEstimate)
        writer.write(Self.version)
        switch self {
        case .transactions(let time, let groups):
            writer.write(Tag.transactions.rawValue)
            writer.write(time)
            writer.write(UInt32(groups.count))
            for group in groups { group.encode(into: &writer) }
        case .verify(let time, let id):
            writer.write(Tag.verify.rawValue)
            writer.write(time)
            writer.write(id)
        }
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws(MalformedBytes) -> Command {
        try bytes.withUnsafeBufferPointer { bytes throws(MalformedBytes) in
            try decode(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Survives any bytes.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> Command {
        var reader = ByteReader(bytes)
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw MalformedBytes(offset: 0, reason: "version \(version) is unknown") }
        let tag = Tag(rawValue: try reader.read())
        let time = try reader.read(Int64.self)
        let command: Command
        switch tag {
        case .transactions:
            let count = try reader.readCount(elementsOfAtLeast: LedgerGroup.minimumByteCount)
            var groups: [LedgerGroup] = []
            groups.reserveCapacity(count)
            for _ in 0..<count { groups.append(try LedgerGroup(from: &reader)) }
            command = .transactions(timeMicroseconds: time, groups: groups)
        case .verify:
            command = .verify(timeMicroseconds: time, id: try reader.read())
        case nil:
            throw MalformedBytes(offset: 1, reason: "an unknown command")
        }
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes too many")
        }
        return command
    }

    private var encodedByteCountEstimate: Int {
        guard case .transactions(_, let groups) = self else { return 32 }
        return groups.reduce(32) { total, group in
            group.records.reduce(total + 64) { $0 + LedgerRecord.minimumByteCount + $1.body.count + $1.reasons.count }
        }
    }
}

extension LedgerGroup {
    static let minimumByteCount = 5

    func encode(into writer: inout ByteWriter) {
        writer.write(UInt8(key == nil ? 0 : 1))
        if let key {
            writer.write(key.key.digest)
            writer.write(key.fingerprint)
            writer.write(key.first.rawValue)
            writer.write(UInt32(key.count))
        }
        writer.write(UInt32(records.count))
        for record in records { record.encode(into: &writer) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0:
            key = nil
        case 1:
            let digest = try reader.read(UInt128.self)
            let fingerprint = try reader.read(UInt64.self)
            let first = TransactionID(rawValue: try reader.read())
            key = LedgerKey(
                key: IdempotencyKey(digest: digest), fingerprint: fingerprint, first: first,
                count: Int(try reader.read(UInt32.self)))
        default:
            throw MalformedBytes(offset: start, reason: "unknown flags")
        }
        let count = try reader.readCount(elementsOfAtLeast: LedgerRecord.minimumByteCount)
        guard count > 0 || key != nil else { throw MalformedBytes(offset: start, reason: "a group of nothing") }
        var records: [LedgerRecord] = []
        records.reserveCapacity(count)
        for _ in 0..<count { records.append(try LedgerRecord(from: &reader)) }
        self.records = records
    }
}

extension LedgerRecord {
    static let minimumByteCount = 50

    func encode(into writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.write(fingerprint)
        writer.write(userKey)
        writer.write(occurredAtMicroseconds)
        writer.write(decision.rawValue)
        writer.write(score)
        ReasonsCodec.write(reasons, into: &writer)
        writer.writeBlock(body)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        id = TransactionID(rawValue: try reader.read())
        fingerprint = try reader.read()
        userKey = try reader.read()
        occurredAtMicroseconds = try reader.read()
        let start = reader.offset
        let number = try reader.read(UInt8.self)
        guard let decision = Decision(rawValue: number) else {
            throw MalformedBytes(offset: start, reason: "decision \(number) is unknown")
        }
        self.decision = decision
        score = try readScore(&reader)
        reasons = try ReasonsCodec.read(&reader)
        body = [UInt8](try reader.readBlock())
    }
}
