public import Detection
public import Raft

/// A transaction as the database holds it; the body is still sealed.
public struct StoredTransaction: Equatable, Sendable {
    public let id: TransactionID
    /// The log entry that carried it.
    public let logIndex: LogIndex
    /// The time of that entry, microseconds since 1970 UTC.
    public let acceptedAtMicroseconds: Int64
    public let occurredAtMicroseconds: Int64
    public let decision: Decision
    /// 0...1.
    public let score: Float
    /// A JSON array, as PostgreSQL writes it.
    public let reasons: [UInt8]
    public let fingerprint: UInt64
    /// Sealed; the associated data are the id's 16 big-endian bytes.
    public let body: [UInt8]
    public let judging: StoredScores
    /// The newest; nil: there is none.
    public let label: StoredLabel?
}

/// What the engines said of a stored transaction, and which models they were.
public struct StoredScores: Equatable, Sendable {
    public let models: JudgingModels
    public let scores: RecordScores

    public init(models: JudgingModels, scores: RecordScores) {
        self.models = models
        self.scores = scores
    }
}

/// A label as the database holds it.
public struct StoredLabel: Equatable, Sendable {
    public let verdict: Verdict
    public let source: String
    public let labelledAtMicroseconds: Int64
    /// The log entry that carried it.
    public let logIndex: LogIndex

    public init(verdict: Verdict, source: String, labelledAtMicroseconds: Int64, logIndex: LogIndex) {
        self.verdict = verdict
        self.source = source
        self.labelledAtMicroseconds = labelledAtMicroseconds
        self.logIndex = logIndex
    }
}

/// Which transactions are wanted; all conditions must hold.
public struct TransactionFilter: Equatable, Sendable {
    public var userKey: UInt64?
    public var decision: Decision?
    /// Not before; microseconds since 1970 UTC.
    public var fromMicroseconds: Int64?
    /// Before; microseconds since 1970 UTC.
    public var toMicroseconds: Int64?

    public init(
        userKey: UInt64? = nil, decision: Decision? = nil, fromMicroseconds: Int64? = nil, toMicroseconds: Int64? = nil
    ) {
        self.userKey = userKey
        self.decision = decision
        self.fromMicroseconds = fromMicroseconds
        self.toMicroseconds = toMicroseconds
    }
}

/// One page of an answer, newest first.
public struct StoredTransactionPage: Equatable, Sendable {
    public let transactions: [StoredTransaction]
    /// Asks for the next page, under the same filter; nil at the end.
    public let next: TransactionCursor?
    /// The database stood at this entry when it answered.
    public let applied: LogIndex
}
