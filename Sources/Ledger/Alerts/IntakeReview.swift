public import Bytes
public import Security

/// What somebody does with an alert.
public enum ReviewAction: Sendable, Equatable {
    /// They look after it from now on, also if it was decided before; nil: nobody does.
    case assign(to: String?)
    /// It was fraud: the payment is labelled so.
    case confirm
    /// It was not: the payment is labelled legitimate.
    case dismiss
    /// Something is written down.
    case note

    public var name: String {
        switch self {
        case .assign: "assign"
        case .confirm: "confirm"
        case .dismiss: "dismiss"
        case .note: "note"
        }
    }
}

/// A review of an alert on its way to the leader.
public struct IntakeReview: Sendable, Equatable {
    /// Its own: the same review again changes nothing.
    public let number: UInt128
    /// The payment's.
    public let id: TransactionID
    /// A token's subject, at most `Command.maximumAuthorBytes` bytes.
    public let author: String
    public let action: ReviewAction
    /// Only if so many reviews came before it; nil: in any case.
    public let expecting: UInt32?
    /// For people; sealed, see `ReviewNote`. `.note` has one.
    public let note: [UInt8]?

    public static let maximumAssigneeBytes = 255

    public init(
        number: UInt128, id: TransactionID, author: String, action: ReviewAction, expecting: UInt32?, note: [UInt8]?
    ) {
        precondition(author.utf8.count <= Command.maximumAuthorBytes, "an author's name is bounded")
        precondition((note?.count ?? 0) <= ReviewNote.maximumSealedBytes, "a note is bounded")
        self.number = number
        self.id = id
        self.author = author
        self.action = action
        self.expecting = expecting
        self.note = note
    }

    /// Whether alerts may be assigned to this name: 1...255 bytes without control characters.
    public static func isValid(assignee: String) -> Bool {
        1...maximumAssigneeBytes ~= assignee.utf8.count && !assignee.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }
}

/// What became of a review. Final once the entry that carries it is committed.
public enum ReviewOutcome: Sendable, Equatable {
    /// The alert stands so now. With a verdict, what it did as a label.
    case reviewed(AlertStanding, label: LabelOutcome?)
    /// This very review was made before: nothing was done.
    case repeated(AlertStanding)
    /// Somebody else was faster: the alert stands otherwise than was expected, and nothing was done.
    case conflict(AlertStanding)
    /// The payment is unknown, or was approved.
    case unknownAlert
}

/// The text of a review.
public enum ReviewNote {
    /// Of the text.
    public static let maximumBytes = 4_096
    static let maximumSealedBytes = maximumBytes + Sealer.overhead

    /// Sealed for this review: it opens with no other.
    public static func seal(_ text: String, of number: UInt128, _ sealer: Sealer) -> [UInt8] {
        precondition(text.utf8.count <= maximumBytes, "a note is bounded")
        return Array(text.utf8).withUnsafeBytes { plain in
            withUnsafeBytes(of: number.bigEndian) { sealer.seal(plain, associatedData: $0) }
        }
    }

    public static func open(_ sealed: [UInt8], of number: UInt128, _ sealer: Sealer) throws -> String {
        var plain: [UInt8] = []
        try sealed.withUnsafeBytes { sealed in
            try withUnsafeBytes(of: number.bigEndian) { try sealer.open(sealed, associatedData: $0, into: &plain) }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}

extension IntakeReview {
    package static let minimumByteCount = 37

    /// For the way to the leader.
    public func encode(into writer: inout ByteWriter) {
        writer.write(number)
        writer.write(id.rawValue)
        writer.writeString(author)
        action.encode(into: &writer)
        writer.write(UInt8(expecting == nil ? 0 : 1))
        if let expecting { writer.write(expecting) }
        writer.writeOptional(note: note)
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        number = try reader.read()
        id = TransactionID(rawValue: try reader.read())
        author = try reader.readAuthor()
        action = try ReviewAction(from: &reader)
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: expecting = nil
        case 1: expecting = try reader.read()
        default: throw MalformedBytes(offset: start, reason: "neither there nor not there")
        }
        note = try reader.readNote()
    }
}

extension ReviewAction {
    private enum Tag: UInt8 {
        case assign = 0
        case confirm = 1
        case dismiss = 2
        case note = 3
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .assign(let assignee):
            writer.write(Tag.assign.rawValue)
            writer.writeOptional(assignee)
        case .confirm: writer.write(Tag.confirm.rawValue)
        case .dismiss: writer.write(Tag.dismiss.rawValue)
        case .note: writer.write(Tag.note.rawValue)
        }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .assign: self = .assign(to: try reader.readAssignee())
        case .confirm: self = .confirm
        case .dismiss: self = .dismiss
        case .note: self = .note
        case nil: throw MalformedBytes(offset: start, reason: "an unknown review")
        }
    }
}

extension ReviewOutcome {
    private enum Tag: UInt8 {
        case reviewed = 0
        case labelled = 1
        case repeated = 2
        case conflict = 3
        case unknownAlert = 4
    }

    /// For the way back to the node that took the review in.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .reviewed(let standing, nil):
            writer.write(Tag.reviewed.rawValue)
            standing.encode(into: &writer)
        case .reviewed(let standing, let label?):
            writer.write(Tag.labelled.rawValue)
            standing.encode(into: &writer)
            writer.write(label.rawValue)
        case .repeated(let standing):
            writer.write(Tag.repeated.rawValue)
            standing.encode(into: &writer)
        case .conflict(let standing):
            writer.write(Tag.conflict.rawValue)
            standing.encode(into: &writer)
        case .unknownAlert: writer.write(Tag.unknownAlert.rawValue)
        }
    }

    public init(from reader: inout ByteReader) throws(MalformedBytes) {
        let start = reader.offset
        switch Tag(rawValue: try reader.read()) {
        case .reviewed: self = .reviewed(try AlertStanding(from: &reader), label: nil)
        case .labelled:
            let standing = try AlertStanding(from: &reader)
            guard let label = LabelOutcome(rawValue: try reader.read()) else {
                throw MalformedBytes(offset: start, reason: "an unknown outcome of a label")
            }
            self = .reviewed(standing, label: label)
        case .repeated: self = .repeated(try AlertStanding(from: &reader))
        case .conflict: self = .conflict(try AlertStanding(from: &reader))
        case .unknownAlert: self = .unknownAlert
        case nil: throw MalformedBytes(offset: start, reason: "an unknown outcome of a review")
        }
    }
}

extension ByteWriter {
    mutating func writeOptional(note: [UInt8]?) {
        write(UInt8(note == nil ? 0 : 1))
        if let note { writeBlock(note) }
    }
}

extension ByteReader {
    mutating func readNote() throws(MalformedBytes) -> [UInt8]? {
        let start = offset
        switch try read(UInt8.self) {
        case 0: return nil
        case 1:
            let note = try readBlock()
            guard note.count <= ReviewNote.maximumSealedBytes else {
                throw MalformedBytes(offset: start, reason: "a note of \(note.count) bytes")
            }
            return [UInt8](note)
        default: throw MalformedBytes(offset: start, reason: "neither there nor not there")
        }
    }
}
