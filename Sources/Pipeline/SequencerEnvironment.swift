import Detection
import Ledger
import Raft
import Security

/// What the sequencer needs of the rest of the node.
struct SequencerEnvironment: Sendable {
    var sealer: Sealer
    var rules: RuleSet
    /// Microseconds since 1970 UTC.
    var now: @Sendable () -> Int64
    /// Committed entries of the log, from memory or disk; at least one.
    var entries: @Sendable (_ from: LogIndex, _ through: LogIndex, _ maxBytes: Int) throws -> [LedgerEntry]
    /// Hands a command to consensus; the completion hears whether it was taken.
    var propose:
        @Sendable (
            _ payload: [UInt8], _ term: Term, _ epoch: UInt64, _ completion: @escaping @Sendable (Bool) -> Void
        ) -> Void
    var lookUp: @Sendable (_ ids: [TransactionID], _ keys: [IdempotencyKey]) async throws -> KnownDuplicates
    var appliedIndex: @Sendable () -> LogIndex
    var isPostgresReady: @Sendable () -> Bool
    var logBytes: @Sendable () -> Int
    /// The fold stands at this index.
    var folded: @Sendable (LogIndex) -> Void
    /// A checkpoint of this state, whose last entry is of this term, is due.
    var checkpoint: @Sendable (LedgerState, Term) -> Void
    /// A verification stands at this index, with this state.
    var digest: @Sendable (LedgerState, LogIndex) -> Void
    /// The fold can't go on: the node must end.
    var failed: @Sendable (any Error) -> Void
}
