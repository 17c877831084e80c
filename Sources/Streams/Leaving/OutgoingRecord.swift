public import Kafka
public import Ledger
public import Security

/// How what leaves the ledger looks in its topic. docs/kafka.md has the headers.
public enum OutgoingRecord {
    public enum Header {
        /// The same for every copy of an alert.
        public static let alertID = "redoubt-alert-id"
        /// Where the alert stands in the log: `index.ordinal`, which only rises.
        public static let position = "redoubt-position"
        public static let reason = "redoubt-reason"
        public static let detail = "redoubt-detail"
        public static let originTopic = "redoubt-origin-topic"
        public static let originPartition = "redoubt-origin-partition"
        public static let originOffset = "redoubt-origin-offset"
    }

    /// `json` is the alert as `GET /alerts` shows it. Alerts of a user keep their order.
    public static func alert(
        id: String, position: OutboxPosition, userKey: UInt64, json: [UInt8], topic: String
    ) -> KafkaRecord {
        KafkaRecord(
            topic: topic, key: Array(String(userKey, radix: 16).utf8), value: json,
            headers: [
                header(Header.alertID, id), header(Header.position, "\(position)"),
            ])
    }

    /// The value is as the ledger keeps it: sealed.
    public static func deadLetter(
        _ letter: DeadLetter, from origin: StreamPartition, keyID: KeyID, topic: String
    ) -> KafkaRecord {
        KafkaRecord(
            topic: topic, key: Array("\(origin.topic)/\(origin.number)".utf8), value: letter.content,
            headers: [
                header(Header.reason, letter.reason), header(Header.detail, letter.detail),
                header(Header.originTopic, origin.topic), header(Header.originPartition, "\(origin.number)"),
                header(Header.originOffset, "\(letter.offset)"), header(Envelope.Header.key, keyID.description),
            ])
    }

    private static func header(_ name: String, _ value: String) -> KafkaHeader {
        KafkaHeader(name: name, value: Array(value.utf8))
    }
}
