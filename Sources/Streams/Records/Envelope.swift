public import Kafka
public import Ledger
public import Pipeline
public import Security

/// How a payment travels in a topic: sealed, keyed by its user, with headers that say how to read it. docs/kafka.md has the
/// format.
///
/// The value is the `TransactionBody` that the ledger keeps, sealed for the id that a header carries: who reads it opens it to
/// check it and passes on the same bytes.
public enum Envelope {
    public enum Header {
        /// The envelope's version. A record without this header is plain JSON.
        public static let envelope = "redoubt-envelope"
        /// The id of the key that sealed the value, eight hexadecimal digits.
        public static let key = "redoubt-key"
        /// What is sealed.
        public static let schema = "redoubt-schema"
        /// The transaction's id.
        public static let id = "redoubt-id"
        /// What the sender said itself and was not filled in by the node: `id`, `occurred_at`, with a comma between them.
        public static let given = "redoubt-given"
    }

    public static let version = "1"
    public static let schema = "transaction/1"
    static let givenID = "id"
    static let givenOccurrence = "occurred_at"

    /// The record of a payment that is valid.
    public static func record(
        of submitted: SubmittedTransaction, id: TransactionID, topic: String, sealer: Sealer, blindIndex: BlindIndex
    ) -> KafkaRecord {
        let transaction = submitted.transaction
        let sealed = TransactionBody.seal(TransactionBody.encode(transaction, blindIndex), of: id, sealer)
        var given: [String] = []
        if submitted.id != nil { given.append(givenID) }
        if submitted.isOccurrenceGiven { given.append(givenOccurrence) }
        return KafkaRecord(
            topic: topic, key: key(ofUser: transaction.userID, blindIndex), value: sealed,
            headers: [
                header(Header.envelope, version), header(Header.key, sealer.keyID.description),
                header(Header.schema, schema), header(Header.id, id.description),
                header(Header.given, given.joined(separator: ",")),
            ])
    }

    /// All payments of a user go to one partition, and nobody can read the user in the key: 16 hexadecimal digits.
    public static func key(ofUser userID: String, _ blindIndex: BlindIndex) -> [UInt8] {
        let digits = String(blindIndex.index(userID, in: .user), radix: 16)
        return Array(repeatElement(UInt8(ascii: "0"), count: 16 - digits.utf8.count)) + Array(digits.utf8)
    }

    private static func header(_ name: String, _ value: String) -> KafkaHeader {
        KafkaHeader(name: name, value: Array(value.utf8))
    }
}
