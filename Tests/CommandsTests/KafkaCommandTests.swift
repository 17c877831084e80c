import ArgumentParser
import Commands
import Kafka
import KafkaMock
import Testing

@Suite("Commands for Kafka")
struct KafkaCommandTests {
    // MARK: Arguments

    @Test("kafka produce takes what it is to put where, and how far ahead of the ledger")
    func produce() throws {
        let command = try parse(
            KafkaProduceCommand.self,
            "kafka produce --brokers a:1,b:2 --topic t --records 300000 --rate 2000 --users 50 --seed 7 --with-ids "
                + "--poison-every 1000 --acked-file acked --window 20000 --json")
        #expect(command.kafka.brokers == "a:1,b:2")
        #expect(command.topic == "t")
        #expect(command.records == 300_000)
        #expect(command.rate == 2_000)
        #expect(command.users == 50)
        #expect(command.seed == 7)
        #expect(command.withIds)
        #expect(command.poisonEvery == 1_000)
        #expect(command.ackedFile == "acked")
        #expect(command.window == 20_000)
        #expect(command.json)
        let plain = try parse(KafkaProduceCommand.self, "kafka produce")
        #expect(plain.rate == 0)
        #expect(plain.seed == nil)
        #expect(plain.window == nil)
        #expect(!plain.withIds)
    }

    @Test("kafka topic shows one topic, and makes it when it is told to")
    func topic() throws {
        let shown = try parse(KafkaTopicCommand.self, "kafka topic payments --brokers a:1")
        #expect(shown.name == "payments")
        #expect(!shown.create)
        let made = try parse(KafkaTopicCommand.self, "kafka topic payments --create --partitions 3 --replicas 2")
        #expect(made.create)
        #expect(made.partitions == 3)
        #expect(made.replicas == 2)
    }

    @Test("bench stream takes the shape of its passes")
    func bench() throws {
        let command = try parse(
            BenchStreamCommand.self, "bench stream --passes 5 --seconds 2.5 --window 5000 --batch-size 500 --json")
        #expect(command.passes == 5)
        #expect(command.seconds == 2.5)
        #expect(command.window == 5_000)
        #expect(command.batchSize == 500)
        #expect(command.json)
    }

    @Test(
        "What cannot be is told, with the option's name",
        arguments: [
            ("kafka produce --records 0", "--records"), ("kafka produce --rate -1", "--rate"),
            ("kafka produce --users 0", "--users"), ("kafka produce --poison-every -1", "--poison-every"),
            ("kafka produce --window 0", "--window"), ("kafka produce --property compression", "--property"),
            ("kafka topic t --partitions 0", "--partitions"), ("kafka topic t --replicas 0", "--replicas"),
            ("bench stream --passes 0", "--passes"), ("bench stream --seconds 0", "--seconds"),
            ("bench stream --window 10", "--window"), ("bench stream --batch-size 0", "--batch-size"),
            ("bench stream --batch-connections 0", "--batch-connections"),
        ])
    func faults(line: String, word: String) {
        #expect(fault(line)?.contains(word) == true)
    }

    // MARK: What is made up

    private func records(_ shape: StreamSamples.Shape, _ count: Int) -> [(KafkaRecord, StreamSamples.Content)] {
        var samples = StreamSamples(shape)
        return (0..<count).map { _ in samples.next() }
    }

    @Test("The same seed makes the same records with the same ids, another seed makes others")
    func seeds() {
        let first = records(StreamSamples.Shape(topic: "t", seed: 7, hasIDs: true), 200)
        let again = records(StreamSamples.Shape(topic: "t", seed: 7, hasIDs: true), 200)
        let other = records(StreamSamples.Shape(topic: "t", seed: 8, hasIDs: true), 200)
        #expect(first.map(\.0) == again.map(\.0))
        #expect(first.map(\.1) == again.map(\.1))
        let ids = Set((first + other).map { "\($0.1)" })
        #expect(ids.count == 400)
    }

    @Test("A record's key is its user, and its value the payment with its id")
    func content() throws {
        let made = records(StreamSamples.Shape(topic: "t", seed: 1, users: 3, hasIDs: true), 50)
        #expect(Set(made.map { String(decoding: $0.0.key ?? [], as: UTF8.self) }) == ["user-0", "user-1", "user-2"])
        for (record, content) in made {
            let text = String(decoding: try #require(record.value), as: UTF8.self)
            guard case .payment(let id) = content else {
                Issue.record("no poison was asked for")
                continue
            }
            let key = String(decoding: try #require(record.key), as: UTF8.self)
            #expect(text.hasPrefix("{\"transaction_id\":\"\(try #require(id))\",\"user_id\":\"\(key)\","))
            #expect(text.hasSuffix("}"))
        }
        let plain = records(StreamSamples.Shape(topic: "t", seed: 1, users: 3), 1)[0]
        #expect(plain.1 == .payment(id: nil))
        #expect(String(decoding: try #require(plain.0.value), as: UTF8.self).hasPrefix("{\"user_id\":"))
    }

    @Test("Every so manieth record is poison, and leaves the others as they were")
    func poison() {
        let without = records(StreamSamples.Shape(topic: "t", seed: 5, hasIDs: true), 40)
        let with = records(StreamSamples.Shape(topic: "t", seed: 5, hasIDs: true, poisonEvery: 10), 40)
        for (index, pair) in zip(without, with).enumerated() {
            if (index + 1).isMultiple(of: 10) {
                #expect(pair.1.1 == .poison)
                #expect(pair.1.0.key == pair.0.0.key)
                #expect(pair.1.0.value != pair.0.0.value)
            } else {
                #expect(pair.1.0 == pair.0.0)
            }
        }
    }

    // MARK: What is sent

    @Test("All records are acknowledged and written down, each with its place", .timeLimit(.minutes(2)))
    func production() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 4)
        let production = StreamProduction(
            KafkaConnection(brokers: brokers.addresses, statisticsIntervalMilliseconds: 0),
            StreamSamples.Shape(topic: "payments", seed: 3, hasIDs: true, poisonEvery: 100),
            StreamProduction.Limits(records: 2_345), keepsAcknowledgements: true)
        var lines: [String] = []
        var progress = ProgressLine(isQuiet: true)
        let result = try await production.perform(progress: &progress) { lines.append($0) }
        #expect(result.records == 2_345)
        #expect(result.acknowledged == 2_345)
        #expect(result.failed == 0)
        #expect(result.poison == 23)
        #expect(result.seed == 3)
        #expect(result.firstError == nil)
        let words = lines.map { $0.split(separator: " ") }
        #expect(words.compactMap { Int($0[0]) }.sorted() == Array(1...2_345))
        #expect(Set(words.map { "\($0[1])/\($0[2])" }).count == 2_345)
        #expect(words.count { $0[3] == "poison" } == 23)
        #expect(words.count { $0[3].hasPrefix("txn_") } == 2_345 - 23)
        withExtendedLifetime(brokers) {}
    }

    @Test("Production that is told to end reports what it has sent", .timeLimit(.minutes(2)))
    func ending() async throws {
        let brokers = try MockBrokers(1)
        try brokers.createTopic("payments", partitions: 2)
        let production = StreamProduction(
            KafkaConnection(brokers: brokers.addresses, statisticsIntervalMilliseconds: 0),
            StreamSamples.Shape(topic: "payments", seed: 3),
            StreamProduction.Limits(recordsPerSecond: 500), keepsAcknowledgements: true)
        let (written, continuation) = AsyncStream.makeStream(of: String.self)
        async let outcome = {
            var progress = ProgressLine(isQuiet: true)
            return try await production.perform(progress: &progress) { continuation.yield($0) }
        }()
        var first = written.makeAsyncIterator()
        #expect(await first.next()?.hasSuffix(" payment") == true)
        production.end()
        let result = try await outcome
        #expect(result.acknowledged > 0)
        #expect(result.acknowledged == result.records)
        withExtendedLifetime(brokers) {}
    }
}
