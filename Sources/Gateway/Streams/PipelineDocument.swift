public import Ledger
public import Pipeline
public import Streams

/// What stands between Kafka, the ledger and those who are told of alerts.
public struct PipelineDocument: Sendable, Equatable, Codable {
    /// Requests of one node on their way to the topic.
    public struct Producer: Sendable, Equatable, Codable {
        public var bufferedRecords: Int
        public var bufferedBytes: Int
        /// Requests are turned away until the buffer is smaller.
        public var shedding: Bool
        /// The brokers acknowledge what they are given.
        public var available: Bool
        public var acknowledged: Int
        /// Not given to the brokers, or not acknowledged in time.
        public var refused: Int
        /// Of those, the ones that went to the log instead.
        public var rerouted: Int
        public var replacements: Int
        public var trouble: String?

        public init(_ report: StreamProducerReport) {
            bufferedRecords = report.bufferedRecords
            bufferedBytes = report.bufferedBytes
            shedding = report.isShedding
            available = report.isAvailable
            acknowledged = report.acknowledged
            refused = report.refused
            rerouted = report.rerouted
            replacements = report.replacements
            trouble = report.trouble
        }

        private enum CodingKeys: String, CodingKey {
            case shedding, available, acknowledged, refused, rerouted, replacements, trouble
            case bufferedRecords = "buffered_records"
            case bufferedBytes = "buffered_bytes"
        }
    }

    /// How far the ledger has come in one partition.
    public struct Offset: Sendable, Equatable, Codable {
        public var topic: String
        public var partition: Int32
        public var clusterID: String
        public var nextOffset: Int64

        public init(_ offset: StreamOffset) {
            topic = offset.partition.topic
            partition = offset.partition.number
            clusterID = offset.clusterID
            nextOffset = offset.nextOffset
        }

        private enum CodingKeys: String, CodingKey {
            case topic, partition
            case clusterID = "cluster_id"
            case nextOffset = "next_offset"
        }
    }

    /// One way on which alerts leave the cluster.
    public struct Channel: Sendable, Equatable, Codable {
        public var name: String
        /// Through here everything is delivered, or given up.
        public var position: String
        /// Deliveries that were given up and are kept.
        public var failureCount: Int
        /// The oldest hundred of them.
        public var failures: [FailureDocument]
        /// Failures that made room for newer ones.
        public var dropped: UInt64

        public init(_ name: String, _ channel: OutboxChannel) {
            self.name = name
            position = "\(channel.position)"
            failureCount = channel.failures.count
            failures = channel.failures.prefix(FailureDocument.countInLists).map(FailureDocument.init)
            dropped = channel.dropped
        }

        private enum CodingKeys: String, CodingKey {
            case name, position, failures, dropped
            case failureCount = "failure_count"
        }
    }

    /// Nil: the node reads no topic.
    public var reader: ReaderDocument?
    /// Nil: the node writes to no topic.
    public var producer: Producer?
    /// In order of topic and partition.
    public var offsets: [Offset]
    /// By name.
    public var channels: [Channel]

    public init(
        reader: PipelineReport?, producer: StreamProducerReport?, offsets: [StreamOffset], outbox: Outbox
    ) {
        self.reader = reader.map(ReaderDocument.init)
        self.producer = producer.map(Producer.init)
        self.offsets = offsets.map(Offset.init)
        channels = outbox.channels.sorted { $0.key < $1.key }.map { Channel($0.key, $0.value) }
    }

    /// Null where the node has none: the fields are always there.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(reader, forKey: .reader)
        try fields.encode(producer, forKey: .producer)
        try fields.encode(offsets, forKey: .offsets)
        try fields.encode(channels, forKey: .channels)
    }

    private enum CodingKeys: String, CodingKey {
        case reader, producer, offsets, channels
    }
}
