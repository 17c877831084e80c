import Kafka
import KafkaMock
import Synchronization
import Testing

/// Takes what follows what it has, and nothing else: what the replicated state does with offsets.
private final class OffsetLedger: KafkaConsumerDelegate {
    private struct State {
        var next: [KafkaPartition: Int64] = [:]
        var numbers: [KafkaPartition: [Int]] = [:]
        var refused = 0
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.numbers.values.reduce(0) { $0 + $1.count } } }
    var refused: Int { state.withLock { $0.refused } }
    var numbers: [KafkaPartition: [Int]] { state.withLock { $0.numbers } }

    /// Gives where to read on instead if the batch does not follow.
    func apply(_ batch: KafkaBatch) -> Int64? {
        state.withLock { state in
            let next = state.next[batch.partition, default: 0]
            guard batch.expectedOffset == next else {
                state.refused += 1
                return next
            }
            state.next[batch.partition] = batch.nextOffset
            state.numbers[batch.partition, default: []] += batch.records.map(\.number)
            return nil
        }
    }

    func startingPoints(of partitions: [KafkaPartition]) -> [KafkaPartition: KafkaStartingPoint] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: partitions.map { ($0, .offset(state.next[$0, default: 0])) })
        }
    }

    func partitionsWentAway(_ partitions: [KafkaPartition], _ how: KafkaRevocation) {}
    func partitionStopped(_ partition: KafkaPartition, _ error: KafkaError) { Issue.record("\(partition): \(error)") }
    func consumerFailed(_ error: KafkaError) { Issue.record("\(error)") }
}

@Suite(.timeLimit(.minutes(3))) struct `A Kafka group` {
    @Test func `reads every record once while members come and go`() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 4)
        let ledger = OffsetLedger()
        func join(_ member: String) throws -> (KafkaConsumer, Task<Void, any Error>) {
            var configuration = KafkaConsumerConfiguration(
                connection: brokers.connection, topics: ["payments"], groupID: "nodes", memberID: member,
                sessionTimeoutMilliseconds: 6_000)
            configuration.recordMarks = .init(high: 200, low: 50)
            configuration.batchRecordLimit = 20
            let consumer = try KafkaConsumer(configuration, delegate: ledger, logger: quiet)
            let reading = Task {
                while let batch = try await consumer.nextBatch() {
                    // Slower than the records come, so that there is always something on its way.
                    try await Task.sleep(for: .milliseconds(2))
                    guard let next = ledger.apply(batch) else { continue }
                    try? await consumer.seek(batch.partition, to: next)
                }
            }
            return (consumer, reading)
        }
        let total = 12_000
        let producer = try brokers.makeProducer()
        let sending = Task {
            for chunk in stride(from: 0, to: total, by: 40) {
                let records = (chunk..<chunk + 40).map { numbered("payments", $0, partition: Int32($0 % 4)) }
                for result in try await producer.send(records) { _ = try result.get() }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let first = try join("node-1")
        try await eventually("the first reads") { ledger.count > 1_000 }
        let second = try join("node-2")
        try await eventually("both read") { first.0.positions.count == 2 && second.0.positions.count == 2 }
        let before = ledger.count
        try await eventually("both read on") { ledger.count > before + 1_000 || ledger.count == total }
        await first.0.close()
        try await first.1.value
        // The same member again: it gets its partitions back.
        let again = try join("node-1")
        try await sending.value
        try await eventually(within: 60, "everything is read") { ledger.count == total }
        for (partition, numbers) in ledger.numbers {
            #expect(numbers == Array(stride(from: Int(partition.number), to: total, by: 4)))
        }
        for member in [second, again] {
            await member.0.close()
            try await member.1.value
        }
        await producer.close(flushMilliseconds: 1_000)
    }
}
