import Dispatch
import Ledger
package import Logging
public import Raft
import Synchronization
package import Threads

/// Writes checkpoints of the fold on a thread of its own and knows the last one that is safely on disk.
public final class CheckpointWriter: Sendable {
    /// One that is damaged leaves another, and the log is kept from the older one on.
    private static let kept = 2

    let clusterID: String
    private let directory: String
    private let pace: Pace
    private let logger: Logger
    private let queue = DispatchQueue(label: "redoubt.checkpoint", qos: .utility)
    private let content: Mutex<Content>

    private struct Content {
        /// Of the checkpoints on disk that are known to be whole, oldest first; or what stands in for one: where the log begins,
        /// for it reaches back to a checkpoint that was whole once.
        var indexes: [LogIndex]
        var pending = 0
        /// Of the one written last.
        var bytes = 0
    }

    /// - Parameters:
    ///   - last: where the newest whole checkpoint on disk stands; zero if there is none.
    ///   - logBase: what the log begins after. Nothing more of it is let go before the next checkpoint is written, should that
    ///     newest one be damaged later.
    package init(
        directory: String, clusterID: String, last: LogIndex, logBase: LogIndex, pace: Pace = .unlimited, logger: Logger
    ) {
        self.directory = directory
        self.pace = pace
        self.clusterID = clusterID
        self.logger = logger
        content = Mutex(Content(indexes: logBase < last ? [logBase, last] : [last]))
    }

    /// The log is needed only after this: should the newest checkpoint turn out to be damaged, the one before it serves.
    public var coveredIndex: LogIndex { content.withLock { $0.indexes[0] } }

    /// What the newest checkpoint that this process has written takes; zero if there is none.
    var newestBytes: Int { content.withLock { $0.bytes } }
    var isIdle: Bool { content.withLock { $0.pending == 0 } }

    /// Only while idle. A failed write leaves the older checkpoint standing: the log is kept and a restart folds more.
    func write(_ fold: CommittedFold) {
        content.withLock { content in
            precondition(content.pending == 0, "one checkpoint at a time: each holds a whole state in memory")
            content.pending += 1
        }
        queue.async { [self] in
            defer { content.withLock { $0.pending -= 1 } }
            do {
                try writeNow(fold.checkpoint(clusterID: clusterID, pace: pace))
            } catch {
                logger.error("checkpoint failed", metadata: ["index": "\(fold.index)", "error": "\(error)"])
            }
        }
    }

    /// Writes the checkpoint that `fold` gives, after what is being written; returns when it is durable. One that is not
    /// newer than the newest on disk is not written.
    func write(_ fold: @escaping @Sendable () -> LedgerCheckpoint) async throws {
        try await onQueue { [self] in _ = try writeNow(fold()) }
    }

    /// Writes the checkpoint of a snapshot that is being installed, and counts on no other: the log will not reach back to
    /// those before it. Returns when it is durable.
    func replace(by checkpoint: LedgerCheckpoint) async throws {
        try await onQueue { [self] in
            guard try writeNow(checkpoint) else { return }
            content.withLock { $0.indexes = [checkpoint.index] }
        }
    }

    /// The newest checkpoint on disk that is whole.
    func newest() async throws -> LedgerCheckpoint? {
        try await onQueue { [self] in
            let (checkpoint, damaged) = try LedgerCheckpoint.newest(
                in: directory, clusterID: clusterID, pace: pace)
            for error in damaged { logger.error("damaged checkpoint", metadata: ["error": "\(error)"]) }
            return checkpoint
        }
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        content.withLock { $0.pending += 1 }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                let outcome = Result { try body() }
                content.withLock { $0.pending -= 1 }
                continuation.resume(with: outcome)
            }
        }
    }

    /// False if there is one on disk already that is as new.
    @discardableResult
    private func writeNow(_ checkpoint: LedgerCheckpoint) throws -> Bool {
        let index = checkpoint.index
        guard content.withLock({ $0.indexes.allSatisfy { $0 < index } }) else { return false }
        try checkpoint.write(in: directory, pace: pace)
        content.withLock { content in
            content.indexes = (content.indexes + [index]).suffix(Self.kept)
            content.bytes = checkpoint.state.count
        }
        try LedgerCheckpoint.removeOld(in: directory, keeping: Self.kept)
        logger.info("checkpoint written", metadata: ["index": "\(index)"])
        return true
    }
}
