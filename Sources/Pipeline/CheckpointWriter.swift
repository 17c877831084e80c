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
    /// Of the checkpoints on disk, oldest first.
    private let indexes: Mutex<[LogIndex]>

    public init(directory: String, clusterID: String, last: LogIndex, logger: Logger) {
        self.directory = directory
        self.clusterID = clusterID
        self.logger = logger
        indexes = Mutex([last])
    }

    /// The log is needed only after this: should the newest checkpoint turn out to be damaged, the one before it serves.
    public var coveredIndex: LogIndex { indexes.withLock { $0.count < Self.kept ? .zero : $0[0] } }

    /// A failed write leaves the older checkpoint standing: the log is kept and a restart folds more.
    func write(_ state: LedgerState, term: Term) {
        let index = state.applied
        queue.async { [self] in
            do {
                let checkpoint = LedgerCheckpoint(
                    clusterID: clusterID, index: index, term: term, state: state.encode())
                try checkpoint.write(in: directory)
                indexes.withLock { $0 = ($0 + [index]).suffix(Self.kept) }
                try LedgerCheckpoint.removeOld(in: directory, keeping: Self.kept)
                logger.info("checkpoint written", metadata: ["index": "\(index)"])
            } catch {
                logger.error("checkpoint failed", metadata: ["index": "\(index)", "error": "\(error)"])
            }
        }
    }
}
