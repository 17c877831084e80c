public import Ledger
public import Pipeline

/// What became of a review: it is committed.
public struct ReviewAnswer: Sendable, Equatable, Codable {
    /// Of the alert, which is the transaction's.
    public var id: String
    /// How the alert stands now: open, assigned, confirmed or dismissed.
    public var state: String
    public var assignee: String?
    /// Reviews so far.
    public var revision: UInt32
    /// This very review was made before; nothing was done.
    public var repeated: Bool
    /// What a verdict did as a label of the payment; nil: it was none, or the review was made before.
    public var label: LabelAnswer?
    /// At or below which it is committed.
    public var logIndex: UInt64

    public init(_ id: TransactionID, _ receipt: ReviewReceipt) {
        self.id = "\(id)"
        state = receipt.standing.state.name
        assignee = receipt.standing.assignee
        revision = receipt.standing.revision
        repeated = receipt.isRepeated
        label = receipt.label.map { outcome in
            LabelAnswer(
                LabelResult(line: nil, transactionID: "\(id)", status: LabelResult.Status(outcome)),
                logIndex: receipt.commitIndex)
        }
        logIndex = receipt.commitIndex
    }

    /// Null where there is nobody and nothing: the fields are always there.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(state, forKey: .state)
        try fields.encode(assignee, forKey: .assignee)
        try fields.encode(revision, forKey: .revision)
        try fields.encode(repeated, forKey: .repeated)
        try fields.encode(label, forKey: .label)
        try fields.encode(logIndex, forKey: .logIndex)
    }

    private enum CodingKeys: String, CodingKey {
        case id, state, assignee, revision, repeated, label
        case logIndex = "log_index"
    }
}
