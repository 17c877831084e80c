public import Bytes
public import Detection

/// A label as the log and every database hold it, with all that the fold needs of its payment.
public struct LedgerLabel: Sendable, Equatable {
    /// The intake's; nil: it is part of a review, which has a number of its own.
    public let number: UInt64?
    /// The payment's.
    public let id: TransactionID
    /// Of the payment.
    public let userKey: UInt64
    public let verdict: Verdict
    /// What the label before it said of the same payment.
    public let previous: Verdict?
    public let source: String
    public let labelledAtMicroseconds: Int64
    public let judged: JudgedPayment
    /// The payment's, sealed as in `LedgerRecord`.
    public let body: [UInt8]

    public init(
        number: UInt64? = nil, id: TransactionID, userKey: UInt64, verdict: Verdict, previous: Verdict?, source: String,
        labelledAtMicroseconds: Int64, judged: JudgedPayment, body: [UInt8]
    ) {
        self.number = number
        self.id = id
        self.userKey = userKey
        self.verdict = verdict
        self.previous = previous
        self.source = source
        self.labelledAtMicroseconds = labelledAtMicroseconds
        self.judged = judged
        self.body = body
    }

    /// What it came to.
    var outcome: LabelOutcome { previous == nil ? .accepted : .changed }
}

extension LedgerLabel {
    static let minimumByteCount = 42
    private static let hasPrevious: UInt8 = 1
    private static let hasModel: UInt8 = 2
    private static let flagged: UInt8 = 4
    private static let hasShadow: UInt8 = 8
    private static let shadowFlagged: UInt8 = 16
    private static let hasNumber: UInt8 = 32

    func encode(into writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.write(userKey)
        writer.write(verdict.rawValue)
        writer.write(
            (previous == nil ? 0 : Self.hasPrevious) | (judged.model == nil ? 0 : Self.hasModel)
                | (judged.isFlagged ? Self.flagged : 0) | (judged.shadowModel == nil ? 0 : Self.hasShadow)
                | (judged.isFlaggedByShadow ? Self.shadowFlagged : 0) | (number == nil ? 0 : Self.hasNumber))
        if let number { writer.write(number) }
        if let previous { writer.write(previous.rawValue) }
        if let model = judged.model { writer.write(model.rawValue) }
        if let model = judged.shadowModel { writer.write(model.rawValue) }
        writer.writeString(source)
        writer.write(labelledAtMicroseconds)
        writer.writeBlock(body)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        id = TransactionID(rawValue: try reader.read())
        userKey = try reader.read()
        verdict = try Verdict(from: &reader)
        let start = reader.offset
        let flags = try reader.read(UInt8.self)
        guard flags < 64 else { throw MalformedBytes(offset: start, reason: "unknown flags") }
        number = flags & Self.hasNumber == 0 ? nil : try reader.read()
        previous = flags & Self.hasPrevious == 0 ? nil : try Verdict(from: &reader)
        judged = JudgedPayment(
            model: flags & Self.hasModel == 0 ? nil : ModelID(rawValue: try reader.read()),
            isFlagged: flags & Self.flagged != 0,
            shadowModel: flags & Self.hasShadow == 0 ? nil : ModelID(rawValue: try reader.read()),
            isFlaggedByShadow: flags & Self.shadowFlagged != 0)
        source = try reader.readSource()
        labelledAtMicroseconds = try reader.readEventTime()
        body = [UInt8](try reader.readBlock())
    }
}

extension IntakeLabel {
    package static let minimumByteCount = 36

    /// For the way to the leader.
    public func encode(into writer: inout ByteWriter) {
        writer.write(number)
        writer.write(id.rawValue)
        writer.write(verdict.rawValue)
        writer.writeString(source)
        writer.write(labelledAtMicroseconds)
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        number = try reader.read()
        id = TransactionID(rawValue: try reader.read())
        verdict = try Verdict(from: &reader)
        source = try reader.readSource()
        labelledAtMicroseconds = try reader.readEventTime()
    }
}

extension LabelOutcome {
    package init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let number = try reader.read(UInt8.self)
        guard let outcome = LabelOutcome(rawValue: number) else {
            throw MalformedBytes(offset: start, reason: "unknown outcome \(number) of a label")
        }
        self = outcome
    }
}

extension Verdict {
    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        let number = try reader.read(UInt8.self)
        guard let verdict = Verdict(rawValue: number) else {
            throw MalformedBytes(offset: start, reason: "verdict \(number) is unknown")
        }
        self = verdict
    }
}

extension ByteReader {
    fileprivate mutating func readSource() throws(MalformedBytes) -> String {
        let start = offset
        let source = try readString()
        guard IntakeLabel.isValid(source: source) else {
            throw MalformedBytes(offset: start, reason: "a label's source of \(source.utf8.count) bytes")
        }
        return source
    }

    fileprivate mutating func readEventTime() throws(MalformedBytes) -> Int64 {
        let start = offset
        let time = try read(Int64.self)
        guard PaymentEvent.occurredAtRange ~= time else {
            throw MalformedBytes(offset: start, reason: "a time outside its range")
        }
        return time
    }
}
