/// Records of one partition that follow each other, in order.
public struct KafkaBatch: Equatable, Sendable {
    public var partition: KafkaPartition
    /// Never empty.
    public var records: [KafkaReceivedRecord]
    /// The position before this batch: behind the last record of the batch before, or where reading began. Nil only for the
    /// first batch of a partition that began at `earliest` or `latest`.
    ///
    /// It may lie below the first record's offset, for markers of transactions, aborted records and what compaction removed
    /// have offsets too. What was read is everything from here to `nextOffset`.
    public var expectedOffset: Int64?
    /// Which assignment of partitions it belongs to, counted from 1. What is of an older one than the last may be somebody
    /// else's by now.
    public var assignment: UInt64
    /// Of keys, values and headers.
    public var byteCount: Int

    public init(
        partition: KafkaPartition, records: [KafkaReceivedRecord], expectedOffset: Int64?, assignment: UInt64,
        byteCount: Int
    ) {
        self.partition = partition
        self.records = records
        self.expectedOffset = expectedOffset
        self.assignment = assignment
        self.byteCount = byteCount
    }

    public var firstOffset: Int64 { records[0].offset }
    public var lastOffset: Int64 { records[records.count - 1].offset }
    /// Where reading goes on after this batch.
    public var nextOffset: Int64 { lastOffset + 1 }

    /// Offsets between `expectedOffset` and `nextOffset` that no record has.
    public var skippedOffsets: Int64 { nextOffset - (expectedOffset ?? firstOffset) - Int64(records.count) }
}
