import Kafka
import Ledger
import Pipeline
import Security
import Streams
import Testing

@Suite struct `Records of a topic` {
    private static let partition = KafkaPartition(topic: "payments", number: 3)
    private let decoder = RecordDecoder(sealer: sealer, blindIndex: blindIndex)

    private func decode(
        _ records: [KafkaReceivedRecord], from offset: Int64 = 0, clusterID: String = "c"
    ) -> StreamBatch {
        let batch = KafkaBatch(
            partition: Self.partition, records: records, expectedOffset: offset, assignment: 1, byteCount: 0)
        return decoder.decode(batch, from: offset, clusterID: clusterID)
    }

    private func fault(_ record: KafkaReceivedRecord) -> RecordFault? {
        decode([record]).deadLetters.first.flatMap { letter in
            RecordFault.Code(rawValue: letter.reason).map { RecordFault($0, letter.detail) }
        }
    }

    @Test func `an envelope comes out as it went in`() throws {
        let sent = envelope(7, topic: "payments")
        let batch = decode([KafkaReceivedRecord(sent, offset: 4)])
        let record = try #require(batch.records.first)
        #expect(record.id == id(7) && batch.deadLetters.isEmpty)
        #expect(record.occurredAtMicroseconds == payment(7).transaction.occurredAtMicroseconds)
        #expect(record.userKey == blindIndex.index("user-7", in: .user))
        // The ledger keeps the same bytes.
        #expect(record.body == sent.value)
        var plain: [UInt8] = []
        try record.body.withUnsafeBytes { sealed in
            try record.id.withBigEndianBytes { try sealer.open(sealed, associatedData: $0, into: &plain) }
        }
        #expect(try plain.withUnsafeBytes { try TransactionBody.decode($0) } == payment(7).transaction)
    }

    @Test func `an envelope shows neither the payment nor its user`() {
        let sent = envelope(7, topic: "payments")
        let headers = sent.headers.flatMap { Array($0.name.utf8) + ($0.value ?? []) }
        let shown = headers + (sent.key ?? []) + (sent.value ?? [])
        for text in ["user-7", "shop", "Berlin"] {
            #expect(String(decoding: shown, as: UTF8.self).contains(text) == false)
        }
        #expect(sent.key?.count == 16)
        #expect(sent.key == envelope(7 + 97, topic: "payments").key)
        #expect(sent.key != envelope(8, topic: "payments").key)
        #expect(
            sent.headers.map(\.name) == [
                "redoubt-envelope", "redoubt-key", "redoubt-schema", "redoubt-id", "redoubt-given",
            ])
    }

    @Test func `a repetition is known by its content, whoever filled in the time`() throws {
        func fingerprint(_ submitted: SubmittedTransaction) throws -> UInt64 {
            let record = Envelope.record(
                of: submitted, id: id(1), topic: "payments", sealer: sealer, blindIndex: blindIndex)
            return try #require(decode([KafkaReceivedRecord(record, offset: 0)]).records.first).fingerprint
        }
        var later = payment(1, isOccurrenceGiven: false)
        let first = try fingerprint(later)
        var transaction = later.transaction
        transaction.occurredAtMicroseconds += 5
        later = SubmittedTransaction(transaction: transaction, isOccurrenceGiven: false)
        #expect(try fingerprint(later) == first)
        #expect(try fingerprint(payment(1)) != first)
        #expect(
            try fingerprint(payment(1))
                == Fingerprint.ofBody(
                    TransactionBody.encode(payment(1).transaction, blindIndex), blindIndex))
    }

    @Test func `an id that its sender chose is told from one that a node made`() {
        func mayBeKnown(_ submitted: SubmittedTransaction) -> Bool {
            let record = Envelope.record(
                of: submitted, id: id(1), topic: "payments", sealer: sealer, blindIndex: blindIndex)
            return decode([KafkaReceivedRecord(record, offset: 0)]).mayBeKnown
        }
        #expect(!mayBeKnown(payment(1)))
        #expect(mayBeKnown(payment(1, id: id(1))))
    }

    @Test func `plain JSON is taken too, with the id that it names or one of its place`() throws {
        let named = decode([KafkaReceivedRecord(offset: 9, timestampMilliseconds: 5_000, value: json(2, id: id(2)))])
        #expect(named.records.first?.id == id(2) && named.mayBeKnown)
        let record = KafkaReceivedRecord(offset: 9, timestampMilliseconds: 5_000, value: json(2))
        let first = decode([record])
        let again = decode([record])
        #expect(first.deadLetters.isEmpty && !first.mayBeKnown)
        #expect(first.records.first?.id == again.records.first?.id)
        #expect(first.records.first?.fingerprint == again.records.first?.fingerprint)
        #expect(first.records.first?.id.milliseconds == 5_000)
        // Of the record, not of its reading.
        #expect(first.records.first?.occurredAtMicroseconds == 5_000_000)
        let elsewhere = KafkaReceivedRecord(offset: 10, timestampMilliseconds: 5_000, value: json(2))
        #expect(decode([elsewhere]).records.first?.id != first.records.first?.id)
        #expect(decode([record], clusterID: "d").records.first?.id != first.records.first?.id)
    }

    private static func changed(_ name: String, to value: [UInt8]?) -> KafkaReceivedRecord {
        var record = envelope(1, topic: "payments")
        if let index = record.headers.firstIndex(where: { $0.name == name }) {
            if let value { record.headers[index].value = value } else { record.headers.remove(at: index) }
        }
        return KafkaReceivedRecord(record, offset: 0)
    }

    @Test(arguments: [
        ("redoubt-envelope", "2", RecordFault.Code.unknownSchema), ("redoubt-schema", "payment/9", .unknownSchema),
        ("redoubt-key", "01234567", .unknownKey), ("redoubt-id", "txn_1", .malformedEnvelope),
        ("redoubt-id", "\(id(2))", .tampered), ("redoubt-id", "\u{1}", .malformedEnvelope),
    ]) func `a header that is wrong makes a dead letter`(name: String, value: String, code: RecordFault.Code) {
        let fault = fault(Self.changed(name, to: Array(value.utf8)))
        #expect(fault?.code == code)
        #expect(fault?.detail.isEmpty == false)
    }

    @Test(arguments: ["redoubt-key", "redoubt-schema", "redoubt-id", "redoubt-given"])
    func `a header that is missing makes a dead letter that names it`(name: String) {
        let fault = fault(Self.changed(name, to: nil))
        #expect(fault?.code == .malformedEnvelope)
        #expect(fault?.detail.contains(name) == true)
    }

    @Test func `what is no payment makes a dead letter that says why`() {
        #expect(fault(KafkaReceivedRecord(offset: 0))?.code == .noValue)
        #expect(fault(KafkaReceivedRecord(offset: 0, value: []))?.code == .notJSON)
        #expect(fault(KafkaReceivedRecord(offset: 0, value: Array("{\"user_id\":".utf8)))?.code == .notJSON)
        let incomplete = fault(KafkaReceivedRecord(offset: 0, value: Array("{\"user_id\": \"u\"}".utf8)))
        #expect(incomplete?.code == .invalidFields && incomplete?.detail.contains("amount is required") == true)
        let large = fault(KafkaReceivedRecord(offset: 0, value: [UInt8](repeating: 32, count: 70_000)))
        #expect(large?.code == .tooLarge)
        var short = envelope(1, topic: "payments")
        short.value = [1, 2, 3]
        #expect(fault(KafkaReceivedRecord(short, offset: 0))?.code == .malformedEnvelope)
        var changed = envelope(1, topic: "payments")
        changed.value![60] ^= 1
        #expect(fault(KafkaReceivedRecord(changed, offset: 0))?.code == .tampered)
        let other = Envelope.record(
            of: payment(1), id: id(1), topic: "payments",
            sealer: Sealer(key: SealingKey(bytes: [UInt8](repeating: 9, count: 32))), blindIndex: blindIndex)
        #expect(fault(KafkaReceivedRecord(other, offset: 0))?.code == .unknownKey)
    }

    @Test func `a batch keeps its order and its offsets, and leaves out what it has already`() {
        var records = (0..<6).map { KafkaReceivedRecord(envelope($0, topic: "payments"), offset: Int64($0) * 2 + 1) }
        records[3].value = Array("no".utf8)
        let batch = decode(records, from: 4)
        #expect(batch.expectedOffset == 4 && batch.firstOffset == 5 && batch.lastOffset == 11)
        #expect(batch.nextOffset == 12 && batch.recordCount == 4)
        #expect(batch.records.map(\.id) == [id(2), id(4), id(5)])
        #expect(batch.deadLetters.map(\.offset) == [7])
    }

    @Test func `a dead letter keeps the record, sealed for its place`() throws {
        let record = KafkaReceivedRecord(
            offset: 8, timestampMilliseconds: 12, key: [1], value: Array("no payment".utf8),
            headers: [KafkaHeader(name: "a", value: [2, 3]), KafkaHeader(name: "b", value: nil)])
        let letter = try #require(decode([record]).deadLetters.first)
        #expect(letter.offset == 8)
        #expect(!String(decoding: letter.content, as: UTF8.self).contains("no payment"))
        let content = try DeadLetterContent(opening: letter.content, at: 8, of: StreamPartition(Self.partition), sealer)
        #expect(content.key == [1] && content.value == record.value && content.headers.map(\.name) == ["a", "b"])
        #expect(content.headers.map(\.value) == [[2, 3], nil])
        #expect(!content.isCut && content.valueByteCount == 10)
        #expect(throws: SecurityError.tampered) {
            try DeadLetterContent(opening: letter.content, at: 9, of: StreamPartition(Self.partition), sealer)
        }
    }
}
