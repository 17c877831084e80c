public import Kafka
public import Ledger

/// What was read of one partition, decoded: one step of the partition's offset, taken whole or not at all.
public struct StreamBatch: Sendable, Equatable {
    public var partition: KafkaPartition
    /// What the brokers call their cluster: offsets mean nothing in another one.
    public var clusterID: String
    /// Where reading went on from. The ledger takes the batch only if its own next offset is this one.
    public var expectedOffset: Int64
    /// Of the first record, or a later one than `expectedOffset`: markers of transactions have offsets too.
    public var firstOffset: Int64
    public var lastOffset: Int64
    /// Sound payments, in order, and where each stands.
    public var records: [IntakeRecord]
    public var offsets: [Int64]
    /// Records that are no payments, in order.
    public var deadLetters: [DeadLetter]
    /// Some of the ids may have been taken before: their senders chose them.
    public var mayBeKnown: Bool

    public init(
        partition: KafkaPartition, clusterID: String, expectedOffset: Int64, firstOffset: Int64, lastOffset: Int64,
        records: [IntakeRecord], offsets: [Int64], deadLetters: [DeadLetter], mayBeKnown: Bool
    ) {
        self.partition = partition
        self.clusterID = clusterID
        self.expectedOffset = expectedOffset
        self.firstOffset = firstOffset
        self.lastOffset = lastOffset
        self.records = records
        self.offsets = offsets
        self.deadLetters = deadLetters
        self.mayBeKnown = mayBeKnown
    }

    /// The ledger's next offset once it has taken the batch.
    public var nextOffset: Int64 { lastOffset + 1 }

    /// As the ledger takes it.
    public var group: IntakeGroup {
        let range = StreamRange(
            partition: StreamPartition(partition), clusterID: clusterID, expectedOffset: expectedOffset,
            firstOffset: firstOffset, lastOffset: lastOffset)
        return IntakeGroup(
            stream: IntakeStream(range: range, offsets: offsets, deadLetters: deadLetters), records: records,
            mayBeKnown: mayBeKnown)
    }

    /// Of payments and dead letters.
    public var recordCount: Int { records.count + deadLetters.count }

    /// What it holds in memory, without what every record costs.
    public var byteCount: Int {
        records.reduce(0) { $0 + $1.body.count } + deadLetters.reduce(0) { $0 + $1.content.count }
    }
}

extension StreamPartition {
    /// The same partition, as the ledger calls it.
    public init(_ partition: KafkaPartition) {
        self.init(topic: partition.topic, number: partition.number)
    }
}
