import Kafka
import KafkaMock
import Ledger
import Logging
import Pipeline
import Security
import Streams
import Synchronization
import Testing

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
let key = SealingKey(bytes: (0..<32).map { UInt8($0) })
let sealer = Sealer(key: key)
let blindIndex = BlindIndex(key: key)

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

/// Numbers from a seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// The payment of a number.
func payment(_ number: Int, user: String? = nil, id: TransactionID? = nil, isOccurrenceGiven: Bool = true)
    -> SubmittedTransaction
{
    SubmittedTransaction(
        transaction: Transaction(
            userID: user ?? "user-\(number % 97)",
            amount: Amount(minorUnits: Int64(number + 1), currency: Currency("EUR")!)!,
            merchant: "shop \(number % 13)", location: "Berlin, DE",
            occurredAtMicroseconds: 1_700_000_000_000_000 + Int64(number)),
        id: id, isOccurrenceGiven: isOccurrenceGiven)
}

func id(_ number: Int) -> TransactionID { TransactionID(rawValue: UInt128(number + 1) << 80 | UInt128(number)) }

/// As another producer would write it.
func json(_ number: Int, id: TransactionID? = nil) -> [UInt8] {
    let name = id.map { "\"transaction_id\": \"\($0)\", " } ?? ""
    return Array(
        """
        {\(name)"user_id": "user-\(number % 97)", "amount": "\(number).50", "currency": "EUR", "merchant": "shop", \
        "location": "Berlin, DE"}
        """.utf8)
}

func envelope(_ number: Int, topic: String, partition: Int32? = nil) -> KafkaRecord {
    var record = Envelope.record(
        of: payment(number), id: id(number), topic: topic, sealer: sealer, blindIndex: blindIndex)
    record.partition = partition
    return record
}

extension KafkaReceivedRecord {
    /// As the topic would give it back.
    init(_ record: KafkaRecord, offset: Int64, timestampMilliseconds: Int64? = 1_700_000_000_000) {
        self.init(
            offset: offset, timestampMilliseconds: timestampMilliseconds, key: record.key, value: record.value,
            headers: record.headers)
    }
}

extension MockBrokers {
    var connection: KafkaConnection {
        KafkaConnection(
            brokers: addresses, clientID: "tests", reconnectBackoffLimitMilliseconds: 200,
            statisticsIntervalMilliseconds: 100)
    }

    func configuration(
        topic: String = "payments", _ configure: (inout StreamConfiguration) -> Void = { _ in }
    ) -> StreamConfiguration {
        var configuration = StreamConfiguration(
            connection: connection, topic: topic, sessionTimeoutMilliseconds: 6_000, recheckMilliseconds: 200)
        configure(&configuration)
        return configuration
    }

    func makeWorker(
        _ sink: any StreamSink, member: String = "node-1", _ configure: (inout StreamConfiguration) -> Void = { _ in }
    ) throws -> StreamWorker {
        let worker = try StreamWorker(
            configuration(configure), memberID: member, sink: sink, sealer: sealer, blindIndex: blindIndex,
            logger: quiet)
        worker.start()
        return worker
    }

    /// Sends records and waits for all of them.
    func send(_ records: [KafkaRecord]) async throws {
        // What the mock brokers keep is bounded by what they were sent.
        let producer = try KafkaProducer(
            KafkaProducerConfiguration(connection: connection, compression: .none), logger: quiet)
        for start in stride(from: 0, to: records.count, by: 1_000) {
            for result in try await producer.send(Array(records[start..<min(start + 1_000, records.count)])) {
                _ = try result.get()
            }
        }
        await producer.close(flushMilliseconds: 5_000)
    }
}
