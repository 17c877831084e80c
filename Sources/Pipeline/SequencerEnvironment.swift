package import Ledger
package import Raft
package import Security

/// What the sequencer needs of the rest of the node.
package struct SequencerEnvironment: Sendable {
    package var sealer: Sealer
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
    /// What PostgreSQL knows of payments, once it has applied this entry.
    package var payments: @Sendable (_ ids: [TransactionID], _ atLeast: LogIndex) async throws -> KnownPayments
    package var appliedIndex: @Sendable () -> LogIndex
    package var isPostgresReady: @Sendable () -> Bool
    package var logBytes: @Sendable () -> Int
    /// The fold stands at this index.
    package var folded: @Sendable (LogIndex) -> Void
    /// No checkpoint is being written.
    package var canCheckpoint: @Sendable () -> Bool
    /// Bytes of the newest checkpoint; zero where none was written yet.
    package var checkpointBytes: @Sendable () -> Int
    /// A checkpoint is due.
    package var checkpoint: @Sendable (CommittedFold) -> Void
    /// A verification stands at this index, with this state.
    package var digest: @Sendable (LedgerState, LogIndex) -> Void
    /// The fold can't go on: the node must end.
    package var failed: @Sendable (any Error) -> Void
    /// This node leads in this term, with all of its predecessors' entries folded; nil: it does not.
    package var office: @Sendable (Term?) -> Void

    package init(
        sealer: Sealer, now: @escaping @Sendable () -> Int64,
        entries: @escaping @Sendable (LogIndex, LogIndex, Int) throws -> [LedgerEntry],
        propose: @escaping @Sendable ([UInt8], Term, UInt64, @escaping @Sendable (Bool) -> Void) -> Void,
        lookUp: @escaping @Sendable ([TransactionID], [IdempotencyKey]) async throws -> KnownDuplicates,
        payments: @escaping @Sendable ([TransactionID], LogIndex) async throws -> KnownPayments,
        appliedIndex: @escaping @Sendable () -> LogIndex, isPostgresReady: @escaping @Sendable () -> Bool,
        logBytes: @escaping @Sendable () -> Int, folded: @escaping @Sendable (LogIndex) -> Void,
        canCheckpoint: @escaping @Sendable () -> Bool, checkpointBytes: @escaping @Sendable () -> Int,
        checkpoint: @escaping @Sendable (CommittedFold) -> Void,
        digest: @escaping @Sendable (LedgerState, LogIndex) -> Void, failed: @escaping @Sendable (any Error) -> Void,
        office: @escaping @Sendable (Term?) -> Void = { _ in }
    ) {
        self.sealer = sealer
        self.now = now
        self.entries = entries
        self.propose = propose
        self.lookUp = lookUp
        self.payments = payments
        self.appliedIndex = appliedIndex
        self.isPostgresReady = isPostgresReady
        self.logBytes = logBytes
        self.folded = folded
        self.canCheckpoint = canCheckpoint
        self.checkpointBytes = checkpointBytes
        self.checkpoint = checkpoint
        self.digest = digest
        self.failed = failed
        self.office = office
    }
}
