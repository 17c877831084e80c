public import Kafka

/// What a node is told about Kafka.
public struct StreamConfiguration: Sendable, Equatable {
    /// What becomes of requests while no broker acknowledges anything.
    public enum WhenUnavailable: String, Sendable, CaseIterable {
        /// They are refused, with the time after which to try again.
        case refuse
        /// They go straight to the replicated log.
        case log
    }

    public var connection: KafkaConnection
    /// Where payments come from, and where the gateway puts them.
    public var topic: String
    /// The nodes' consumer group.
    public var group: String
    /// Where alerts go; nil: nowhere.
    public var alertsTopic: String?
    /// Where records go that are no payments; nil: they are kept in the ledger only.
    public var deadLetterTopic: String?
    public var whenUnavailable: WhenUnavailable
    public var start: StreamStart
    public var compression: KafkaProducerConfiguration.Compression
    /// A request may wait so long for others to share its way to the brokers.
    public var lingerMilliseconds: Int
    /// A node that is silent for so long loses its partitions to the others.
    public var sessionTimeoutMilliseconds: Int
    /// How long brokers may acknowledge nothing before requests are refused at once.
    public var patienceMilliseconds: Int
    /// Records of one batch.
    public var batchRecords: Int
    /// Batches of one partition that the ledger has not answered yet.
    public var batchesUnderWay: Int
    /// What was read and the ledger has not taken yet: beyond it nothing more is read.
    public var heldRecords: Int
    public var heldBytes: Int
    /// Between two looks at partitions that stopped.
    public var recheckMilliseconds: Int

    public init(
        connection: KafkaConnection, topic: String, group: String = "redoubt", alertsTopic: String? = nil,
        deadLetterTopic: String? = nil, whenUnavailable: WhenUnavailable = .refuse, start: StreamStart = .earliest,
        compression: KafkaProducerConfiguration.Compression = .lz4, lingerMilliseconds: Int = 2,
        sessionTimeoutMilliseconds: Int = 12_000, patienceMilliseconds: Int = 2_000, batchRecords: Int = 1_000,
        batchesUnderWay: Int = 4, heldRecords: Int = 20_000, heldBytes: Int = 32 << 20, recheckMilliseconds: Int = 5_000
    ) {
        self.connection = connection
        self.topic = topic
        self.group = group
        self.alertsTopic = alertsTopic
        self.deadLetterTopic = deadLetterTopic
        self.whenUnavailable = whenUnavailable
        self.start = start
        self.compression = compression
        self.lingerMilliseconds = lingerMilliseconds
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.patienceMilliseconds = patienceMilliseconds
        self.batchRecords = batchRecords
        self.batchesUnderWay = batchesUnderWay
        self.heldRecords = heldRecords
        self.heldBytes = heldBytes
        self.recheckMilliseconds = recheckMilliseconds
    }

    /// For the topic of payments, of alerts and of dead letters alike.
    public var producer: KafkaProducerConfiguration {
        KafkaProducerConfiguration(
            connection: connection, lingerMilliseconds: lingerMilliseconds, compression: compression)
    }

    /// `memberID` is the node's lasting name in the group.
    public func consumer(memberID: String) -> KafkaConsumerConfiguration {
        KafkaConsumerConfiguration(
            connection: connection, topics: [topic], groupID: group, memberID: memberID,
            sessionTimeoutMilliseconds: sessionTimeoutMilliseconds, batchRecordLimit: batchRecords,
            recordMarks: .init(high: max(2, heldRecords), low: max(1, heldRecords / 2)),
            byteMarks: .init(high: max(2_048, heldBytes), low: max(1_024, heldBytes / 2)))
    }

    /// Throws `invalidConfiguration`, with the name of the field.
    public func validate() throws(KafkaError) {
        _ = try producer.properties()
        _ = try consumer(memberID: "node-1").properties()
        for (name, field) in [(alertsTopic, "alertsTopic"), (deadLetterTopic, "deadLetterTopic")] {
            guard let name else { continue }
            guard KafkaTopicName.isValid(name) else {
                throw Self.invalid(field, "\"\(name)\" is not a topic's name: 1 to 249 letters, digits, dots, _ and -")
            }
            // What comes out would come in again.
            if name == topic { throw Self.invalid(field, "is the topic of payments") }
        }
        for (value, range, field) in [
            (patienceMilliseconds, 100...60_000, "patienceMilliseconds"), (batchesUnderWay, 1...64, "batchesUnderWay"),
            (heldRecords, 1...1_000_000, "heldRecords"), (heldBytes, (1 << 16)...(1 << 30), "heldBytes"),
            (recheckMilliseconds, 100...600_000, "recheckMilliseconds"),
        ] {
            guard range.contains(value) else {
                throw Self.invalid(field, "is \(value) and must be \(range.lowerBound) to \(range.upperBound)")
            }
        }
    }

    private static func invalid(_ field: String, _ message: String) -> KafkaError {
        KafkaError(.invalidConfiguration, message, field: field)
    }
}
