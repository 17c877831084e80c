import HTTPSClient
import Kafka
import Logging
import Synchronization

/// What another system puts on the topic: payments with ids, some of them twice, and now and then a record that is none.
final class StreamWorkload: Sendable {
    private static let pauseMilliseconds = 20...80
    private static let recordsAtOnce = 1...6
    private static let remembered = 500
    private static let flushMilliseconds = 30_000
    /// After those of the other clients.
    private static let client = Workload.clients + 1

    private struct Message: Sendable {
        let operation: Int
        /// Nil: the record is no payment.
        let payment: Payment?
        let record: KafkaRecord
    }

    private let recorder: HistoryRecorder
    private let seed: UInt64
    private let producer: KafkaProducer
    private let lookUp: KafkaLookUp
    private let isRunning = Mutex(true)

    static func make(_ world: World, _ recorder: HistoryRecorder, seed: UInt64) async throws -> StreamWorkload {
        let connection = KafkaConnection(
            brokers: try world.layout.brokers(), clientID: "redoubt-chaos", statisticsIntervalMilliseconds: 0)
        // The library's threads are in the network of the thread that makes them.
        return try await world.client.run {
            try StreamWorkload(recorder: recorder, seed: seed, connection: connection)
        }
    }

    private init(recorder: HistoryRecorder, seed: UInt64, connection: KafkaConnection) throws(KafkaError) {
        // Standard output is for results.
        var logger = Logger(label: "redoubt-chaos.kafka") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        self.recorder = recorder
        self.seed = seed
        producer = try KafkaProducer(KafkaProducerConfiguration(connection: connection), logger: logger)
        lookUp = try KafkaLookUp(connection, logger: logger)
    }

    /// Until `stop`; then what was sent is acknowledged or has failed.
    func run() async {
        // Other draws than those of the clients that post.
        var random = SeededRandom(seed: ~seed)
        var sent: [Message] = []
        while isRunning.withLock(\.self), !recorder.isFull {
            var messages: [Message] = []
            for _ in 0..<Int.random(in: Self.recordsAtOnce, using: &random) {
                messages.append(next(after: sent, using: &random))
            }
            sent = (sent + messages).suffix(Self.remembered)
            await send(messages)
            try? await Task.sleep(for: .milliseconds(Int.random(in: Self.pauseMilliseconds, using: &random)))
        }
        await producer.close(flushMilliseconds: Self.flushMilliseconds)
    }

    func stop() { isRunning.withLock { $0 = false } }

    /// Until every node has what the brokers have. Throws if the time is up before.
    func waitUntilTaken(in world: World, seconds: Double) async throws {
        try await StreamBacklog(world: world, lookUp: lookUp).waitUntilTaken(seconds: seconds)
        await lookUp.close()
    }

    // MARK: Records

    private func next(after sent: [Message], using random: inout SeededRandom) -> Message {
        // The same again, as a producer that is not idempotent may: the ids tell.
        if random.oneIn(20), let again = sent.randomElement(using: &random), again.payment != nil { return again }
        let user = Workload.users(seed).randomElement(using: &random)!
        if random.oneIn(40) { return poison(user, using: &random) }
        let payment = Payment(id: ClientTransactionID.make(using: &random), user: user, using: &random)
        return Message(
            operation: recorder.nextOperation(), payment: payment,
            record: KafkaRecord(
                topic: StreamTopics.payments, key: Array(user.utf8), value: Array(payment.json.utf8)))
    }

    /// Refused each for another reason.
    private func poison(_ user: String, using random: inout SeededRandom) -> Message {
        var record = KafkaRecord(topic: StreamTopics.payments, key: Array(user.utf8), value: nil)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: break
        case 1: record.value = Array("this is no payment".utf8)
        case 2: record.value = Array(Payment(id: nil, user: user, fault: true, using: &random).json.utf8)
        default:
            record.value = Array("this is no envelope".utf8)
            record.headers = [KafkaHeader(name: "redoubt-envelope", value: Array("0".utf8))]
        }
        return Message(operation: recorder.nextOperation(), payment: nil, record: record)
    }

    // MARK: Acknowledgements

    private func send(_ messages: [Message]) async {
        let sent = recorder.now
        do throws(KafkaError) {
            let results = try await producer.send(messages.map(\.record))
            for (message, result) in zip(messages, results) { note(message, sent, result) }
        } catch {
            // Not one was accepted.
            for message in messages { note(message, sent, .refused, problem: error.description) }
        }
    }

    private func note(_ message: Message, _ sent: Int64, _ result: Result<KafkaDelivery, KafkaError>) {
        switch result {
        case .success(let delivery):
            let place = delivery.offset.map { "\(delivery.partition)@\($0)" }
            // Of a payment the id tells; other records can't be told apart but by their places.
            let isPlain = message.payment != nil || (place != nil && !delivery.mayBeDoubled)
            note(message, sent, isPlain ? .ok : .unknown, place: place)
        case .failure(let error):
            let outcome = error.persistence == .notPersisted ? CallRecord.Outcome.refused : .unknown
            note(message, sent, outcome, problem: error.description)
        }
    }

    private func note(
        _ message: Message, _ sent: Int64, _ outcome: CallRecord.Outcome, place: String? = nil, problem: String? = nil
    ) {
        let payment = message.payment
        recorder.record(
            CallRecord(
                number: 0, operation: message.operation, client: Self.client, node: CallRecord.brokers,
                kind: payment == nil ? .poison : .stream, sent: sent, ended: recorder.now, outcome: outcome,
                transactions: [payment?.id].compactMap(\.self), users: payment.map { [$0.user] },
                acknowledger: .brokers, value: place, problem: problem))
    }
}
