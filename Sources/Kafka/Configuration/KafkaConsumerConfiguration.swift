/// How records are read. Offsets are never committed: the owner knows where it stands and says so when partitions come.
public struct KafkaConsumerConfiguration: Equatable, Sendable {
    public var connection: KafkaConnection
    /// 1 to 16 names.
    public var topics: [String]
    /// The group whose members share the partitions.
    public var groupID: String
    /// This member's lasting name in the group, such as `node-3`: a restart within the session timeout moves no partition. Two
    /// live members must never have the same; the older one is fenced.
    public var memberID: String
    /// How long a member may be silent before its partitions go to others, 6,000 to 300,000 on brokers as they are delivered.
    /// A member that dies keeps its partitions that long.
    public var sessionTimeoutMilliseconds: Int
    /// A batch is closed at so many records, 1 to 100,000,
    public var batchRecordLimit: Int
    /// or so many bytes of keys, values and headers, 1 to 1 GiB (a single record may be larger),
    public var batchByteLimit: Int
    /// or when its first record is so old, 0 to 10,000.
    public var batchMilliseconds: Int
    /// Read but not yet taken; at the high mark the partitions are paused, at the low mark they go on. 1 to 5,000,000.
    public var recordMarks: KafkaProducerConfiguration.WaterMarks
    /// The same in bytes; 1,024 to 4 GiB.
    public var byteMarks: KafkaProducerConfiguration.WaterMarks
    /// What the library may fetch ahead, in kilobytes, 64 to 1,048,576; comes on top of `byteMarks`.
    public var fetchAheadKilobytes: Int
    /// Of the answer to one fetch of one partition, 1,024 to 1,000,000,000; must hold the largest record.
    public var fetchByteLimit: Int
    /// Whether records of transactions that were aborted or are still open are left out.
    public var readsCommittedOnly: Bool

    public init(
        connection: KafkaConnection, topics: [String], groupID: String, memberID: String,
        sessionTimeoutMilliseconds: Int = 12_000, batchRecordLimit: Int = 1_000, batchByteLimit: Int = 1 << 20,
        batchMilliseconds: Int = 5,
        recordMarks: KafkaProducerConfiguration.WaterMarks = .init(high: 20_000, low: 10_000),
        byteMarks: KafkaProducerConfiguration.WaterMarks = .init(high: 32 << 20, low: 16 << 20),
        fetchAheadKilobytes: Int = 16_384, fetchByteLimit: Int = 1 << 20, readsCommittedOnly: Bool = true
    ) {
        self.connection = connection
        self.topics = topics
        self.groupID = groupID
        self.memberID = memberID
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.batchRecordLimit = batchRecordLimit
        self.batchByteLimit = batchByteLimit
        self.batchMilliseconds = batchMilliseconds
        self.recordMarks = recordMarks
        self.byteMarks = byteMarks
        self.fetchAheadKilobytes = fetchAheadKilobytes
        self.fetchByteLimit = fetchByteLimit
        self.readsCommittedOnly = readsCommittedOnly
    }

    /// Throws `invalidConfiguration`, with the name of the field.
    public func validate() throws(KafkaError) {
        try connection.validate()
        guard (1...16).contains(topics.count) else { throw .invalid("topics", "has 1 to 16 names") }
        for topic in topics where !KafkaTopicName.isValid(topic) {
            throw .invalid("topics", "\"\(topic)\" is not a topic's name: 1 to 249 letters, digits, dots, _ and -")
        }
        guard Set(topics).count == topics.count else { throw .invalid("topics", "names a topic twice") }
        guard (1...255).contains(groupID.utf8.count) else { throw .invalid("groupID", "has 1 to 255 bytes") }
        // Brokers hold members' names to the same letters as topics'.
        guard KafkaTopicName.isValid(memberID) else {
            throw .invalid("memberID", "has 1 to 249 letters, digits, dots, _ and -")
        }
        try KafkaConnection.check(sessionTimeoutMilliseconds, in: 1_000...300_000, "sessionTimeoutMilliseconds")
        try KafkaConnection.check(batchRecordLimit, in: 1...100_000, "batchRecordLimit")
        try KafkaConnection.check(batchByteLimit, in: 1...(1 << 30), "batchByteLimit")
        try KafkaConnection.check(batchMilliseconds, in: 0...10_000, "batchMilliseconds")
        try KafkaProducerConfiguration.check(recordMarks, in: 1...5_000_000, "recordMarks")
        try KafkaProducerConfiguration.check(byteMarks, in: 1_024...(4 << 30), "byteMarks")
        try KafkaConnection.check(fetchAheadKilobytes, in: 64...1_048_576, "fetchAheadKilobytes")
        try KafkaConnection.check(fetchByteLimit, in: 1_024...1_000_000_000, "fetchByteLimit")
    }

    /// What the library is given. Throws `invalidConfiguration`, with the name of the field.
    public func properties() throws(KafkaError) -> KafkaProperties {
        try validate()
        var owned = KafkaProperties()
        owned.set("group.id", groupID)
        owned.set("group.instance.id", memberID)
        // All partitions are given back before any is given out: with this version of the library the safer way.
        owned.set("partition.assignment.strategy", "range")
        owned.set("session.timeout.ms", sessionTimeoutMilliseconds)
        owned.set("heartbeat.interval.ms", max(100, min(3_000, sessionTimeoutMilliseconds / 4)))
        owned.set("max.poll.interval.ms", max(300_000, sessionTimeoutMilliseconds))
        owned.set("enable.auto.commit", false)
        owned.set("enable.auto.offset.store", false)
        // An offset that the partition does not hold is an error to report, never a reason to begin elsewhere.
        owned.set("auto.offset.reset", "error")
        owned.set("isolation.level", readsCommittedOnly ? "read_committed" : "read_uncommitted")
        owned.set("queued.max.messages.kbytes", fetchAheadKilobytes)
        owned.set("queued.min.messages", max(1_000, min(100_000, recordMarks.high)))
        owned.set("fetch.wait.max.ms", 20)
        owned.set("fetch.error.backoff.ms", 50)
        owned.set("fetch.message.max.bytes", fetchByteLimit)
        let answerByteLimit = max(fetchByteLimit, min(50 << 20, fetchAheadKilobytes << 10))
        owned.set("fetch.max.bytes", answerByteLimit)
        owned.set("message.max.bytes", max(1_000_000, fetchByteLimit))
        owned.set("receive.message.max.bytes", max(100_000_000, answerByteLimit + 65_536))
        owned.set("enable.partition.eof", false)
        var properties = KafkaProperties()
        try connection.render(into: &properties, owning: owned)
        return properties
    }
}

/// What brokers take for a topic's name.
package enum KafkaTopicName {
    package static func isValid(_ name: String) -> Bool {
        guard (1...249).contains(name.utf8.count), name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
