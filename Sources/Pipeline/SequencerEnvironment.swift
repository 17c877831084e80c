package import Detection
package import Ledger
package import Raft
package import Security

/// What the sequencer needs of the rest of the node.
package struct SequencerEnvironment: Sendable {
    package var sealer: Sealer
    package var rules: RuleSet
    /// Microseconds since 1970 UTC.
    package var now: @Sendable () -> Int64
    /// Committed entries of the log, from memory or disk; at least one.
    package var entries: @Sendable (_ from: LogIndex, _ through: LogIndex, _ maxBytes: Int) throws -> [LedgerEntry]
    /// Hands a command to consensus; the completion hears whether it was taken.
    package var propose:
        @Sendable (
            _ payload: [UInt8], _ term: Term, _ epoch: UInt64, _ completion: @escaping @Sendable (Bool) -> Void
        ) -> Void
    package var lookUp: @Sendable (_ ids: [TransactionID], _ keys: [IdempotencyKey]) async throws -> KnownDuplicates
    package var appliedIndex: @Sendable () -> LogIndex
    package var isPostgresReady: @Sendable () -> Bool
    package var logBytes: @Sendable () -> Int
    /// The fold stands at this index.
    package var folded: @Sendable (LogIndex) -> Void
    /// No checkpoint is being written.
    package var canCheckpoint: @Sendable () -> Bool
    /// A checkpoint is due.
    package var checkpoint: @Sendable (CommittedFold) -> Void
    /// A verification stands at this index, with this state.
    package var digest: @Sendable (LedgerState, LogIndex) -> Void
    /// The fold can't go on: the node must end.
    package var failed: @Sendable (any Error) -> Void

    package init(
        sealer: Sealer, rules: RuleSet, now: @escaping @Sendable () -> Int64,
        entries: @escaping @Sendable (LogIndex, LogIndex, Int) throws -> [LedgerEntry],
        propose: @escaping @Sendable ([UInt8], Term, UInt64, @escaping @Sendable (Bool) -> Void) -> Void,
        lookUp: @escaping @Sendable ([TransactionID], [IdempotencyKey]) async throws -> KnownDuplicates,
        appliedIndex: @escaping @Sendable () -> LogIndex, isPostgresReady: @escaping @Sendable () -> Bool,
        logBytes: @escaping @Sendable () -> Int, folded: @escaping @Sendable (LogIndex) -> Void,
        canCheckpoint: @escaping @Sendable () -> Bool, checkpoint: @escaping @Sendable (CommittedFold) -> Void,
        digest: @escaping @Sendable (LedgerState, LogIndex) -> Void, failed: @escaping @Sendable (any Error) -> Void
    ) {
        self.sealer = sealer
        self.rules = rules
        self.now = now
        self.entries = entries
        self.propose = propose
        self.lookUp = lookUp
        self.appliedIndex = appliedIndex
        self.isPostgresReady = isPostgresReady
        self.logBytes = logBytes
        self.folded = folded
        self.canCheckpoint = canCheckpoint
        self.checkpoint = checkpoint
        self.digest = digest
        self.failed = failed
    }
}
