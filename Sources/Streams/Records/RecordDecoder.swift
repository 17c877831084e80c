import Bytes
public import Kafka
public import Ledger
import Pipeline
public import Security

/// A payment out of a record.
public struct DecodedRecord: Sendable, Equatable {
    public var record: IntakeRecord
    /// Its sender chose the id, which tells nothing of when it was first used.
    public var mayBeKnown: Bool
}

/// Reads records of a topic: envelopes, and plain JSON from other producers.
public struct RecordDecoder: Sendable {
    private let sealer: Sealer
    private let blindIndex: BlindIndex
    private let parser = TransactionParser()

    public init(sealer: Sealer, blindIndex: BlindIndex) {
        self.sealer = sealer
        self.blindIndex = blindIndex
    }

    /// Decodes a batch, from `expectedOffset` on; records below it are left out. Whatever is no payment becomes a dead letter.
    public func decode(_ batch: KafkaBatch, from expectedOffset: Int64, clusterID: String) -> StreamBatch {
        var records: [IntakeRecord] = []
        var offsets: [Int64] = []
        var deadLetters: [DeadLetter] = []
        var mayBeKnown = false
        var firstOffset = batch.lastOffset
        records.reserveCapacity(batch.records.count)
        offsets.reserveCapacity(batch.records.count)
        for received in batch.records where received.offset >= expectedOffset {
            firstOffset = min(firstOffset, received.offset)
            do throws(RecordFault) {
                let decoded = try decode(received, of: batch.partition, clusterID: clusterID)
                records.append(decoded.record)
                offsets.append(received.offset)
                if decoded.mayBeKnown { mayBeKnown = true }
            } catch {
                deadLetters.append(deadLetter(received, of: batch.partition, error))
            }
        }
        return StreamBatch(
            partition: batch.partition, clusterID: clusterID, expectedOffset: expectedOffset, firstOffset: firstOffset,
            lastOffset: batch.lastOffset, records: records, offsets: offsets, deadLetters: deadLetters,
            mayBeKnown: mayBeKnown)
    }

    private func deadLetter(
        _ received: KafkaReceivedRecord, of partition: KafkaPartition, _ fault: RecordFault
    ) -> DeadLetter {
        let content = DeadLetterContent(
            key: received.key, headers: received.headers.map { .init(name: $0.name, value: $0.value) },
            value: received.value)
        return DeadLetter(
            offset: received.offset, reason: fault.code.rawValue, detail: fault.detail,
            content: content.seal(at: received.offset, of: StreamPartition(partition), sealer))
    }

    package func decode(
        _ received: KafkaReceivedRecord, of partition: KafkaPartition, clusterID: String
    ) throws(RecordFault) -> DecodedRecord {
        guard let value = received.value else { throw RecordFault(.noValue, "the record has no value") }
        if received.headers.contains(where: { $0.name == Envelope.Header.envelope }) {
            return try open(value, received)
        }
        return try parse(value, received, partition, clusterID)
    }

    // MARK: Envelopes

    private func open(_ value: [UInt8], _ received: KafkaReceivedRecord) throws(RecordFault) -> DecodedRecord {
        let headers = received.headers
        let version = try text(Envelope.Header.envelope, headers)
        guard version == Envelope.version else {
            throw RecordFault(.unknownSchema, "an envelope of version \"\(version)\", and this is \(Envelope.version)")
        }
        let schema = try text(Envelope.Header.schema, headers)
        guard schema == Envelope.schema else {
            throw RecordFault(.unknownSchema, "the schema \"\(schema)\" is not \"\(Envelope.schema)\"")
        }
        guard let id = TransactionID(try text(Envelope.Header.id, headers)) else {
            throw RecordFault(.malformedEnvelope, "the header \(Envelope.Header.id) is no transaction id")
        }
        let key = try text(Envelope.Header.key, headers)
        guard key == sealer.keyID.description else {
            throw RecordFault(.unknownKey, "sealed with the key \"\(key)\", and the key here is \(sealer.keyID)")
        }
        let given = try text(Envelope.Header.given, headers).split(separator: ",")
        let plain = try opened(value, for: id)
        let transaction: Transaction
        do throws(MalformedBytes) {
            transaction = try plain.withUnsafeBufferPointer { bytes throws(MalformedBytes) in
                try TransactionBody.decode(UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw RecordFault(.malformedEnvelope, "what was sealed is no payment: \(error.reason)")
        }
        let isOccurrenceGiven = given.contains { $0 == Envelope.givenOccurrence }
        return DecodedRecord(
            record: IntakeRecord(
                transaction, id: id, body: plain, sealed: value, isOccurrenceGiven: isOccurrenceGiven, blindIndex),
            mayBeKnown: given.contains { $0 == Envelope.givenID })
    }

    private func opened(_ value: [UInt8], for id: TransactionID) throws(RecordFault) -> [UInt8] {
        var plain: [UInt8] = []
        do throws(SecurityError) {
            try value.withUnsafeBufferPointer { sealed throws(SecurityError) in
                try id.withBigEndianBytes { id throws(SecurityError) in
                    try sealer.open(UnsafeRawBufferPointer(sealed), associatedData: id, into: &plain)
                }
            }
        } catch {
            switch error {
            case .tampered: throw RecordFault(.tampered, "the value or the id was changed after it was sealed")
            case .wrongKey: throw RecordFault(.unknownKey, "\(error)")
            default: throw RecordFault(.malformedEnvelope, "\(error)")
            }
        }
        return plain
    }

    private func text(_ name: String, _ headers: [KafkaHeader]) throws(RecordFault) -> String {
        guard let value = headers.last(where: { $0.name == name })?.value else {
            throw RecordFault(.malformedEnvelope, "the header \(name) is missing")
        }
        guard value.count <= 128, value.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            throw RecordFault(.malformedEnvelope, "the header \(name) is no short plain text")
        }
        return String(decoding: value, as: UTF8.self)
    }

    // MARK: Plain JSON

    private func parse(
        _ value: [UInt8], _ received: KafkaReceivedRecord, _ partition: KafkaPartition, _ clusterID: String
    ) throws(RecordFault) -> DecodedRecord {
        let submitted: SubmittedTransaction
        do throws(TransactionParserError) {
            // The time of the record, not of its reading: who reads it again must find the same payment.
            submitted = try parser.parse(
                value, nowMicroseconds: Self.microseconds(received.timestampMilliseconds ?? 0))
        } catch {
            switch error {
            case .tooLarge: throw RecordFault(.tooLarge, "\(error)")
            case .syntax: throw RecordFault(.notJSON, "\(error)")
            case .fields: throw RecordFault(.invalidFields, "\(error)")
            }
        }
        let id = submitted.id ?? derivedID(received, partition, clusterID)
        return DecodedRecord(
            record: IntakeRecord(
                sealing: submitted.transaction, id: id, isOccurrenceGiven: submitted.isOccurrenceGiven, sealer,
                blindIndex),
            mayBeKnown: submitted.id != nil)
    }

    private static func microseconds(_ milliseconds: Int64) -> Int64 {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? .max : product
    }

    /// A record has the same id whoever reads it and however often: from its time and its place.
    private func derivedID(
        _ received: KafkaReceivedRecord, _ partition: KafkaPartition, _ clusterID: String
    ) -> TransactionID {
        let place = "\(clusterID)\u{0}\(partition.topic)\u{0}\(partition.number)\u{0}\(received.offset)"
        let digest = blindIndex.index128(place, in: .content)
        let milliseconds = UInt128(UInt64(max(0, received.timestampMilliseconds ?? 0)) & 0xFFFF_FFFF_FFFF)
        return TransactionID(rawValue: milliseconds << 80 | digest & ((1 << 80) - 1))
    }
}
