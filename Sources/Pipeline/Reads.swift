public import Detection
public import Ledger

/// How fresh a read must be.
public enum ReadConsistency: String, Sendable, CaseIterable {
    /// What this node has applied, however far behind it is.
    case local
    /// Everything that was acknowledged anywhere before the read began (ReadIndex).
    case linearizable
}

/// A stored transaction, opened.
public struct TransactionView: Sendable, Equatable {
    public let id: TransactionID
    public let transaction: Transaction
    /// The time of the log entry that carries it.
    public let acceptedAtMicroseconds: Int64
    public let logIndex: UInt64
    public let verdict: Judgement
    /// What the engines said one by one; nil: rules alone judged.
    public let detection: DetectionScores?
    /// The newest; nil: nobody has said what it turned out to be.
    public let label: LabelView?

    public init(
        id: TransactionID, transaction: Transaction, acceptedAtMicroseconds: Int64, logIndex: UInt64,
        verdict: Judgement, detection: DetectionScores? = nil, label: LabelView? = nil
    ) {
        self.id = id
        self.transaction = transaction
        self.acceptedAtMicroseconds = acceptedAtMicroseconds
        self.logIndex = logIndex
        self.verdict = verdict
        self.detection = detection
        self.label = label
    }
}

/// Which stored transactions to list, newest occurrence first, ties by descending id.
public struct TransactionQuery: Sendable, Equatable {
    public var userID: String?
    public var decision: Decision?
    /// Inclusive.
    public var fromMicroseconds: Int64?
    /// Exclusive.
    public var toMicroseconds: Int64?
    /// 1...1000.
    public var limit: Int
    /// The last transaction of the page before; the page starts strictly after it.
    public var after: TransactionCursor?

    public init(
        userID: String? = nil, decision: Decision? = nil, fromMicroseconds: Int64? = nil, toMicroseconds: Int64? = nil,
        limit: Int = 100, after: TransactionCursor? = nil
    ) {
        self.userID = userID
        self.decision = decision
        self.fromMicroseconds = fromMicroseconds
        self.toMicroseconds = toMicroseconds
        self.limit = limit
        self.after = after
    }
}

/// One page of a list.
public struct TransactionPage: Sendable, Equatable {
    public let transactions: [TransactionView]
    /// Where the next page starts; nil: this was the last.
    public let next: TransactionCursor?

    public init(transactions: [TransactionView], next: TransactionCursor?) {
        self.transactions = transactions
        self.next = next
    }
}

/// The content of one node's ledger at one index, in one number.
public struct NodeDigest: Sendable, Equatable, Encodable {
    public let node: UInt64
    public let index: UInt64
    /// Hexadecimal; equal on two nodes exactly if their content is.
    public let digest: String
    /// How many transactions the ledger holds at `index`.
    public let transactions: UInt64

    public init(node: UInt64, index: UInt64, digest: String, transactions: UInt64) {
        self.node = node
        self.index = index
        self.digest = digest
        self.transactions = transactions
    }
}

/// What a node can say about its digest at an index.
public enum DigestAnswer: Sendable, Equatable {
    case known(NodeDigest)
    /// The verification is in the log, but this node has not come to it, or is still computing.
    case computing
    /// No verification stands at this index, or its result is no longer kept.
    case unknown
}
