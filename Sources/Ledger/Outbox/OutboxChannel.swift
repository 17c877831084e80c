import Bytes

/// One way on which alerts, or dead letters, leave the cluster: how far it has come, and what it has given up.
public struct OutboxChannel: Sendable, Equatable {
    /// Through here everything is delivered, or given up.
    public internal(set) var position: OutboxPosition
    /// Oldest first; at most `failuresKept`.
    public internal(set) var failures: [FailedDelivery] = []
    /// Failures that made room for newer ones.
    public internal(set) var dropped: UInt64 = 0

    public static let failuresKept = 1_000
    public static let maximumNameBytes = 64
    /// Of the channels of webhooks, which come and go with these.
    public static let webhookPrefix = "webhook:"

    init(position: OutboxPosition) { self.position = position }

    /// 1...64 bytes of a-z, 0-9, `-`, `_` and `:`.
    public static func isValid(name: String) -> Bool {
        1...maximumNameBytes ~= name.utf8.count
            && name.split(separator: ":", omittingEmptySubsequences: false).allSatisfy { isPlain($0) }
    }

    static func isPlain(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
    }
}

/// A delivery that was given up.
public struct FailedDelivery: Sendable, Equatable {
    /// Of what was to be delivered.
    public let position: OutboxPosition
    /// The transaction that it is about; nil: it is about none.
    public let id: TransactionID?
    public let attempts: UInt32
    /// For people; at most `maximumReasonBytes` bytes.
    public let reason: String
    /// Microseconds since 1970 UTC.
    public let failedAtMicroseconds: Int64

    public static let maximumReasonBytes = 256

    public init(
        position: OutboxPosition, id: TransactionID?, attempts: UInt32, reason: String, failedAtMicroseconds: Int64
    ) {
        self.position = position
        self.id = id
        self.attempts = attempts
        self.reason = reason.bounded(toBytes: Self.maximumReasonBytes)
        self.failedAtMicroseconds = failedAtMicroseconds
    }
}

extension OutboxChannel {
    static let minimumByteCount = 24

    func encode(into writer: inout ByteWriter) {
        position.encode(into: &writer)
        writer.write(dropped)
        writer.write(UInt32(failures.count))
        for failure in failures { failure.encode(into: &writer) }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        position = try OutboxPosition(from: &reader)
        dropped = try reader.read()
        let count = try reader.readCount(elementsOfAtLeast: FailedDelivery.minimumByteCount)
        guard count <= Self.failuresKept else {
            throw MalformedBytes(offset: reader.offset, reason: "\(count) failed deliveries")
        }
        for _ in 0..<count { failures.append(try FailedDelivery(from: &reader)) }
    }
}

extension FailedDelivery {
    static let minimumByteCount = 27

    func encode(into writer: inout ByteWriter) {
        position.encode(into: &writer)
        writer.write(UInt8(id == nil ? 0 : 1))
        if let id { writer.write(id.rawValue) }
        writer.write(attempts)
        writer.writeString(reason)
        writer.write(failedAtMicroseconds)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        position = try OutboxPosition(from: &reader)
        id = try reader.readFlag() ? TransactionID(rawValue: try reader.read()) : nil
        attempts = try reader.read()
        let start = reader.offset
        let reason = try reader.readString()
        guard reason.bounded(toBytes: Self.maximumReasonBytes) == reason else {
            throw MalformedBytes(offset: start, reason: "a reason of \(reason.utf8.count) bytes")
        }
        self.reason = reason
        failedAtMicroseconds = try reader.read()
    }
}
