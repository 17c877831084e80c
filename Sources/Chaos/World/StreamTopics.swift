/// The topics of a world with Kafka.
enum StreamTopics {
    static let payments = "payments"
    static let deadLetters = "dead-letters"
    /// Of the payments; each of the nodes has some.
    static let partitions = 6
    /// Of the nodes' consumers: shorter than some faults, so that partitions change hands.
    static let sessionTimeoutMilliseconds = 6_000
}
