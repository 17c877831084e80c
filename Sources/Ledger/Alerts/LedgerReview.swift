import Bytes
import Detection

/// A review of an alert as the log and every database hold it: what was done, and how the alert stands since.
public struct LedgerReview: Sendable, Equatable {
    /// The payment's.
    public let id: TransactionID
    public let author: String
    public let action: ReviewAction
    /// Sealed; see `ReviewNote`.
    public let note: [UInt8]?
    /// Afterwards. `lastReview` is this one's number.
    public let standing: AlertStanding
    /// A verdict that is news of the payment.
    public let label: LedgerLabel?

    public init(
        id: TransactionID, author: String, action: ReviewAction, note: [UInt8]?, standing: AlertStanding,
        label: LedgerLabel?
    ) {
        self.id = id
        self.author = author
        self.action = action
        self.note = note
        self.standing = standing
        self.label = label
    }

    /// Who a label says that it is from.
    static func labelSource(of author: String) -> String {
        var source = "review:"
        for character in author.unicodeScalars
        where character.value >= 0x20 && character.value != 0x7F {
            guard source.utf8.count + UTF8.width(character) <= IntakeLabel.maximumSourceBytes else { break }
            source.unicodeScalars.append(character)
        }
        return source
    }
}

extension ReviewAction {
    /// What it says of the payment.
    var verdict: Verdict? {
        switch self {
        case .confirm: .fraud
        case .dismiss: .legitimate
        case .assign, .note: nil
        }
    }
}

extension LedgerReview {
    static let minimumByteCount = 28

    /// About as many as it encodes to.
    var byteCount: Int { 1_024 + (note?.count ?? 0) + (label.map { $0.body.count + 128 } ?? 0) }

    func encode(into writer: inout ByteWriter) {
        writer.write(id.rawValue)
        writer.writeString(author)
        action.encode(into: &writer)
        writer.writeOptional(note: note)
        standing.encode(into: &writer)
        writer.write(UInt8(label == nil ? 0 : 1))
        label?.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
        id = TransactionID(rawValue: try reader.read())
        author = try reader.readAuthor()
        action = try ReviewAction(from: &reader)
        note = try reader.readNote()
        standing = try AlertStanding(from: &reader)
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: label = nil
        case 1: label = try LedgerLabel(from: &reader)
        default: throw MalformedBytes(offset: start, reason: "neither there nor not there")
        }
        guard label == nil || label?.id == id else {
            throw MalformedBytes(offset: start, reason: "a label of another payment than the review is of")
        }
    }
}
