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

    public init(
        id: TransactionID, fingerprint: UInt64, userKey: UInt64, occurredAtMicroseconds: Int64, decision: Decision,
        score: Float, reasons: [UInt8], body: [UInt8]
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.userKey = userKey
        self.occurredAtMicroseconds = occurredAtMicroseconds
        self.decision = decision
        self.score = score
        self.reasons = reasons
        self.body = body
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

/// What is new of one intake group. `records` may be empty: then every record was a duplicate and the key alone is
/// news. A key that outlived its 24 hours may come again; it then replaces what was known of it.
public struct LedgerGroup: Sendable, Equatable {
    public let key: LedgerKey?
    public let records: [LedgerRecord]

    public init(key: LedgerKey?, records: [LedgerRecord]) {
        self.key = key
        self.records = records
    }
}

/// The payload of a log entry of kind `command`.
public enum Command: Sendable, Equatable {
    /// `timeMicroseconds` is the entry's time, never less than the entry's before; it is the acceptance time of its records.
    case transactions(timeMicroseconds: Int64, groups: [LedgerGroup])
    /// Asks every node for the digest of its content at this entry. Changes nothing.
    case verify(timeMicroseconds: Int64, id: UInt64)
}
