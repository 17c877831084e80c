public import Ledger
public import Raft
import Synchronization

/// A snapshot that was made.
public struct MadeSnapshot: Sendable {
    public let path: String
    /// What consensus has to know of it; the log is needed after its index.
    public let outline: SnapshotOutline
    /// The last entry that the tables include; never below the outline's index.
    public let appliedIndex: LogIndex
    public let duration: Duration
    /// Keeps the log after the outline's index: without it the snapshot would soon be of no use to anyone.
    public let hold: LogHold
}

/// Why there can be no snapshot yet.
public struct NothingToSnapshot: Error, Equatable, CustomStringConvertible {
    public var description: String { "nothing is committed yet that a snapshot could hold" }
}

extension Pipeline {
    /// Writes a snapshot at the newest checkpoint into `directory`; a checkpoint is written first if there is none. What
    /// it returns keeps the log after the snapshot's index from being compacted.
    ///
    /// Throws `NothingToSnapshot`, `CheckpointError`, and what `LedgerStore.exportSnapshot` throws.
    public func makeSnapshot(directory: String, id: UInt64) async throws -> MadeSnapshot {
        let (checkpoint, hold) = try await heldCheckpoint()
        let path = "\(directory)/\(LedgerSnapshot.fileName(index: checkpoint.index, id: id))"
        let receipt = try await store.exportSnapshot(to: path, checkpoint: checkpoint, id: id)
        return MadeSnapshot(
            path: path,
            outline: SnapshotOutline(
                id: id, index: receipt.header.index, term: receipt.header.term, membership: receipt.header.membership,
                byteCount: receipt.byteCount),
            appliedIndex: receipt.appliedIndex, duration: receipt.duration, hold: hold)
    }

    /// The newest checkpoint, and the log after it.
    private func heldCheckpoint() async throws -> (LedgerCheckpoint, LogHold) {
        while true {
            let checkpoint = try await newestCheckpoint()
            if let hold = progress.hold(after: checkpoint.index) { return (checkpoint, hold) }
            // Newer ones were written meanwhile, and the log was compacted after them.
        }
    }

    private func newestCheckpoint() async throws -> LedgerCheckpoint {
        if let checkpoint = try await checkpoints.newest() { return checkpoint }
        let sequencer = sequencer
        let fold = try await withCheckedThrowingContinuation { continuation in
            sequencer.committedFold { outcome in continuation.resume(with: outcome.mapError { $0 as any Error }) }
        }
        guard fold.index > .zero else { throw NothingToSnapshot() }
        let clusterID = checkpoints.clusterID
        try await checkpoints.write { fold.checkpoint(clusterID: clusterID) }
        guard let checkpoint = try await checkpoints.newest() else { throw NothingToSnapshot() }
        return checkpoint
    }

    /// Makes a received snapshot this node's content: its PostgreSQL, its newest checkpoint, its fold, in this order. Each
    /// step is durable before the next; done again, it comes to the same. The node must not lead.
    ///
    /// Nothing is changed before the whole file has been checked and its fold could be read. If the process ends midway,
    /// some steps are done and some not, and PostgreSQL may be ahead of the log: whoever calls remembers that an
    /// installation was begun, and at the start does it again before all else, with the checkpoint of
    /// `LedgerSnapshot.load` and `LedgerStoreOptions.firstSnapshotPath`.
    ///
    /// Returns at once if the node holds all that the snapshot does already. Throws what `LedgerStore.installSnapshot`
    /// throws, `InvalidLedgerState` if the nodes are configured differently, `CheckpointError`, or that the node leads.
    @discardableResult
    public func install(snapshotPath path: String) async throws -> LedgerSnapshotHeader {
        let header = try LedgerSnapshot.header(path: path, clusterID: checkpoints.clusterID)
        // The log may be compacted beyond the snapshot by now: to fall back to it would leave a gap.
        if progress.folded >= header.index, store.flushedIndex >= header.appliedIndex { return header }
        let decoded = Mutex<LedgerState?>(nil)
        let capacities = capacities
        let snapshot = try await store.installSnapshot(path: path) { snapshot in
            let state = try LedgerState(decoding: snapshot.checkpoint.state, configuration: capacities)
            guard state.applied == snapshot.header.index else {
                throw LedgerSnapshotError.damaged(path: path, reason: "its fold stands at entry \(state.applied)")
            }
            decoded.withLock { $0 = state }
        }
        try await checkpoints.replace(by: snapshot.checkpoint)
        guard let state = decoded.withLock({ $0.take() }) else { preconditionFailure("accepted without a fold") }
        let fold = CommittedFold(state: state, term: snapshot.header.term, membership: snapshot.header.membership)
        let sequencer = sequencer
        try await withCheckedThrowingContinuation { continuation in
            sequencer.install(fold) { outcome in continuation.resume(with: outcome.mapError { $0 as any Error }) }
        }
        return snapshot.header
    }
}
