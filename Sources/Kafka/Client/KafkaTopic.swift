/// A topic as the brokers describe it.
public struct KafkaTopic: Equatable, Sendable {
    public struct Partition: Equatable, Sendable {
        public var number: Int32
        /// Nil if nobody leads.
        public var leader: Int32?
        public var replicas: [Int32]
        public var replicasInStep: [Int32]

        public init(number: Int32, leader: Int32?, replicas: [Int32], replicasInStep: [Int32]) {
            self.number = number
            self.leader = leader
            self.replicas = replicas
            self.replicasInStep = replicasInStep
        }
    }

    public var name: String
    /// In order.
    public var partitions: [Partition]

    public init(name: String, partitions: [Partition]) {
        self.name = name
        self.partitions = partitions
    }
}
