import Kafka
import KafkaMock
import Ledger
import Pipeline
import Security
import Streams
import Synchronization
import Testing

/// The way to the log, written down.
private final class Log: Sendable {
    private let submissions = Mutex<[Submission]>([])

    var taken: [Submission] { submissions.withLock { $0 } }

    func take(_ submission: Submission) -> SubmissionReceipt {
        submissions.withLock { $0.append(submission) }
        let items = submission.transactions.map {
            SubmissionReceipt.Item(id: $0.id ?? id(77), isDuplicate: false, verdict: nil)
        }
        return SubmissionReceipt(items: items, commitIndex: 42)
    }
}

@Suite(.timeLimit(.minutes(3))) struct `A stream's producer` {
    private let log = Log()

    private func producer(
        _ brokers: MockBrokers, _ configure: (inout StreamConfiguration) -> Void = { _ in }
    ) throws -> StreamProducer {
        let log = log
        return try StreamProducer(
            brokers.configuration(configure), sealer: sealer, blindIndex: blindIndex, direct: { log.take($0) },
            logger: quiet)
    }

    private func submission(
        _ transactions: [SubmittedTransaction], key: String? = nil, wantsVerdicts: Bool = false,
        deadlineMilliseconds: Int = 5_000
    ) -> Submission {
        Submission(
            subject: "till", idempotencyKey: key, transactions: transactions, wantsVerdicts: wantsVerdicts,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    private func error(_ body: () async throws(BackendError) -> SubmissionReceipt) async -> BackendError? {
        do throws(BackendError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `answers with the ids under which the payments come to the ledger`() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 3)
        let producer = try producer(brokers)
        let receipt = try await producer.submit(submission((0..<200).map { payment($0, id: $0 == 7 ? id(7) : nil) }))
        #expect(receipt.commitIndex == 0 && receipt.items.count == 200)
        #expect(receipt.items[7].id == id(7) && receipt.items.allSatisfy { !$0.isDuplicate })
        let one = try await producer.submit(submission([payment(200)]))
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger)
        try await eventually { ledger.count == 201 }
        let partitions = (0..<3).map { KafkaPartition(topic: "payments", number: $0) }
        let arrived = partitions.flatMap { ledger.ids($0) }
        #expect(Set(arrived) == Set(receipt.items.map(\.id) + one.items.map(\.id)))
        // A user's payments stay in order.
        let order = Dictionary(uniqueKeysWithValues: receipt.items.enumerated().map { ($1.id, $0) })
        for partition in partitions {
            let records = ledger.batches.filter { $0.partition == partition }.flatMap(\.records)
            for (_, ofUser) in Dictionary(grouping: records, by: \.userKey) {
                let places = ofUser.compactMap { order[$0.id] }
                #expect(places == places.sorted())
            }
        }
        #expect(log.taken.isEmpty)
        #expect(producer.report.acknowledged == 2 && producer.report.isAvailable)
        await worker.stop()
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `leaves to the log what only the ledger can answer`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try producer(brokers)
        #expect(try await producer.submit(submission([payment(1)], key: "k")).commitIndex == 42)
        #expect(try await producer.submit(submission([payment(1)], wantsVerdicts: true)).commitIndex == 42)
        #expect(log.taken.count == 2 && producer.report.rerouted == 0)
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `refuses at once when the brokers are away, and goes on by itself when they are back`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try producer(brokers) { $0.patienceMilliseconds = 300 }
        _ = try await producer.submit(submission([payment(0)]))
        try brokers.goDown()
        let first = await error { () async throws(BackendError) in
            try await producer.submit(submission([payment(1)], deadlineMilliseconds: 600))
        }
        #expect(first == .deadlineExceeded)
        let began = ContinuousClock.now
        guard
            case .unavailable(_, let seconds)? = await error({ () async throws(BackendError) in
                try await producer.submit(submission([payment(2)]))
            })
        else {
            Issue.record("it was not refused")
            return
        }
        #expect(seconds > 0 && ContinuousClock.now - began < .milliseconds(500))
        #expect(!producer.report.isAvailable && producer.report.refused == 2 && producer.report.bufferedRecords == 1)
        try brokers.comeUp()
        // What was buffered is acknowledged, and shows that they are back.
        try await eventually { producer.report.isAvailable && producer.report.bufferedRecords == 0 }
        _ = try await producer.submit(submission([payment(3)]))
        #expect(log.taken.isEmpty)
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `goes to the log when it is told so, with ids that make the second copy a repetition`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try producer(brokers) {
            $0.patienceMilliseconds = 300
            $0.whenUnavailable = .log
        }
        try brokers.goDown()
        let receipt = try await producer.submit(submission([payment(1), payment(2)]))
        #expect(receipt.commitIndex == 42 && log.taken.count == 1)
        let named = try #require(log.taken.first)
        #expect(named.transactions.map(\.id) == receipt.items.map(\.id))
        #expect(named.transactions.map(\.transaction) == [payment(1).transaction, payment(2).transaction])
        _ = try await producer.submit(submission([payment(3)]))
        #expect(log.taken.count == 2 && producer.report.rerouted == 2)
        try brokers.comeUp()
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger)
        try await eventually { ledger.count == 2 }
        #expect(ledger.ids(KafkaPartition(topic: "payments", number: 0)) == receipt.items.map(\.id))
        await worker.stop()
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `survives a fatal error of the library`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try producer(brokers)
        _ = try await producer.submit(submission([payment(0)]))
        try brokers.setRoundTrip(milliseconds: 300)
        async let under = producer.submit(submission((1..<50).map { payment($0) }))
        try await eventually { producer.report.bufferedRecords == 49 }
        producer.provokeFatalError()
        let items = try await under.items
        try brokers.setRoundTrip(milliseconds: 0)
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger)
        try await eventually { ledger.count == 50 }
        #expect(Set(ledger.ids(KafkaPartition(topic: "payments", number: 0))).isSuperset(of: items.map(\.id)))
        #expect(producer.report.replacements == 1)
        await worker.stop()
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `takes nothing after its end`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let producer = try producer(brokers)
        await producer.close(flushMilliseconds: 1_000)
        let refusal = await error { () async throws(BackendError) in
            try await producer.submit(submission([payment(0)]))
        }
        guard case .unavailable? = refusal else {
            Issue.record("it was taken")
            return
        }
    }
}
