public import Bytes
public import Raft

/// What nodes say to each other about who they are. It travels in frames of its own kind, whether or not the cores run.
public enum BootMessage: Equatable, Sendable {
    case ask(BootAsk)
    case answer(BootAnswer)
}

/// "Am I the newest that you know of me?"
public struct BootAsk: Equatable, Sendable {
    public enum Subject: Equatable, Sendable {
        /// An empty directory: only the number is known.
        case unborn(number: UInt64, nonce: UInt64)
        case claim(BootRecord)
    }

    public let subject: Subject
    /// All that the asking node remembers of others, so that who was away learns what it has missed.
    public let records: [BootRecord]

    public init(subject: Subject, records: [BootRecord]) {
        self.subject = subject
        self.records = records
    }
}

public struct BootAnswer: Equatable, Sendable {
    public enum Verdict: Equatable, Sendable {
        /// The answering node has an empty directory as well; it vouches for nobody.
        case unborn
        /// To an empty directory: the cluster exists. `known` is the newest life of the asking number that was ever
        /// heard of; `isFounder` says that its life 0 is a member.
        case exists(known: NodeID?, isFounder: Bool)
        /// The claim is recorded, durably; `known` is what was recorded before.
        case welcome(known: BootRecord?)
        /// A later boot of the same life is known, or this one with another nonce.
        case stale(known: BootRecord)
        /// The claiming life is over: the number lives on as another.
        case otherLife(NodeID)
    }

    /// Of the ask that is answered, so that an answer to an earlier one is not mistaken for it.
    public let nonce: UInt64
    public let verdict: Verdict
    public let records: [BootRecord]

    public init(nonce: UInt64, verdict: Verdict, records: [BootRecord]) {
        self.nonce = nonce
        self.verdict = verdict
        self.records = records
    }
}

extension BootMessage {
    static let maximumRecords = BootRegister.maximumRecords

    private enum Kind: UInt8 {
        case askUnborn = 1
        case askClaim, answerUnborn, answerExists, answerWelcome, answerStale, answerOtherLife
    }

    public func encode() -> [UInt8] {
        var writer = ByteWriter()
        let records: [BootRecord]
        switch self {
        case .ask(let ask):
            records = ask.records
            switch ask.subject {
            case .unborn(let number, let nonce):
                writer.write(Kind.askUnborn.rawValue)
                writer.write(number)
                writer.write(nonce)
            case .claim(let record):
                writer.write(Kind.askClaim.rawValue)
                record.encode(into: &writer)
            }
        case .answer(let answer):
            records = answer.records
            Self.encode(answer, into: &writer)
        }
        writer.write(UInt32(records.count))
        for record in records { record.encode(into: &writer) }
        return writer.bytes
    }

    private static func encode(_ answer: BootAnswer, into writer: inout ByteWriter) {
        func begin(_ kind: Kind) {
            writer.write(kind.rawValue)
            writer.write(answer.nonce)
        }
        switch answer.verdict {
        case .unborn: begin(.answerUnborn)
        case .exists(let known, let isFounder):
            begin(.answerExists)
            writer.write(known?.rawValue ?? 0)
            writer.write(UInt8(isFounder ? 1 : 0))
        case .welcome(let known):
            begin(.answerWelcome)
            writer.write(UInt8(known == nil ? 0 : 1))
            known?.encode(into: &writer)
        case .stale(let known):
            begin(.answerStale)
            known.encode(into: &writer)
        case .otherLife(let node):
            begin(.answerOtherLife)
            writer.write(node.rawValue)
        }
    }

    /// Survives any bytes: what no writer would have written is `MalformedBytes`.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> BootMessage {
        var reader = ByteReader(bytes)
        let rawKind = try reader.read(UInt8.self)
        guard let kind = Kind(rawValue: rawKind) else {
            throw MalformedBytes(offset: 0, reason: "unknown boot message \(rawKind)")
        }
        if kind == .askUnborn || kind == .askClaim {
            let subject = try decodeSubject(kind, &reader)
            return .ask(BootAsk(subject: subject, records: try decodeRecords(&reader)))
        }
        let nonce = try reader.read(UInt64.self)
        let verdict = try decodeVerdict(kind, &reader)
        return .answer(BootAnswer(nonce: nonce, verdict: verdict, records: try decodeRecords(&reader)))
    }

    private static func decodeSubject(
        _ kind: Kind, _ reader: inout ByteReader
    ) throws(MalformedBytes) -> BootAsk.Subject {
        guard kind == .askUnborn else { return .claim(try BootRecord(decoding: &reader)) }
        let number = try reader.read(UInt64.self)
        guard NodeID.numbers.contains(number) else {
            throw MalformedBytes(offset: reader.offset, reason: "number \(number)")
        }
        return .unborn(number: number, nonce: try reader.read())
    }

    private static func decodeVerdict(
        _ kind: Kind, _ reader: inout ByteReader
    ) throws(MalformedBytes) -> BootAnswer.Verdict {
        switch kind {
        case .answerExists:
            let known = try reader.read(UInt64.self)
            let node = NodeID(validating: known)
            guard node != nil || known == 0 else {
                throw MalformedBytes(offset: reader.offset, reason: "a node without a number")
            }
            return .exists(known: node, isFounder: try flag(&reader))
        case .answerWelcome:
            return .welcome(known: try flag(&reader) ? try BootRecord(decoding: &reader) : nil)
        case .answerStale: return .stale(known: try BootRecord(decoding: &reader))
        case .answerOtherLife: return .otherLife(try reader.readNodeID())
        case .answerUnborn, .askUnborn, .askClaim: return .unborn
        }
    }

    private static func flag(_ reader: inout ByteReader) throws(MalformedBytes) -> Bool {
        let value = try reader.read(UInt8.self)
        guard value <= 1 else { throw MalformedBytes(offset: reader.offset, reason: "a flag of \(value)") }
        return value == 1
    }

    private static func decodeRecords(_ reader: inout ByteReader) throws(MalformedBytes) -> [BootRecord] {
        let count = try reader.readCount(elementsOfAtLeast: 28)
        guard count <= maximumRecords else {
            throw MalformedBytes(offset: reader.offset, reason: "\(count) records")
        }
        var records: [BootRecord] = []
        for _ in 0..<count { records.append(try BootRecord(decoding: &reader)) }
        guard reader.isAtEnd else {
            throw MalformedBytes(offset: reader.offset, reason: "\(reader.remaining) bytes after the message")
        }
        return records
    }
}
