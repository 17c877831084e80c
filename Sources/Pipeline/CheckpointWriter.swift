import Dispatch
import Ledger
public import Logging
public import Raft
import Synchronization

/// Writes checkpoints of the fold on a thread of its own and knows the last one that is safely on disk.
public final class CheckpointWriter: Sendable {
    /// One that is damaged leaves another, and the log is kept from the older one on.
    private static let kept = 2

    private let directory: String
    private let clusterID: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "redoubt.checkpoint", qos: .utility)
    private let content: Mutex<Content>

    private struct Content {
        /// Of the checkpoints on disk that are known to be whole, oldest first. Zero stands for none.
        var indexes: [LogIndex]
        var isWriting = false
    }

    public init(directory: String, clusterID: String, last: LogIndex, logger: Logger) {
        self.directory = directory
        self.clusterID = clusterID
        self.logger = logger
        content = Mutex(Content(indexes: [last]))
    }

    /// The log is needed only after this: should the newest checkpoint turn out to be damaged, the one before it serves.
    public var coveredIndex: LogIndex { content.withLock { $0.indexes[0] } }

    var isIdle: Bool { content.withLock { !$0.isWriting } }

    /// Only while idle. A failed write leaves the older checkpoint standing: the log is kept and a restart folds more.
    func write(_ state: LedgerState, term: Term) {
        content.withLock { content in
            precondition(!content.isWriting, "one checkpoint at a time: each holds a whole state in memory")
            content.isWriting = true
        }
        queue.async { [self] in
            defer { content.withLock { $0.isWriting = false } }
            let index = state.applied
            do {
                let checkpoint = LedgerCheckpoint(
                    clusterID: clusterID, index: index, term: term, state: state.encode())
                try checkpoint.write(in: directory)
                content.withLock { $0.indexes = ($0.indexes + [index]).suffix(Self.kept) }
                try LedgerCheckpoint.removeOld(in: directory, keeping: Self.kept)
                logger.info("checkpoint written", metadata: ["index": "\(index)"])
            } catch {
                logger.error("checkpoint failed", metadata: ["index": "\(index)", "error": "\(error)"])
            }
        }
    }
}
