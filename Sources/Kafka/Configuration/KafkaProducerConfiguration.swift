/// How records are sent. The producer is always idempotent and waits for all replicas in step.
public struct KafkaProducerConfiguration: Equatable, Sendable {
    /// Two bounds with a distance between them: at the high one the producer refuses, until it is down at the low one.
    public struct WaterMarks: Equatable, Sendable {
        public var high: Int
        public var low: Int

        public init(high: Int, low: Int) {
            self.high = high
            self.low = low
        }
    }

    public enum Compression: String, CaseIterable, Sendable {
        case none, gzip, snappy, lz4, zstd
    }

    public var connection: KafkaConnection
    /// How long a record may wait for others to share its request, 0 to 1,000. Costs that much latency, saves work.
    public var lingerMilliseconds: Int
    /// From acceptance to acknowledgement, over all attempts, 1,000 to 900,000; a record that takes longer fails. The library
    /// counts anew when a fatal error gave a record to a new client, so that it may take twice as long then.
    public var deliveryTimeoutMilliseconds: Int
    /// For one request, 100 to 60,000; must cover the replicas' lag.
    public var requestTimeoutMilliseconds: Int
    /// Records not yet acknowledged; 1 to 5,000,000.
    public var recordMarks: WaterMarks
    /// Bytes of keys, values and headers not yet acknowledged; 1,024 to 4 GiB. Memory is about twice that, for the library
    /// has a copy of its own.
    public var byteMarks: WaterMarks
    /// Of one record with key and headers, 1,000 to 100,000,000. The brokers and the topic have limits of their own.
    public var recordByteLimit: Int
    public var compression: Compression
    /// How long a topic or partition that the brokers do not know may stay unknown, 0 to 300,000: after a topic was made some
    /// brokers learn of it late.
    public var unknownTopicPatienceMilliseconds: Int

    public init(
        connection: KafkaConnection, lingerMilliseconds: Int = 1, deliveryTimeoutMilliseconds: Int = 120_000,
        requestTimeoutMilliseconds: Int = 10_000, recordMarks: WaterMarks = WaterMarks(high: 200_000, low: 120_000),
        byteMarks: WaterMarks = WaterMarks(high: 128 << 20, low: 80 << 20), recordByteLimit: Int = 1_000_000,
        compression: Compression = .lz4, unknownTopicPatienceMilliseconds: Int = 30_000
    ) {
        self.connection = connection
        self.lingerMilliseconds = lingerMilliseconds
        self.deliveryTimeoutMilliseconds = deliveryTimeoutMilliseconds
        self.requestTimeoutMilliseconds = requestTimeoutMilliseconds
        self.recordMarks = recordMarks
        self.byteMarks = byteMarks
        self.recordByteLimit = recordByteLimit
        self.compression = compression
        self.unknownTopicPatienceMilliseconds = unknownTopicPatienceMilliseconds
    }

    /// Throws `invalidConfiguration`, with the name of the field.
    public func validate() throws(KafkaError) {
        try connection.validate()
        try KafkaConnection.check(lingerMilliseconds, in: 0...1_000, "lingerMilliseconds")
        try KafkaConnection.check(deliveryTimeoutMilliseconds, in: 1_000...900_000, "deliveryTimeoutMilliseconds")
        try KafkaConnection.check(requestTimeoutMilliseconds, in: 100...60_000, "requestTimeoutMilliseconds")
        guard lingerMilliseconds + requestTimeoutMilliseconds <= deliveryTimeoutMilliseconds else {
            throw .invalid("deliveryTimeoutMilliseconds", "must cover lingering and one request")
        }
        try Self.check(recordMarks, in: 1...5_000_000, "recordMarks")
        try Self.check(byteMarks, in: 1_024...(4 << 30), "byteMarks")
        try KafkaConnection.check(recordByteLimit, in: 1_000...100_000_000, "recordByteLimit")
        guard recordByteLimit <= byteMarks.high else {
            throw .invalid("recordByteLimit", "is above byteMarks.high, so that such a record would never be accepted")
        }
        try KafkaConnection.check(unknownTopicPatienceMilliseconds, in: 0...300_000, "unknownTopicPatienceMilliseconds")
    }

    /// What the library is given. Throws `invalidConfiguration`, with the name of the field.
    public func properties() throws(KafkaError) -> KafkaProperties {
        try validate()
        var owned = KafkaProperties()
        owned.set("enable.idempotence", true)
        owned.set("linger.ms", lingerMilliseconds)
        owned.set("delivery.timeout.ms", deliveryTimeoutMilliseconds)
        owned.set("request.timeout.ms", requestTimeoutMilliseconds)
        owned.set("retry.backoff.ms", 50)
        owned.set("topic.metadata.propagation.max.ms", unknownTopicPatienceMilliseconds)
        // Ours are the marks; the library's own bound lies well above them and is never met.
        owned.set("queue.buffering.max.messages", min(10_000_000, recordMarks.high * 2 + 1_000))
        owned.set("queue.buffering.max.kbytes", min(2_097_151, byteMarks.high / 512 + 1_024))
        // Room for what the protocol adds to a record.
        owned.set("message.max.bytes", recordByteLimit + 1_024)
        owned.set("compression.type", compression.rawValue)
        // The same partition for the same key as the Java clients choose.
        owned.set("partitioner", "murmur2_random")
        var properties = KafkaProperties()
        try connection.render(into: &properties, owning: owned)
        return properties
    }

    static func check(_ marks: WaterMarks, in range: ClosedRange<Int>, _ field: String) throws(KafkaError) {
        try KafkaConnection.check(marks.high, in: range, "\(field).high")
        guard (0..<marks.high).contains(marks.low) else {
            throw .invalid("\(field).low", "is \(marks.low) and must be 0 or more and below \(field).high")
        }
    }
}
