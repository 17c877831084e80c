public import Detection

/// What became of one record of an accepted group.
public enum RecordOutcome: Sendable, Equatable {
    /// New: scored and part of the entry. `reasons` is a JSON array.
    case accepted(decision: Decision, score: Float, reasons: [UInt8])
    /// The same id with the same content has been taken before.
    case duplicate
}

/// What became of a group. Final once the entry that carries it is committed.
public enum GroupOutcome: Sendable, Equatable {
    /// One outcome for each record, in the group's order.
    case accepted([RecordOutcome])
    /// The same Idempotency-Key with the same content: answer as the first time.
    case duplicateKey(first: TransactionID, count: Int)
    /// The same Idempotency-Key with other content. Nothing was taken.
    case keyReused
    /// These ids belong to other content already. Nothing of the group was taken.
    case idReused([TransactionID])
    /// Of a stretch of a stream: all of it is settled.
    case streamed(StreamReceipt)
    /// Of a stretch of a stream that does not fit: nothing of it was taken.
    case streamRefused(StreamRefusal)
}
