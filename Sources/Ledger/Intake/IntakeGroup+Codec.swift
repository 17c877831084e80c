public import Bytes

extension IntakeGroup {
    private static let hasKey: UInt8 = 1
    private static let knownFlag: UInt8 = 2
    private static let streamFlag: UInt8 = 4

    /// For the way to the leader.
    public func encode(into writer: inout ByteWriter) {
        writer.write(
            (key == nil ? 0 : Self.hasKey) | (mayBeKnown ? Self.knownFlag : 0)
                | (stream == nil ? 0 : Self.streamFlag))
        if let key { writer.write(key.digest) }
        writer.write(keyFingerprint)
        writer.write(UInt32(records.count))
        for record in records { record.encode(into: &writer) }
        stream?.encode(into: &writer)
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let flags = try reader.read(UInt8.self)
        guard flags < 8, flags & Self.streamFlag == 0 || flags & Self.hasKey == 0 else {
            throw MalformedBytes(offset: start, reason: "unknown flags")
        }
        key = flags & Self.hasKey == 0 ? nil : IdempotencyKey(digest: try reader.read())
        mayBeKnown = flags & Self.knownFlag != 0
        keyFingerprint = try reader.read()
        let count = try reader.readCount(elementsOfAtLeast: IntakeRecord.minimumByteCount)
        guard count > 0 || flags & Self.streamFlag != 0 else {
            throw MalformedBytes(offset: start, reason: "a group without records")
        }
        var records: [IntakeRecord] = []
        records.reserveCapacity(count)
        for _ in 0..<count { records.append(try IntakeRecord(from: &reader)) }
        self.records = records
        stream = flags & Self.streamFlag == 0 ? nil : try IntakeStream(from: &reader)
        guard stream == nil || stream?.offsets.count == count else {
            throw MalformedBytes(offset: start, reason: "not an offset for each record")
        }
    }
}

extension IntakeRecord {
    static let minimumByteCount = 44

    func encode(into writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.write(fingerprint)
        writer.write(userKey)
        writer.write(occurredAtMicroseconds)
        writer.writeBlock(body)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        id = TransactionID(rawValue: try reader.read())
        fingerprint = try reader.read()
        userKey = try reader.read()
        occurredAtMicroseconds = try reader.read()
        body = [UInt8](try reader.readBlock())
    }
}
