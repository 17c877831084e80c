/// A name and a value that travel beside a record. Names may repeat.
public struct KafkaHeader: Equatable, Sendable {
    public var name: String
    public var value: [UInt8]?

    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// A record to be sent.
public struct KafkaRecord: Equatable, Sendable {
    public var topic: String
    /// Nil lets the key decide, or chance if there is no key.
    public var partition: Int32?
    public var key: [UInt8]?
    /// Nil is a tombstone: in a compacted topic it deletes the key.
    public var value: [UInt8]?
    public var headers: [KafkaHeader]
    /// Since 1970; nil is the time at which the record is accepted.
    public var timestampMilliseconds: Int64?

    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [KafkaHeader] = [],
        timestampMilliseconds: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMilliseconds = timestampMilliseconds
    }

    /// Of key, value and headers: what the water marks count.
    public var byteCount: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { sum, header in
            sum + header.name.utf8.count + (header.value?.count ?? 0)
        }
    }
}

/// Where a record stands that the brokers have acknowledged.
public struct KafkaDelivery: Equatable, Sendable {
    public var partition: KafkaPartition
    /// Nil if the broker had taken the record before the acknowledgement was lost, and does not know its offset any more.
    public var offset: Int64?
    /// The record was sent a second time by a new producer after a fatal error, and its first sending may have reached the
    /// topic: it may stand there twice.
    public var mayBeDoubled: Bool

    public init(partition: KafkaPartition, offset: Int64?, mayBeDoubled: Bool = false) {
        self.partition = partition
        self.offset = offset
        self.mayBeDoubled = mayBeDoubled
    }
}

/// A record as it was read from a partition.
public struct KafkaReceivedRecord: Equatable, Sendable {
    public var offset: Int64
    /// Since 1970, from the producer or the broker as the topic is configured; nil if there is none.
    public var timestampMilliseconds: Int64?
    public var key: [UInt8]?
    /// Nil is a tombstone.
    public var value: [UInt8]?
    public var headers: [KafkaHeader]

    public init(
        offset: Int64, timestampMilliseconds: Int64? = nil, key: [UInt8]? = nil, value: [UInt8]? = nil,
        headers: [KafkaHeader] = []
    ) {
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Of key, value and headers: what the bounds count.
    public var byteCount: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { sum, header in
            sum + header.name.utf8.count + (header.value?.count ?? 0)
        }
    }
}
