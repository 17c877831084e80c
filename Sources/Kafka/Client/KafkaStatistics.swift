/// The library's figures about one client, as of one moment.
public struct KafkaStatistics: Equatable, Sendable {
    public struct Broker: Equatable, Sendable {
        /// As `host:port/id`.
        public var name: String
        /// Negative for addresses of which no broker is known yet.
        public var id: Int32
        /// `UP`, `DOWN`, `INIT` and the steps between them.
        public var state: String
        /// Requests that wait to be written.
        public var queuedRequests: Int
        /// Requests that wait for their answer.
        public var pendingRequests: Int
        public var requestTimeouts: Int
        public var sendErrors: Int
        public var receiveErrors: Int
        public var connects: Int
        public var disconnects: Int
        /// From request to answer, over the last interval.
        public var roundTripP50Microseconds: Int
        public var roundTripP99Microseconds: Int
        /// From acceptance by the library to its request, over the last interval; producers only.
        public var queueP99Microseconds: Int
        /// How long the broker made us wait, on average over the last interval.
        public var throttleMilliseconds: Int

        public var isUp: Bool { state == "UP" || state == "UPDATE" }
    }

    public struct Partition: Equatable, Sendable {
        public var partition: KafkaPartition
        /// -1 if nobody leads.
        public var leader: Int32
        /// Records that wait to be sent.
        public var queuedRecords: Int
        public var queuedBytes: Int
        public var inFlightRecords: Int
        /// Records that were fetched ahead.
        public var fetchedRecords: Int
        public var fetchedBytes: Int
        /// `none`, `offset-query`, `active` and others.
        public var fetchState: String
        /// That was last handed to this module, plus one; nil before the first.
        public var position: Int64?
        /// That is fetched next; it leads over markers of transactions, which are never handed on. Nil before the first.
        public var fetchPosition: Int64?
        public var lowWatermark: Int64?
        public var highWatermark: Int64?
        /// Behind the newest record that a transaction does not hold back.
        public var lastStableOffset: Int64?

        /// Records that are in the topic and were not yet handed to this module, markers of transactions included. Nil until
        /// both ends are known.
        public var lag: Int64? {
            guard let end = lastStableOffset ?? highWatermark, let position else { return nil }
            return max(0, end - position)
        }

        /// Readers of committed records wait for so many that an open transaction holds back.
        public var heldBack: Int64 {
            guard let highWatermark, let lastStableOffset else { return 0 }
            return max(0, highWatermark - lastStableOffset)
        }
    }

    public struct Group: Equatable, Sendable {
        public var state: String
        public var joinState: String
        public var rebalances: Int
        public var lastRebalanceReason: String
        public var assignedPartitions: Int
    }

    public var clientName: String
    /// Callbacks that wait for a poll.
    public var waitingEvents: Int
    /// Records in the library's producer queues.
    public var queuedRecords: Int
    public var queuedBytes: Int
    public var sentRecords: Int
    public var sentBytes: Int
    public var receivedRecords: Int
    public var receivedBytes: Int
    public var brokers: [Broker]
    /// In order; without the library's own queue for records that have no partition yet.
    public var partitions: [Partition]
    /// Consumers only.
    public var group: Group?

    public var brokersUp: Int { brokers.count { $0.id >= 0 && $0.isUp } }
}
