import Detection

/// How to take back one proposal of a leader. Keep it until the entry is committed.
///
/// Holds the replaced profiles and, if a memory rotated, the dropped generation.
public struct LedgerUndo: Sendable {
    let ordinal: UInt64
    let previousTimeMicroseconds: Int64
    let previousTransactionCount: UInt64
    let previousReports: ModelReports
    var ids: [GenerationalMap<TransactionID, UInt64>.Undo] = []
    var keys: [GenerationalMap<IdempotencyKey, KnownKey>.Undo] = []
    var verdicts: [GenerationalMap<TransactionID, Verdict>.Undo] = []
    var takenLabels: [GenerationalMap<UInt64, LabelOutcome>.Undo] = []
    var standings: [GenerationalMap<TransactionID, AlertStanding>.Undo] = []
    var profiles: [Profiles.Undo] = []
    var streams: [StreamOffsets.Undo] = []
    /// What they were before, if they were changed.
    var outbox: Outbox?
    var registry: DetectionRegistry?
}

/// What a leader's `take` came to.
public struct Taken: Sendable {
    /// To be proposed; nil if nothing was new, and then the state is as before.
    public let command: Command?
    /// One for each group, in order. To be told only when the command is committed, and every entry before it.
    public let outcomes: [GroupOutcome]
    /// Nil if and only if the command is.
    public let undo: LedgerUndo?
}

/// What the leader's part for work of another kind (`takeLabels`, `takeChange` …) came to.
public struct TakenOther<Outcome: Sendable>: Sendable {
    /// To be proposed; nil if nothing was new, and then the state is as before.
    public let command: Command?
    /// To be told only when the command is committed, and every entry before it.
    public let outcome: Outcome
    /// Nil if and only if the command is.
    public let undo: LedgerUndo?
}
