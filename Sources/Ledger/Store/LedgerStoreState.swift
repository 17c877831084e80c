public import Raft

/// How the store stands with its database.
public enum LedgerStoreState: Equatable, Sendable {
    /// Not reached yet since the start; `reason` is the last attempt's error.
    case connecting(attempts: Int, reason: String?)
    /// Connected, migrated, ours; entries are applied as they are committed.
    case ready
    /// Connected; the content is being replaced by that of a snapshot, which goes through this entry.
    case installing(through: LogIndex)
    /// Was ready; is being reached again.
    case lost(sinceMicroseconds: Int64, reason: String)
    /// Given up for good.
    case failed(LedgerStoreError)
    case closed
}

/// Counters since the start of the store.
public struct LedgerStoreStatistics: Equatable, Sendable {
    /// Database transactions committed.
    public var databaseTransactions = 0
    /// Entries of the log applied; entries replayed after a loss count again.
    public var entries = 0
    public var rows = 0
    /// Batches that met a transaction id already in the table.
    public var conflicts = 0
    /// Connections made after the first.
    public var reconnections = 0

    public init() {}
}

/// Where the store is, all from one moment.
public struct LedgerStoreProgress: Equatable, Sendable {
    public var state: LedgerStoreState
    /// The last entry known to be committed by the cluster.
    public var committed: LogIndex
    /// The last entry in the database. Falls when the database crashed and lost its last transactions.
    public var applied: LogIndex
    /// The last entry that the database can't lose.
    public var flushed: LogIndex
    /// Rows in the table of transactions.
    public var transactions: Int
    public var statistics: LedgerStoreStatistics

    /// Committed entries that the database does not have yet.
    public var lag: Int { committed > applied ? committed.distance(from: applied) : 0 }
}
