import CRdkafka
import Kafka
import KafkaMock
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A Kafka look-up` {
    @Test func `finds topics and the ends of their partitions`() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 4)
        try await brokers.fill("payments", partition: 2, numbers: 0..<25)
        let lookUp = try KafkaLookUp(brokers.connection, logger: quiet)
        let topic = try #require(try await lookUp.topic("payments"))
        #expect(topic.name == "payments" && topic.partitions.map(\.number) == [0, 1, 2, 3])
        for partition in topic.partitions {
            #expect(partition.leader.map { partition.replicas.contains($0) } == true)
            #expect(partition.replicas.count == 3 && partition.replicasInStep.count == 3)
        }
        let filled = try await lookUp.watermarks(of: KafkaPartition(topic: "payments", number: 2))
        #expect(filled == KafkaWatermarks(low: 0, high: 25))
        let empty = try await lookUp.watermarks(of: KafkaPartition(topic: "payments", number: 0))
        #expect(empty == KafkaWatermarks(low: 0, high: 0))
        #expect(try await lookUp.clusterID()?.isEmpty == false)
        await lookUp.close()
    }

    @Test func `shows what retention has left`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<90, padding: 100_000)
        let lookUp = try KafkaLookUp(brokers.connection, logger: quiet)
        let watermarks = try await lookUp.watermarks(of: KafkaPartition(topic: "payments", number: 0))
        #expect(watermarks.low > 0 && watermarks.high == 90)
        await lookUp.close()
    }

    @Test func `knows no topic that is not there, and no partition beyond the last`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 1)
        brokers.setError(of: "gone", to: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        let lookUp = try KafkaLookUp(brokers.connection, logger: quiet)
        #expect(try await lookUp.topic("gone") == nil)
        let error = try await #require(throws: KafkaError.self) {
            try await lookUp.watermarks(of: KafkaPartition(topic: "payments", number: 7), timeoutMilliseconds: 2_000)
        }
        #expect(error.kind == .unknownPartition || error.kind == .timedOut)
        await lookUp.close()
    }

    @Test func `says that nobody answers`() async throws {
        let brokers = try MockBrokers()
        let lookUp = try KafkaLookUp(brokers.connection, logger: quiet)
        try brokers.goDown()
        let error = try await #require(throws: KafkaError.self) {
            try await lookUp.topic("payments", timeoutMilliseconds: 300)
        }
        #expect((error.kind == .unreachable || error.kind == .timedOut) && error.isTemporary)
        await lookUp.close()
        let closed = try await #require(throws: KafkaError.self) { try await lookUp.topic("payments") }
        #expect(closed.kind == .closed)
    }
}
