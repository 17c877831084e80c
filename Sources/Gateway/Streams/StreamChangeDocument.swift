public import Ledger
public import Pipeline

/// What became of an operator's word on a partition: it is committed.
public struct StreamChangeDocument: Sendable, Equatable, Codable {
    /// Where the ledger stood.
    public struct Position: Sendable, Equatable, Codable {
        public var clusterID: String
        public var nextOffset: Int64

        private enum CodingKeys: String, CodingKey {
            case clusterID = "cluster_id"
            case nextOffset = "next_offset"
        }
    }

    public var topic: String
    public var partition: Int32
    /// Nil: the ledger did not know the partition.
    public var previous: Position?
    /// It was not so already.
    public var changed: Bool
    /// At or below which it is committed.
    public var logIndex: UInt64

    public init(_ partition: StreamPartition, _ receipt: StreamChangeReceipt) {
        topic = partition.topic
        self.partition = partition.number
        previous = receipt.previous.map { Position(clusterID: $0.clusterID, nextOffset: $0.nextOffset) }
        changed = receipt.changed
        logIndex = receipt.commitIndex
    }

    /// Null where there was none: the field is always there.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(topic, forKey: .topic)
        try fields.encode(partition, forKey: .partition)
        try fields.encode(previous, forKey: .previous)
        try fields.encode(changed, forKey: .changed)
        try fields.encode(logIndex, forKey: .logIndex)
    }

    private enum CodingKeys: String, CodingKey {
        case topic, partition, previous, changed
        case logIndex = "log_index"
    }
}
