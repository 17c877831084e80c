import Kafka
import KafkaMock
import Logging
import Synchronization
import Testing

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Waits until the condition holds, for `seconds` at most.
func eventually(
    within seconds: Int = 90, _ what: String = "the condition", _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw MockBrokers.Failure(message: "\(what) did not come to hold") }
        try await Task.sleep(for: .milliseconds(2))
    }
}

extension MockBrokers {
    var connection: KafkaConnection {
        KafkaConnection(
            brokers: addresses, clientID: "tests", reconnectBackoffLimitMilliseconds: 200,
            statisticsIntervalMilliseconds: 100)
    }

    func makeProducer(_ configure: (inout KafkaProducerConfiguration) -> Void = { _ in }) throws -> KafkaProducer {
        var configuration = KafkaProducerConfiguration(connection: connection, requestTimeoutMilliseconds: 2_000)
        configure(&configuration)
        return try KafkaProducer(configuration, logger: quiet)
    }

    func makeConsumer(
        of topic: String, group: String = "readers", member: String = "node-1", _ delegate: RecordingDelegate,
        _ configure: (inout KafkaConsumerConfiguration) -> Void = { _ in }
    ) throws -> KafkaConsumer {
        var configuration = KafkaConsumerConfiguration(
            connection: connection, topics: [topic], groupID: group, memberID: member,
            sessionTimeoutMilliseconds: 6_000)
        configure(&configuration)
        return try KafkaConsumer(configuration, delegate: delegate, logger: quiet)
    }

    /// Sends so many numbered records and waits for all of them.
    func fill(_ topic: String, partition: Int32? = 0, numbers: Range<Int>, padding: Int = 0) async throws {
        // What the mock brokers keep is bounded by what they were sent.
        let producer = try makeProducer { $0.compression = .none }
        for chunk in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1_000) {
            let upper = min(chunk + 1_000, numbers.upperBound)
            for result in try await producer.send(
                (chunk..<upper).map { numbered(topic, $0, partition: partition, padding: padding) })
            {
                _ = try result.get()
            }
        }
        await producer.close(flushMilliseconds: 5_000)
    }
}

func numbered(_ topic: String, _ number: Int, partition: Int32? = 0, padding: Int = 0) -> KafkaRecord {
    KafkaRecord(
        topic: topic, partition: partition,
        value: Array("\(number)".utf8) + [UInt8](repeating: UInt8(ascii: " "), count: padding))
}

extension KafkaReceivedRecord {
    var number: Int {
        Int(String(decoding: (value ?? []).prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) ?? -1
    }
}

extension KafkaConsumer {
    /// Takes batches until there are so many records.
    func take(_ count: Int) async throws -> [KafkaReceivedRecord] {
        var records: [KafkaReceivedRecord] = []
        while records.count < count, let batch = try await nextBatch() { records += batch.records }
        return records
    }
}

/// Begins where it is told and writes down what it hears.
final class RecordingDelegate: KafkaConsumerDelegate {
    enum Event: Equatable {
        case assigned([KafkaPartition])
        case away([KafkaPartition], KafkaRevocation)
        case stopped(KafkaPartition, KafkaError.Kind)
        case failed(KafkaError.Kind)
    }

    private let start: @Sendable (KafkaPartition) -> KafkaStartingPoint
    private let log = Mutex<[Event]>([])

    init(_ start: @escaping @Sendable (KafkaPartition) -> KafkaStartingPoint = { _ in .offset(0) }) {
        self.start = start
    }

    var events: [Event] { log.withLock { $0 } }

    /// What is assigned now.
    var share: [KafkaPartition] { if case .assigned(let partitions) = events.last { partitions } else { [] } }

    func startingPoints(of partitions: [KafkaPartition]) -> [KafkaPartition: KafkaStartingPoint] {
        log.withLock { $0.append(.assigned(partitions.sorted())) }
        return Dictionary(uniqueKeysWithValues: partitions.map { ($0, start($0)) })
    }

    func partitionsWentAway(_ partitions: [KafkaPartition], _ how: KafkaRevocation) {
        log.withLock { $0.append(.away(partitions.sorted(), how)) }
    }

    func partitionStopped(_ partition: KafkaPartition, _ error: KafkaError) {
        log.withLock { $0.append(.stopped(partition, error.kind)) }
    }

    func consumerFailed(_ error: KafkaError) { log.withLock { $0.append(.failed(error.kind)) } }
}
