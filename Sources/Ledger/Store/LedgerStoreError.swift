public import Raft

/// Why the store refuses, or can't go on.
public enum LedgerStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The database holds the content of another node or another cluster. Fatal.
    case foreignDatabase(expected: LedgerStoreIdentity, found: LedgerStoreIdentity)
    /// The schema was made by a newer version of this program. Fatal.
    case newerSchema(found: Int, known: Int)
    /// The server is older than what is supported. Fatal.
    case unsupportedServer(version: Int, minimum: Int)
    /// An entry can't be applied. Fatal: it is never skipped.
    case applyFailed(index: LogIndex, reason: String)
    /// The log does not give an entry that is committed. Fatal.
    case logUnreadable(from: LogIndex, reason: String)
    /// The snapshot that must be installed before anything is applied can't be. Fatal.
    case snapshotNotInstalled(LedgerSnapshotError)
    /// `waitUntilApplied` came to its deadline.
    case notAppliedInTime(index: LogIndex, applied: LogIndex)
    case digestNotReadyInTime(index: LogIndex)
    /// No digest was made for the index, or it has been made too long ago.
    case noDigest(index: LogIndex, reason: String)
    case tooManyWaiters(limit: Int)
    case invalidCursor(reason: String)
    case invalidLimit(Int, allowed: ClosedRange<Int>)
    case closed

    public var description: String {
        switch self {
        case .foreignDatabase(let expected, let found):
            "the database belongs to node \(found.nodeID) of cluster \(found.clusterID), "
                + "not to node \(expected.nodeID) of cluster \(expected.clusterID)"
        case .newerSchema(let found, let known):
            "the database has schema version \(found), this program knows versions up to \(known)"
        case .unsupportedServer(let version, let minimum):
            "PostgreSQL \(version / 10_000).\(version % 10_000) is not supported, \(minimum / 10_000) or later is"
        case .applyFailed(let index, let reason): "entry \(index) can't be applied: \(reason)"
        case .logUnreadable(let from, let reason): "the log can't be read from entry \(from): \(reason)"
        case .snapshotNotInstalled(let error): "the snapshot to begin with was not installed: \(error)"
        case .notAppliedInTime(let index, let applied):
            "entry \(index) was not applied in time: the database is at \(applied)"
        case .digestNotReadyInTime(let index): "the digest at entry \(index) was not ready in time"
        case .noDigest(let index, let reason): "there is no digest at entry \(index): \(reason)"
        case .tooManyWaiters(let limit): "\(limit) callers are waiting for the database, which is the limit"
        case .invalidCursor(let reason): "the cursor is not valid: \(reason)"
        case .invalidLimit(let limit, let allowed):
            "limit is \(limit), it must be \(allowed.lowerBound) to \(allowed.upperBound)"
        case .closed: "the ledger store has been closed"
        }
    }
}
