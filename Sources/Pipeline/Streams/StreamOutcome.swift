public import Ledger

/// What became of a stretch of a stream.
public enum StreamOutcome: Sendable, Equatable {
    /// It is committed on a majority, at or below the index; the next stretch goes on behind it.
    case taken(StreamReceipt, commitIndex: UInt64)
    /// It does not fit, and nothing of it was taken; what says so is committed.
    case refused(StreamRefusal)
}

/// How far the ledger has come in one partition.
public struct StreamOffset: Sendable, Equatable {
    public let partition: StreamPartition
    public let clusterID: String
    /// Everything before it has been taken.
    public let nextOffset: Int64

    public init(partition: StreamPartition, clusterID: String, nextOffset: Int64) {
        self.partition = partition
        self.clusterID = clusterID
        self.nextOffset = nextOffset
    }
}

/// What became of an operator's word on a stream: it is committed on a majority.
public struct StreamChangeReceipt: Sendable, Equatable {
    /// Nil: the partition was not known.
    public let previous: StreamPosition?
    /// False: it was so already.
    public let changed: Bool
    /// The log index at or below which it is committed.
    public let commitIndex: UInt64

    public init(previous: StreamPosition?, changed: Bool, commitIndex: UInt64) {
        self.previous = previous
        self.changed = changed
        self.commitIndex = commitIndex
    }
}
