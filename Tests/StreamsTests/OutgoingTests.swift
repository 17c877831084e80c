import Kafka
import KafkaMock
import Ledger
import Raft
import Security
import Streams
import Testing

@Suite(.timeLimit(.minutes(2))) struct `What leaves the ledger` {
    private func text(_ record: KafkaReceivedRecord, _ name: String) -> String? {
        record.headers.first { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `is in its topic in order when it is published, and a dead letter can be opened there`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("alerts")
        try brokers.createTopic("dead-letters")
        let configuration = brokers.configuration {
            $0.alertsTopic = "alerts"
            $0.deadLetterTopic = "dead-letters"
        }
        let publisher = try StreamPublisher(configuration, logger: quiet)
        try await publisher.publish(
            (0..<100).map { number in
                OutgoingRecord.alert(
                    id: "\(id(number))", position: OutboxPosition(index: LogIndex(7), ordinal: UInt32(number)),
                    userKey: 3, json: Array("{}".utf8),
                    topic: "alerts")
            })
        let origin = KafkaPartition(topic: "payments", number: 2)
        let poison = KafkaReceivedRecord(offset: 12, value: Array("poison".utf8))
        let batch = RecordDecoder(sealer: sealer, blindIndex: blindIndex).decode(
            KafkaBatch(partition: origin, records: [poison], expectedOffset: 12, assignment: 1, byteCount: 6),
            from: 12, clusterID: "c")
        let letter = try #require(batch.deadLetters.first)
        try await publisher.publish([
            OutgoingRecord.deadLetter(letter, from: StreamPartition(origin), keyID: sealer.keyID, topic: "dead-letters")
        ])
        await publisher.close(flushMilliseconds: 1_000)

        let alerts = try await brokers.read("alerts", count: 100)
        #expect(alerts.map { text($0, "redoubt-alert-id") } == (0..<100).map { "\(id($0))" })
        #expect(text(alerts[99], "redoubt-position") == "7.99")
        let dead = try #require(try await brokers.read("dead-letters", count: 1).first)
        #expect(text(dead, "redoubt-reason") == "not_json")
        #expect(text(dead, "redoubt-origin-topic") == "payments" && text(dead, "redoubt-origin-partition") == "2")
        #expect(text(dead, "redoubt-origin-offset") == "12")
        let content = try DeadLetterContent(opening: dead.value ?? [], at: 12, of: StreamPartition(origin), sealer)
        #expect(content.value == poison.value)
    }

    @Test func `fails with what the brokers say`() async throws {
        let brokers = try MockBrokers()
        var configuration = brokers.configuration()
        configuration.connection.extraProperties = [:]
        let publisher = try StreamPublisher(configuration, logger: quiet)
        await publisher.close(flushMilliseconds: 0)
        let error = await #expect(throws: KafkaError.self) {
            try await publisher.publish([KafkaRecord(topic: "alerts", value: [1])])
        }
        #expect(error?.kind == .closed)
    }
}

private final class FromTheStart: KafkaConsumerDelegate {
    func startingPoints(of partitions: [KafkaPartition]) -> [KafkaPartition: KafkaStartingPoint] {
        Dictionary(uniqueKeysWithValues: partitions.map { ($0, .earliest) })
    }
    func partitionsWentAway(_ partitions: [KafkaPartition], _ how: KafkaRevocation) {}
    func partitionStopped(_ partition: KafkaPartition, _ error: KafkaError) {}
    func consumerFailed(_ error: KafkaError) {}
}

extension MockBrokers {
    fileprivate func read(_ topic: String, count: Int) async throws -> [KafkaReceivedRecord] {
        let consumer = try KafkaConsumer(
            KafkaConsumerConfiguration(
                connection: connection, topics: [topic], groupID: "outside", memberID: "reader",
                sessionTimeoutMilliseconds: 6_000), delegate: FromTheStart(), logger: quiet)
        var records: [KafkaReceivedRecord] = []
        while records.count < count, let batch = try await consumer.nextBatch() { records += batch.records }
        await consumer.close()
        return records
    }
}
