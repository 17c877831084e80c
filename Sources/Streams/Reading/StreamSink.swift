public import Kafka

/// Where the ledger stands in one partition.
public struct LedgerOffset: Sendable, Equatable {
    public var clusterID: String
    /// Of the record that it wants next, or a later one.
    public var next: Int64

    public init(clusterID: String, next: Int64) {
        self.clusterID = clusterID
        self.next = next
    }
}

/// What became of a batch.
public enum BatchOutcome: Sendable, Equatable {
    /// It is committed on a majority. `deadLetters` are those that the batch brought and those that the ledger found: ids
    /// that belong to other payments.
    case committed(duplicates: Int, deadLetters: Int)
    /// The ledger stands elsewhere; nothing was taken.
    case offsetConflict(next: Int64)
    /// The ledger knows the partition from another cluster, or from before an operator's reset; nothing was taken.
    case streamChanged(clusterID: String)
    /// The ledger keeps the offsets of as many partitions as it may; nothing was taken.
    case tooManyPartitions(limit: Int)
    /// No leader, no quorum, a queue at its bound, or no answer in time. It may have been taken or not, and is to be handed
    /// over again, not before `retryAfterMilliseconds`.
    case unavailable(reason: String, retryAfterMilliseconds: Int)
    /// The ledger can't take it as it stands, and never will.
    case invalid(reason: String)
}

/// Where a worker's batches go: the replicated ledger.
public protocol StreamSink: Sendable {
    /// Takes the batch and the partition's new offset in one step, or neither. Answers in the end, whatever happens.
    ///
    /// Batches of one partition are handed over in order, several before the first is answered. A sink that puts the batch
    /// into its queue before it first suspends keeps that order; one that does not costs time, never a record.
    func submit(_ batch: StreamBatch) async -> BatchOutcome

    /// Where the ledger stands, by a linearizable read: an older answer could name offsets that retention has passed.
    func nextOffsets() async throws -> [KafkaPartition: LedgerOffset]
}
