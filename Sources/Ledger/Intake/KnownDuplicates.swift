public import Raft

/// What a database knows of an Idempotency-Key.
public struct KnownKey: Sendable, Equatable {
    /// The id of the first record of the group that brought the key.
    public let first: TransactionID
    /// How many records that group had, duplicates included.
    public let count: Int
    public let fingerprint: UInt64
    /// The time of the entry that carried it.
    public let acceptedAtMicroseconds: Int64

    public init(first: TransactionID, count: Int, fingerprint: UInt64, acceptedAtMicroseconds: Int64) {
        self.first = first
        self.count = count
        self.fingerprint = fingerprint
        self.acceptedAtMicroseconds = acceptedAtMicroseconds
    }
}

/// A database's answer about ids and keys that the ledger's own memory no longer covers.
public struct KnownDuplicates: Sendable, Equatable {
    /// Each known id and the fingerprint of its content.
    public var ids: [TransactionID: UInt64]
    public var keys: [IdempotencyKey: KnownKey]
    /// The database had applied the log through here when it answered.
    public var through: LogIndex

    public init(
        ids: [TransactionID: UInt64] = [:], keys: [IdempotencyKey: KnownKey] = [:], through: LogIndex = .zero
    ) {
        self.ids = ids
        self.keys = keys
        self.through = through
    }

    public static let none = KnownDuplicates()
}
