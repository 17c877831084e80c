import Bytes
import Security

/// A record of a stream that could not be taken, and why. It counts as taken: its offset has passed.
public struct DeadLetter: Sendable, Equatable {
    /// In its partition.
    public let offset: Int64
    /// For programs: 1...`maximumReasonBytes` of a-z, 0-9 and `_`.
    public let reason: String
    /// For people; at most `maximumDetailBytes` bytes.
    public let detail: String
    /// The record was a good one, but its id belongs to another: `content` is then its `TransactionBody`, sealed as in
    /// `LedgerRecord`. Nil: `content` is a `DeadLetterContent`.
    public let transactionID: TransactionID?
    /// Sealed.
    public let content: [UInt8]

    public static let maximumReasonBytes = 64
    public static let maximumDetailBytes = 512
    /// Of the sealed content.
    public static let maximumContentBytes = DeadLetterContent.byteLimit + Sealer.overhead

    /// A record with the id of another one that has other content.
    public static let idReused = "id_reused"

    public init(
        offset: Int64, reason: String, detail: String, transactionID: TransactionID? = nil, content: [UInt8]
    ) {
        precondition(offset >= 0 && Self.isValid(reason: reason), "no dead letter: \"\(reason)\" at \(offset)")
        precondition(content.count <= Self.maximumContentBytes, "a dead letter of \(content.count) bytes")
        self.offset = offset
        self.reason = reason
        self.detail = detail.bounded(toBytes: Self.maximumDetailBytes)
        self.transactionID = transactionID
        self.content = content
    }

    public static func isValid(reason: String) -> Bool {
        1...maximumReasonBytes ~= reason.utf8.count
            && reason.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: "_")
            }
    }
}

extension DeadLetter {
    static let minimumByteCount = 17

    func encode(into writer: inout ByteWriter) {
        writer.write(offset)
        writer.writeString(reason)
        writer.writeString(detail)
        writer.write(UInt8(transactionID == nil ? 0 : 1))
        if let transactionID { writer.write(transactionID.rawValue) }
        writer.writeBlock(content)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        offset = try reader.read()
        reason = try reader.readString()
        detail = try reader.readString()
        switch try reader.read(UInt8.self) {
        case 0: transactionID = nil
        case 1: transactionID = TransactionID(rawValue: try reader.read())
        default: throw MalformedBytes(offset: start, reason: "unknown flags of a dead letter")
        }
        content = [UInt8](try reader.readBlock())
        guard offset >= 0, Self.isValid(reason: reason), detail.bounded(toBytes: Self.maximumDetailBytes) == detail,
            content.count <= Self.maximumContentBytes
        else { throw MalformedBytes(offset: start, reason: "no dead letter") }
    }
}
