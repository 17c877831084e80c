public import Postgres
public import Raft

/// Why a snapshot can't be made, read or installed.
public enum LedgerSnapshotError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused; `operation` is what was tried.
    case system(path: String, operation: String, reason: String)
    /// The file is there, but it is not as it was written.
    case damaged(path: String, reason: String)
    /// The file is of a format that this program does not know.
    case unknownVersion(path: String, found: UInt32, known: UInt32)
    /// The file belongs to another cluster.
    case otherCluster(path: String, found: String, expected: String)
    /// The file's tables are of another version of the schema.
    case otherSchema(path: String, found: Int, expected: Int)
    /// One export at a time, one installation at a time.
    case busy
    /// The database does not hold all that the checkpoint does.
    case databaseBehind(applied: LogIndex, checkpoint: LogIndex)
    /// The table of transactions does not have as many rows as were applied: somebody else wrote to it.
    case rowsMiscounted(counted: Int, recorded: Int)
    /// It took longer than it may.
    case timedOut(milliseconds: Int)
    /// The database refused, or was lost while it was read.
    case database(PostgresError)
    /// Given up for something else's sake.
    case interrupted(reason: String)

    public var description: String {
        switch self {
        case .system(let path, let operation, let reason): "\(path): cannot \(operation): \(reason)"
        case .damaged(let path, let reason): "\(path): the snapshot is damaged: \(reason)"
        case .unknownVersion(let path, let found, let known):
            "\(path): the snapshot has format version \(found), this program knows version \(known) alone"
        case .otherCluster(let path, let found, let expected):
            "\(path): the snapshot belongs to cluster \"\(found)\", this is \"\(expected)\""
        case .otherSchema(let path, let found, let expected):
            "\(path): the snapshot's tables have schema version \(found), this program's have \(expected)"
        case .busy: "another snapshot is being made or installed"
        case .databaseBehind(let applied, let checkpoint):
            "the database stands at entry \(applied), before the checkpoint at \(checkpoint)"
        case .rowsMiscounted(let counted, let recorded):
            "the database has \(counted) transactions, \(recorded) were applied: someone else wrote to it"
        case .timedOut(let milliseconds): "the snapshot was not made within \(milliseconds) ms"
        case .database(let error): error.description
        case .interrupted(let reason): "given up: \(reason)"
        }
    }
}
