import Foundation
import Logging
import Raft

/// Why a node can't start.
enum NodeFault: Error, CustomStringConvertible {
    /// The log was compacted beyond the newest readable checkpoint: the profiles in between are nowhere on this node.
    case checkpointMissing(logStartsAfter: LogIndex, checkpoint: LogIndex)
    /// The log lacks entries that were committed and folded: it was lost or replaced by an older copy. To vote with it could
    /// undo what the cluster has acknowledged.
    case logBehindCheckpoint(logEndsAt: LogIndex, checkpoint: LogIndex)
    /// As above, as seen from this node's PostgreSQL.
    case logBehindDatabase(logEndsAt: LogIndex, applied: LogIndex)
    /// There is a log, but not the file that says whose it is.
    case identityMissing(path: String)
    case dataDirectory(path: String, reason: String)

    var description: String {
        switch self {
        case .checkpointMissing(let base, let checkpoint):
            "the log starts after \(base), but the newest readable checkpoint is at \(checkpoint): "
                + "the checkpoint files of this node's data directory are damaged or missing"
        case .logBehindCheckpoint(let last, let checkpoint):
            "the log ends at \(last), but a checkpoint was written at \(checkpoint): "
                + "the log of this node's data directory was lost or replaced by an older copy"
        case .logBehindDatabase(let last, let applied):
            "the log ends at \(last), but this node's PostgreSQL has applied \(applied): "
                + "the log of this node's data directory was lost or replaced by an older copy"
        case .identityMissing(let path):
            "\(path) is missing, but there is a log beside it: put the file back, or empty the data directory, and the node "
                + "will join the cluster anew"
        case .dataDirectory(let path, let reason):
            "data_directory \(path): \(reason)"
        }
    }
}

/// Ends the process when going on would not be safe: at once, so that nothing more is said in the node's name.
struct FatalFault: Sendable {
    /// EX_SOFTWARE of sysexits.h.
    static let exitStatus: Int32 = 70

    let logger: Logger

    func stop(_ error: any Error) {
        logger.critical("this node can't go on", metadata: ["error": "\(error)"])
        _exit(Self.exitStatus)
    }
}
