public import Detection

/// A transaction as the log and every database hold it: decided, sealed, final.
public struct LedgerRecord: Sendable, Equatable {
    public let id: TransactionID
    public let fingerprint: UInt64
    public let userKey: UInt64
    public let occurredAtMicroseconds: Int64
    public let decision: Decision
    /// 0...1.
    public let score: Float
    /// A JSON array of reasons, in UTF-8.
    public let reasons: [UInt8]
    /// Sealed, as in `IntakeRecord`.
    public let body: [UInt8]
    /// What the leader's observation left for the user's history: who folds the record need not observe it again. Nil in
    /// entries of earlier versions of the program alone.
    public let token: Token?
    public let scores: RecordScores

    public init(
        id: TransactionID, fingerprint: UInt64, userKey: UInt64, occurredAtMicroseconds: Int64, decision: Decision,
        score: Float, reasons: [UInt8], body: [UInt8], token: Token?, scores: RecordScores = .none
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.userKey = userKey
        self.occurredAtMicroseconds = occurredAtMicroseconds
        self.decision = decision
        self.score = score
        self.reasons = reasons
        self.body = body
        self.token = token
        self.scores = scores
    }
}

/// The key of a group, with what the first answer to it was.
public struct LedgerKey: Sendable, Equatable {
    public let key: IdempotencyKey
    public let fingerprint: UInt64
    /// The id of the request's first record, be it new or a duplicate.
    public let first: TransactionID
    /// How many records the request had, duplicates included.
    public let count: Int

    public init(key: IdempotencyKey, fingerprint: UInt64, first: TransactionID, count: Int) {
        self.key = key
        self.fingerprint = fingerprint
        self.first = first
        self.count = count
    }
}

/// What is new of one intake group. `records` may be empty: then every record was a duplicate, and the key, or how far
/// the stream has come, alone is news. A key that outlived its 24 hours may come again; it then replaces what was known
/// of it.
public struct LedgerGroup: Sendable, Equatable {
    public let key: LedgerKey?
    public let records: [LedgerRecord]
    /// The stretch of a stream that the group settles; such a group has no key.
    public let source: StreamRange?
    /// Of that stretch.
    public let deadLetters: [DeadLetter]

    public init(key: LedgerKey?, records: [LedgerRecord]) {
        self.key = key
        self.records = records
        source = nil
        deadLetters = []
    }

    public init(source: StreamRange, records: [LedgerRecord], deadLetters: [DeadLetter]) {
        key = nil
        self.records = records
        self.source = source
        self.deadLetters = deadLetters
    }
}

/// The payload of a log entry of kind `command`. Each has the entry's time, never less than the entry's before.
public enum Command: Sendable, Equatable {
    /// The time is the acceptance time of the records. `models` judged them; with none of them, no record has scores.
    case transactions(timeMicroseconds: Int64, groups: [LedgerGroup], models: JudgingModels = .none)
    /// Asks every node for the digest of its content at this entry. Changes nothing.
    case verify(timeMicroseconds: Int64, id: UInt64)
    /// What became known of payments.
    case labels(timeMicroseconds: Int64, [LedgerLabel])
    /// A change of rules, lists or models. `author` is a token's subject, at most 255 bytes.
    case change(timeMicroseconds: Int64, author: String, RegistryChange)
    /// What became of alerts.
    case reviews(timeMicroseconds: Int64, [LedgerReview])
    /// What leaves the cluster, and how far it has come. `author` likewise.
    case outbox(timeMicroseconds: Int64, author: String, [OutboxChange])
    /// An operator says where a stream goes on. `author` likewise.
    case stream(timeMicroseconds: Int64, author: String, StreamChange)
}
