/// One partition of one topic.
public struct KafkaPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var topic: String
    /// From zero.
    public var number: Int32

    public init(topic: String, number: Int32) {
        self.topic = topic
        self.number = number
    }

    public static func < (left: KafkaPartition, right: KafkaPartition) -> Bool {
        (left.topic, left.number) < (right.topic, right.number)
    }

    public var description: String { "\(topic)/\(number)" }
}
