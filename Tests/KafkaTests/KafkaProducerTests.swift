import CRdkafka
import Kafka
import KafkaMock
import SocketFixture
import Testing

@Suite(.timeLimit(.minutes(2))) struct `A Kafka producer` {
    @Test func `tells where each record stands`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let producer = try brokers.makeProducer()
        let first = try await producer.send(numbered("payments", 1, partition: 1))
        #expect(first == KafkaDelivery(partition: KafkaPartition(topic: "payments", number: 1), offset: 0))
        let results = try await producer.send((2..<5).map { numbered("payments", $0, partition: 1) })
        #expect(try results.map { try $0.get().offset } == [1, 2, 3])
        #expect(producer.load.records == 0 && producer.load.bytes == 0)
        #expect(await producer.close(flushMilliseconds: 1_000) == 0)
    }

    @Test func `dials a broker anew that doesn't answer, long before the library would`() async throws {
        let port = try SilentPort()
        let connection = KafkaConnection(brokers: ["127.0.0.1:\(port.number)"], reconnectBackoffLimitMilliseconds: 200)
        let producer = try KafkaProducer(KafkaProducerConfiguration(connection: connection), logger: quiet)
        let waiting = Task { try await producer.send(numbered("payments", 1)) }
        var dials: Set<Int> = []
        // By itself it would wait for half a minute.
        try await eventually(within: 20, "another dial") {
            try dials.formUnion(port.dials())
            return dials.count >= 2
        }
        await producer.close(flushMilliseconds: 0)
        await #expect(throws: KafkaError.self) { try await waiting.value }
    }

    @Test func `puts records of one key into one partition`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 8)
        let producer = try brokers.makeProducer()
        let records = (0..<200).map { number in
            KafkaRecord(topic: "payments", key: Array("user-\(number % 10)".utf8), value: [UInt8(number)])
        }
        let partitions = try await producer.send(records).map { try $0.get().partition.number }
        for (number, partition) in partitions.enumerated() { #expect(partition == partitions[number % 10]) }
        #expect(Set(partitions).count > 1)
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `refuses at the high mark and takes again from the low mark down, and loses nothing`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try brokers.makeProducer { $0.recordMarks = .init(high: 100, low: 40) }
        _ = try await producer.send(numbered("payments", 0))
        try brokers.goDown()
        let waiting = Task { try await producer.send((1..<100).map { numbered("payments", $0) }) }
        try await eventually { producer.load.records == 99 }
        #expect(!producer.load.isShedding)
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send((0..<2).map { numbered("payments", $0) })
        }
        #expect(error.kind == .overloaded && error.isTemporary)
        #expect(producer.load.isShedding)
        try await eventually { producer.lastError?.kind == .unreachable }
        // Even what would have room is refused now: the gate opens at the low mark only.
        await #expect(throws: KafkaError.self) { try await producer.send(numbered("payments", 0)) }
        #expect(producer.load.records == 99)
        try brokers.comeUp()
        let offsets = try await waiting.value.map { try $0.get().offset }
        #expect(offsets.compactMap(\.self) == (1..<100).map(Int64.init))
        #expect(!producer.load.isShedding)
        #expect(try await producer.send(numbered("payments", 100)).offset == 100)
        #expect(producer.lastError == nil)
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `refuses at the high mark of bytes`() async throws {
        let brokers = try MockBrokers()
        let producer = try brokers.makeProducer {
            $0.byteMarks = .init(high: 10_000, low: 2_000)
            $0.recordByteLimit = 5_000
        }
        try brokers.goDown()
        let waiting = Task { try await producer.send([numbered("payments", 1, padding: 4_000)]) }
        try await eventually { producer.load.bytes > 4_000 }
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send([
                numbered("payments", 2, padding: 4_000), numbered("payments", 3, padding: 4_000),
            ])
        }
        #expect(error.kind == .overloaded)
        #expect(await producer.close(flushMilliseconds: 0) == 1)
        _ = try await waiting.value
    }

    @Test func `says that a record is too large before it goes anywhere`() async throws {
        let producer = try MockBrokers().makeProducer { $0.recordByteLimit = 1_000 }
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send(numbered("payments", 1, padding: 1_000))
        }
        #expect(error.kind == .tooLarge && error.message.contains("1001 bytes, and the limit is 1000"))
        await producer.close(flushMilliseconds: 0)
    }

    @Test func `carries records over a broker that goes down and comes back`() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 3)
        let producer = try brokers.makeProducer()
        let sending = Task {
            var deliveries: [KafkaDelivery] = []
            for chunk in 0..<60 {
                let records = (0..<30).map { numbered("payments", chunk * 30 + $0, partition: Int32($0 % 3)) }
                for result in try await producer.send(records) { deliveries.append(try result.get()) }
            }
            return deliveries
        }
        try await eventually { producer.statistics?.sentRecords ?? 0 > 0 }
        for broker in 1...3 {
            try brokers.goDown(broker)
            try await Task.sleep(for: .milliseconds(150))
            try brokers.comeUp(broker)
        }
        let deliveries = try await sending.value
        for partition in 0..<3 {
            let offsets = deliveries.filter { $0.partition.number == Int32(partition) }.compactMap(\.offset)
            #expect(offsets == offsets.sorted() && Set(offsets).count == offsets.count)
        }
        #expect(deliveries.count == 1_800)
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `is made anew after a fatal error and sends in order what was not acknowledged`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try brokers.makeProducer()
        _ = try await producer.send(numbered("payments", 0))
        // Nothing is acknowledged for a while, so that there is something to send again.
        try brokers.goDown()
        let before = Task { try await producer.send((1..<1_000).map { numbered("payments", $0) }) }
        try await eventually { producer.load.records == 999 }
        producer.provokeFatalError()
        try await eventually { producer.load.replacements == 1 }
        let after = Task { try await producer.send((1_000..<1_500).map { numbered("payments", $0) }) }
        try await eventually { producer.load.records == 1_499 }
        try brokers.comeUp()
        for result in try await before.value + after.value { _ = try result.get() }
        #expect(producer.load.records == 0)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate())
        #expect(try await consumer.take(1_500).map(\.number) == Array(0..<1_500))
        await consumer.close()
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `survives fatal errors one after the other while records keep coming`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try brokers.makeProducer()
        let sending = Task {
            for chunk in 0..<50 {
                let records = (0..<40).map { numbered("payments", chunk * 40 + $0) }
                for result in try await producer.send(records) { _ = try result.get() }
                if chunk % 10 == 5 { producer.provokeFatalError() }
            }
        }
        try await sending.value
        #expect(producer.load.replacements == 5)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate())
        var numbers: [Int] = []
        while numbers.last != 1_999 { numbers += try await consumer.take(1).map(\.number) }
        // One that was under way may stand there twice, but none is missing and none comes before its predecessor.
        var seen = Set<Int>()
        #expect(numbers.filter { seen.insert($0).inserted } == Array(0..<2_000))
        await consumer.close()
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `waits for a topic that the brokers do not know yet`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        brokers.setError(of: "payments", to: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        let producer = try brokers.makeProducer { $0.unknownTopicPatienceMilliseconds = 20_000 }
        let waiting = Task { try await producer.send((0..<10).map { numbered("payments", $0) }) }
        try await eventually { producer.load.records == 10 }
        try await Task.sleep(for: .milliseconds(300))
        brokers.setError(of: "payments", to: nil)
        #expect(try await waiting.value.compactMap { try $0.get().offset } == (0..<10).map(Int64.init))
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `gives a topic up that stays unknown`() async throws {
        let brokers = try MockBrokers()
        brokers.setError(of: "payments", to: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        let producer = try brokers.makeProducer { $0.unknownTopicPatienceMilliseconds = 300 }
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send(KafkaRecord(topic: "payments", value: [1]))
        }
        #expect(error.kind == .unknownTopic && error.persistence == .notPersisted)
        #expect("\(error)".contains("does not exist (payments)"))
        await producer.close(flushMilliseconds: 0)
    }

    @Test func `waits for a partition that is not there, and lets the others pass`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let producer = try brokers.makeProducer { $0.unknownTopicPatienceMilliseconds = 1_500 }
        _ = try await producer.send(numbered("payments", 0, partition: 0))
        let began = ContinuousClock.now
        let missing = Task { try await producer.send(numbered("payments", 1, partition: 7)) }
        try await eventually { producer.load.records == 1 }
        #expect(try await producer.send(numbered("payments", 2, partition: 0)).offset == 1)
        #expect(ContinuousClock.now - began < .milliseconds(1_400))
        let error = try await #require(throws: KafkaError.self) { try await missing.value }
        #expect(error.kind == .unknownPartition && error.persistence == .notPersisted)
        #expect(ContinuousClock.now - began > .milliseconds(1_400))
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `refuses more at once than it may ever hold`() async throws {
        let producer = try MockBrokers().makeProducer { $0.recordMarks = .init(high: 10, low: 5) }
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send((0..<11).map { numbered("payments", $0) })
        }
        #expect(error.kind == .tooLarge && !error.isTemporary)
        await producer.close(flushMilliseconds: 0)
    }

    @Test func `fails a record that is not acknowledged in time`() async throws {
        let brokers = try MockBrokers()
        let producer = try brokers.makeProducer {
            $0.requestTimeoutMilliseconds = 500
            $0.deliveryTimeoutMilliseconds = 1_000
        }
        try brokers.goDown()
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send(numbered("payments", 1))
        }
        #expect(error.kind == .timedOut && error.isTemporary)
        await producer.close(flushMilliseconds: 0)
    }

    @Test func `passes a broker's refusal on in plain words`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try brokers.makeProducer()
        brokers.fail(.produce, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
        let error = try await #require(throws: KafkaError.self) {
            try await producer.send(numbered("payments", 1))
        }
        #expect(error.kind == .notAuthorized && !error.isTemporary)
        #expect("\(error)".hasPrefix("Kafka TOPIC_AUTHORIZATION_FAILED: this client may not use the topic"))
        await producer.close(flushMilliseconds: 0)
    }

    @Test func `closes within its deadline and fails what is left`() async throws {
        let brokers = try MockBrokers()
        let producer = try brokers.makeProducer()
        try brokers.goDown()
        let waiting = Task { try await producer.send((0..<7).map { numbered("payments", $0) }) }
        try await eventually { producer.load.records == 7 }
        let began = ContinuousClock.now
        #expect(await producer.close(flushMilliseconds: 200) == 7)
        #expect(ContinuousClock.now - began < .seconds(5))
        for result in try await waiting.value {
            #expect { try result.get() } throws: { ($0 as? KafkaError)?.kind == .closed }
        }
        let error = try await #require(throws: KafkaError.self) { try await producer.send(numbered("payments", 8)) }
        #expect(error.kind == .closed)
        #expect(await producer.close(flushMilliseconds: 0) == 7)
    }

    @Test func `flushes before it closes`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try brokers.setRoundTrip(milliseconds: 100)
        let producer = try brokers.makeProducer { $0.lingerMilliseconds = 200 }
        let waiting = Task { try await producer.send((0..<50).map { numbered("payments", $0) }) }
        try await eventually { producer.load.records == 50 }
        #expect(await producer.close(flushMilliseconds: 10_000) == 0)
        #expect(try await waiting.value.map { try $0.get() }.count == 50)
    }
}
