import Ledger
import Raft

/// What other threads tell the sequencer's.
enum SequencerInput: Sendable {
    case status(Status)
    case committed(LogIndex)
    case work(QueuedWork)
    case refused(sequence: UInt64)
    case install(CommittedFold, @Sendable (Result<Void, SequencerError>) -> Void)
    /// Looks at the fold; what it returns is called when all that the fold held is committed.
    case read(@Sendable (LedgerState, Judge) -> @Sendable () -> Void, failed: @Sendable () -> Void)
    case askForFold(@Sendable (Result<CommittedFold, SequencerError>) -> Void)
    case look
    case stop
}

struct QueuedWork: Sendable {
    var work: Work
    /// What PostgreSQL knows of its ids and keys, once it was asked.
    var known: KnownDuplicates?
    /// What PostgreSQL knows of the payments that it labels or reviews, once it was asked.
    var payments: KnownPayments?
    var reply: Sequencer.Reply
}

struct SequencerInbox: Sendable {
    var inputs: [SequencerInput] = []
    var works = 0
    var bytes = 0
    var isStopped = false
}
