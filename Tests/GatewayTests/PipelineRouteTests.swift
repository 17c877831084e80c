import Foundation
import Gateway
import Kafka
import Ledger
import Logging
import Pipeline
import Raft
import Security
import Streams
import Synchronization
import Testing

@Suite("The pipeline is looked after over HTTPS", .serialized)
struct PipelineRouteTests {
    private static let partition = StreamPartition(topic: "transactions", number: 3)

    @Test("A node without Kafka tells the cluster's offsets and channels, and null for its own part")
    func withoutKafka() async throws {
        var ledger = LedgerState()
        let failures = (1...101).map { number in
            OutboxChange.failed(
                channel: "kafka:alerts",
                FailedDelivery(
                    position: OutboxPosition(index: LogIndex(UInt64(number)), ordinal: 0), id: nil, attempts: 1,
                    reason: "no", failedAtMicroseconds: 0))
        }
        let delivered = OutboxChange.delivered(
            channel: "kafka:alerts", through: OutboxPosition(index: LogIndex(200), ordinal: 1))
        _ = ledger.takeOutbox([delivered] + failures, author: "", nowMicroseconds: 0)
        let outbox = ledger.outbox
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.kafka.state.withLock {
                $0.offsets = [StreamOffset(partition: Self.partition, clusterID: "c", nextOffset: 17)]
                $0.outbox = outbox
            }
            let json = try await gateway.request("GET", "/pipeline").json()
            #expect(json.keys.sorted() == ["channels", "offsets", "producer", "reader"])
            #expect(json["reader"] is NSNull)
            #expect(json["producer"] is NSNull)
            let offset = try #require((json["offsets"] as? [[String: Any]])?.first)
            #expect(offset["topic"] as? String == "transactions")
            #expect(offset["partition"] as? Int == 3)
            #expect(offset["cluster_id"] as? String == "c")
            #expect(offset["next_offset"] as? Int == 17)
            let channel = try #require((json["channels"] as? [[String: Any]])?.first)
            #expect(channel["name"] as? String == "kafka:alerts")
            #expect(channel["position"] as? String == "200.1")
            #expect(channel["failure_count"] as? Int == 101)
            #expect((channel["failures"] as? [Any])?.count == 100)
            #expect(channel["dropped"] as? Int == 0)
        }
    }

    @Test("A node with Kafka tells how its reader and its producer do")
    func withKafka() async throws {
        let configuration = StreamConfiguration(
            connection: KafkaConnection(brokers: ["127.0.0.1:1"]), topic: "transactions")
        let logger = Logger(label: "gateway-test") { _ in SwiftLogNoOpLogHandler() }
        let key = SealingKey(bytes: (0..<32).map { UInt8($0) })
        let (sealer, blindIndex) = (Sealer(key: key), BlindIndex(key: key))
        let worker = try StreamWorker(
            configuration, memberID: "node-1", sink: NoLedger(), sealer: sealer, blindIndex: blindIndex, logger: logger)
        let producer = try StreamProducer(
            configuration, sealer: sealer, blindIndex: blindIndex,
            direct: { _ throws(BackendError) in throw .unavailable(reason: "no ledger", retryAfterSeconds: 1) },
            logger: logger)
        var (reader, writer) = (worker.report, producer.report)
        reader.state = .paused
        reader.isPaused = true
        reader.clusterID = "c"
        reader.heldRecords = 4
        reader.counters.deadLetters = 5
        reader.trouble = "no broker"
        writer.bufferedBytes = 6
        let reports = (reader, writer)
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.kafka.state.withLock { ($0.reader, $0.producer) = reports }
            let json = try await gateway.request("GET", "/pipeline").json()
            let reader = try #require(json["reader"] as? [String: Any])
            #expect(
                reader.keys.sorted() == [
                    "cluster_id", "counters", "group", "held_bytes", "held_records", "lag", "partitions", "paused",
                    "queued_bytes", "queued_records", "state", "topic", "trouble",
                ])
            #expect(reader["state"] as? String == "paused")
            #expect(reader["paused"] as? Bool == true)
            #expect(reader["held_records"] as? Int == 4)
            #expect((reader["counters"] as? [String: Int])?["dead_letters"] == 5)
            let producer = try #require(json["producer"] as? [String: Any])
            #expect(producer["buffered_bytes"] as? Int == 6)
            #expect(producer["shedding"] as? Bool == false)
        }
        await producer.close(flushMilliseconds: 0)
    }

    @Test("An alarm tells since when it stands, and whether an operator has to end it")
    func alarm() throws {
        let alarm = ReaderDocument.Alarm(
            StreamAlarm(.offsetExpired, "gone", sinceMilliseconds: 1_763_819_100_250))
        #expect(alarm.kind == "offset_expired")
        #expect(alarm.since == "2025-11-22T13:45:00.250000Z")
        #expect(alarm.needsOperator)
    }

    @Test("The node is paused and resumed; without Kafka that is a 404")
    func pause() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            #expect(try await gateway.request("POST", "/pipeline/pause").text == #"{"paused":true}"#)
            #expect(try await gateway.request("POST", "/pipeline/resume").text == #"{"paused":false}"#)
            #expect(gateway.backend.kafka.calls == [.setPaused(true), .setPaused(false)])
            gateway.backend.kafka.state.withLock {
                $0.failure = .notFound(what: "a topic: this node is not configured for Kafka")
            }
            #expect(try await gateway.request("POST", "/pipeline/pause").status == 404)
        }
    }

    @Test("An operator says where the ledger goes on, or has it forget a partition")
    func reset() async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let front = #"{"topic":"transactions","partition":3"#
            let first = try await gateway.administer("POST", "/pipeline/reset", front + #","next_offset":5}"#)
            #expect(
                first.text
                    == #"{"changed":true,"log_index":31,"partition":3,"previous":null,"topic":"transactions"}"#)
            gateway.backend.kafka.state.withLock { $0.previous = StreamPosition(clusterID: "c", nextOffset: 17) }
            let bodies = [
                #","next_offset":9223372036854775807,"cluster_id":"d","forget":false}"#, #","forget":true}"#,
                #","forget":true,"next_offset":null,"cluster_id":null}"#,
            ]
            for body in bodies {
                let response = try await gateway.administer("POST", "/pipeline/reset", front + body)
                #expect(response.text.contains(#""previous":{"cluster_id":"c","next_offset":17}"#), "\(body)")
            }
            #expect(
                gateway.backend.kafka.calls == [
                    .reset(Self.partition, clusterID: nil, nextOffset: 5, author: "tester"),
                    .reset(Self.partition, clusterID: "d", nextOffset: .max, author: "tester"),
                    .forget(Self.partition, author: "tester"), .forget(Self.partition, author: "tester"),
                ])
        }
    }

    @Test(
        "What is wrong with a reset is told by field",
        arguments: [
            (#"{}"#, ["next_offset", "partition", "topic"]),
            (#"{"topic":"a b","partition":0,"next_offset":0}"#, ["topic"]),
            (#"{"topic":"t","partition":2147483648,"next_offset":0}"#, ["partition"]),
            (#"{"topic":"t","partition":0,"next_offset":-1}"#, ["next_offset"]),
            (#"{"topic":"t","partition":0,"next_offset":9223372036854775808}"#, ["next_offset"]),
            (#"{"topic":"t","partition":0,"next_offset":0,"cluster_id":""}"#, ["cluster_id"]),
            (#"{"topic":"t","partition":0,"next_offset":0,"forget":true}"#, ["next_offset"]),
            (#"{"topic":"t","partition":0,"cluster_id":"c","forget":true}"#, ["cluster_id"]),
            (#"{"topic":"t","partition":0,"next_offset":0,"offset":1}"#, ["offset"]),
        ])
    func badResets(body: String, fields: [String]) async throws {
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            let response = try await gateway.administer("POST", "/pipeline/reset", body)
            #expect(response.status == 422)
            #expect(try response.faults("invalid-fields").keys.sorted() == fields)
            #expect(gateway.backend.kafka.calls.isEmpty)
        }
    }

    @Test("Dead letters are shown as text where they are text, and as bytes where not")
    func deadLetters() async throws {
        let euro = try #require(Currency("EUR"))
        let transaction = Transaction(
            userID: "u", amount: try #require(Amount(minorUnits: 4250, currency: euro)), merchant: "Café",
            location: "Berlin, DE", occurredAtMicroseconds: 1_763_819_100_000_000)
        let contents: [DeadLetterView.Content] = [
            .raw(DeadLetterContent(key: Array("k\"".utf8), value: Array("{\n".utf8))),
            .raw(DeadLetterContent(key: [0xFF], value: [0xFF, 0xFE])),
            .raw(DeadLetterContent(key: nil, value: nil)),
            .transaction(AlertRouteTests.id, transaction),
        ]
        let letters = contents.enumerated().map { place, content in
            DeadLetterView(
                position: OutboxPosition(index: LogIndex(7), ordinal: UInt32(place)), partition: Self.partition,
                offset: 40 + Int64(place), createdAtMicroseconds: 1_763_819_100_250_000, reason: "malformed",
                detail: "not JSON", content: content)
        }
        try await TestGateway.run { (gateway: TestGateway) async throws -> Void in
            gateway.backend.kafka.state.withLock { $0.letters = DeadLetterPage(letters: letters, hasMore: true) }
            let json = try await gateway.request("GET", "/pipeline/dead-letters?after=4%2E1&limit=4").json()
            #expect(json["next_position"] as? String == "7.3")
            let told = try #require(json["letters"] as? [[String: Any]])
            #expect(
                told.first?.keys.sorted() == [
                    "content", "created_at", "detail", "offset", "partition", "position", "reason", "topic",
                ])
            #expect(told.first?["position"] as? String == "7.0")
            #expect(told.first?["offset"] as? Int == 40)
            let shown = told.compactMap { $0["content"] as? [String: Any] }
            try #require(shown.count == 4)
            #expect(shown[0]["key"] as? String == "k\"")
            #expect(shown[0]["value"] as? String == "{\n")
            #expect(shown[0].keys.sorted() == ["cut", "key", "value", "value_bytes"])
            #expect(shown[1]["key"] is NSNull)
            #expect(shown[1]["key_base64"] as? String == "/w==")
            #expect(shown[1]["value_base64"] as? String == "//4=")
            #expect(shown[1]["value_bytes"] as? Int == 2)
            #expect(shown[2]["value"] is NSNull)
            #expect(shown[2].keys.sorted() == ["cut", "key", "value", "value_bytes"])
            let payment = try #require(shown[3]["transaction"] as? [String: Any])
            #expect(payment["transaction_id"] as? String == "\(AlertRouteTests.id)")
            #expect(payment["amount"] as? String == "42.50")
            #expect(payment["decision"] == nil)

            gateway.backend.kafka.state.withLock { $0.letters = DeadLetterPage(letters: letters, hasMore: false) }
            #expect(try await gateway.request("GET", "/pipeline/dead-letters").json()["next_position"] is NSNull)
            #expect(
                gateway.backend.kafka.calls == [
                    .deadLetters(after: OutboxPosition(index: LogIndex(4), ordinal: 1), limit: 4),
                    .deadLetters(after: .start, limit: 20),
                ])
            for (query, field) in [("after=x", "after"), ("limit=101", "limit"), ("limit=0", "limit"), ("x=1", "x")] {
                let response = try await gateway.request("GET", "/pipeline/dead-letters?\(query)")
                #expect(response.status == 422)
                #expect(try response.faults("invalid-request").keys.sorted() == [field])
            }
        }
    }
}

/// A ledger that is never asked.
private struct NoLedger: StreamSink {
    func submit(_ batch: StreamBatch) async -> BatchOutcome { .unavailable(reason: "none", retryAfterMilliseconds: 1) }
    func nextOffsets() async throws -> [KafkaPartition: LedgerOffset] { [:] }
}
