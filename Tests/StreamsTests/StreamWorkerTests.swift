import Kafka
import KafkaMock
import Ledger
import Streams
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A worker` {
    private let first = KafkaPartition(topic: "payments", number: 0)

    private func ids(_ numbers: some Sequence<Int>) -> [TransactionID] { numbers.map { id($0) } }

    @Test func `brings all there is to the ledger, in order and once`() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 4)
        try await brokers.send((0..<4_000).map { envelope($0, topic: "payments", partition: Int32($0 % 4)) })
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger) { $0.batchRecords = 100 }
        try await eventually { ledger.count == 4_000 }
        try await brokers.send((4_000..<5_000).map { envelope($0, topic: "payments", partition: Int32($0 % 4)) })
        try await eventually { ledger.count == 5_000 }
        for number in 0..<4 {
            let partition = KafkaPartition(topic: "payments", number: Int32(number))
            #expect(ledger.ids(partition) == ids(stride(from: number, to: 5_000, by: 4)))
            #expect(ledger.offsets[partition]?.next == 1_250)
        }
        #expect(ledger.conflicts == 0)
        try await eventually { worker.report.state == .running && worker.report.lag == 0 }
        let report = worker.report
        #expect(report.counters.records == 5_000 && report.counters.batches == ledger.batches.count)
        #expect(report.partitions.map(\.committedOffset) == [1_250, 1_250, 1_250, 1_250])
        #expect(report.heldRecords == 0 && report.trouble == nil && report.clusterID?.isEmpty == false)
        await worker.stop()
        #expect(worker.report.state == .stopped)
    }

    @Test func `goes on where the ledger stands`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.send((0..<100).map { envelope($0, topic: "payments", partition: 0) })
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger)
        try await eventually { ledger.count == 100 }
        await worker.stop()
        try await brokers.send((100..<150).map { envelope($0, topic: "payments", partition: 0) })
        let next = try brokers.makeWorker(ledger)
        try await eventually { ledger.count == 150 }
        await next.stop()
        #expect(ledger.ids(first) == ids(0..<150))
        #expect(ledger.batches.allSatisfy { $0.clusterID == ledger.offsets[first]?.clusterID })
        #expect(ledger.conflicts == 0)
    }

    @Test func `puts what is no payment into the same batch as a dead letter`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        var records = (0..<10).map { envelope($0, topic: "payments", partition: 0) }
        records[3] = KafkaRecord(topic: "payments", partition: 0, value: Array("poison".utf8))
        records[9] = KafkaRecord(topic: "payments", partition: 0, value: nil)
        records[5] = KafkaRecord(topic: "payments", partition: 0, value: json(5, id: id(5)))
        try await brokers.send(records)
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger)
        try await eventually { ledger.offsets[first]?.next == 10 }
        #expect(ledger.ids(first) == ids([0, 1, 2, 4, 5, 6, 7, 8]))
        #expect(ledger.deadLetters(first).map(\.offset) == [3, 9])
        #expect(ledger.deadLetters(first).map(\.reason) == ["not_json", "no_value"])
        #expect(worker.report.counters.deadLetters == 2)
        await worker.stop()
    }

    @Test(arguments: 1...4) func `loses and doubles nothing when the ledger refuses, and when its answers are lost`(
        seed: Int
    ) async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let ledger = LedgerOfOffsets(.troubled(percent: 20, seed: UInt64(seed)))
        let worker = try brokers.makeWorker(ledger) {
            $0.batchRecords = 20
            $0.heldRecords = 200
        }
        try await brokers.send((0..<2_000).map { envelope($0, topic: "payments", partition: Int32($0 % 2)) })
        try await eventually(within: 60) { ledger.count == 2_000 }
        ledger.mood = .well
        try await eventually { worker.report.heldRecords == 0 }
        for number in 0..<2 {
            let partition = KafkaPartition(topic: "payments", number: Int32(number))
            #expect(ledger.ids(partition) == ids(stride(from: number, to: 2_000, by: 2)))
        }
        #expect(worker.report.counters.refusals > 0 && worker.report.counters.conflicts > 0)
        await worker.stop()
    }

    @Test func `reads no more than it may while the ledger takes nothing, and all of it after that`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger) {
            $0.batchRecords = 50
            $0.heldRecords = 300
        }
        try await brokers.send((0..<100).map { envelope($0, topic: "payments", partition: 0) })
        try await eventually("the first are taken") { ledger.count == 100 }
        // It still says where it stands, should the group have its members join anew.
        ledger.mood = .refusing(.unavailable(reason: "a queue is full", retryAfterMilliseconds: 1))
        try await brokers.send((100..<5_000).map { envelope($0, topic: "payments", partition: 0) })
        // The consumer pauses at 300 and goes on from 150 down: between them it may have come to rest anywhere.
        try await eventually("it has read what it may") {
            worker.report.heldRecords >= 300 && worker.report.queuedRecords > 150
        }
        let calls = ledger.calls
        try await Task.sleep(for: .milliseconds(500))
        let report = worker.report
        #expect(report.heldRecords < 300 + 50 && report.queuedRecords <= 300 + 50)
        #expect(report.state == .waiting && report.partitions.first?.state == .waiting)
        // It asks now and then.
        #expect(ledger.calls - calls < 30)
        ledger.mood = .well
        try await eventually("all is taken") { ledger.count == 5_000 }
        #expect(ledger.ids(first) == ids(0..<5_000))
        await worker.stop()
    }

    @Test func `has several batches under way`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.send((0..<2_000).map { envelope($0, topic: "payments", partition: 0) })
        let ledger = LedgerOfOffsets(.troubled(percent: 0, seed: 3))
        let worker = try brokers.makeWorker(ledger) {
            $0.batchRecords = 50
            $0.batchesUnderWay = 4
        }
        try await eventually { ledger.count == 2_000 }
        #expect(ledger.mostUnderWay == 4 && ledger.conflicts == 0)
        await worker.stop()
    }

    @Test func `reads nothing while it is paused`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let ledger = LedgerOfOffsets()
        let worker = try brokers.makeWorker(ledger)
        try await brokers.send([envelope(0, topic: "payments", partition: 0)])
        try await eventually { ledger.count == 1 }
        worker.pause()
        #expect(worker.isPaused)
        try await Task.sleep(for: .milliseconds(200))
        try await brokers.send((1..<100).map { envelope($0, topic: "payments", partition: 0) })
        try await Task.sleep(for: .milliseconds(500))
        #expect(ledger.count == 1 && worker.report.state == .paused)
        worker.resume()
        try await eventually { ledger.count == 100 }
        #expect(ledger.ids(first) == ids(0..<100))
        await worker.stop()
    }

    @Test func `stops a partition of another cluster, and goes on when an operator has said where`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let ledger = LedgerOfOffsets()
        ledger.reset(first, to: LedgerOffset(clusterID: "another", next: 0))
        try await brokers.send((0..<20).map { envelope($0, topic: "payments", partition: Int32($0 % 2)) })
        let worker = try brokers.makeWorker(ledger)
        // The other partition goes on.
        try await eventually { ledger.count == 10 && worker.report.state == .alarm }
        let stopped = try #require(worker.report.partitions.first)
        #expect(stopped.state == .stopped && stopped.alarm?.kind == .otherCluster)
        #expect(stopped.alarm?.message.contains("another") == true)
        try await Task.sleep(for: .milliseconds(500))
        #expect(ledger.count == 10 && worker.report.counters.alarms == 1)
        let clusterID = try #require(worker.report.clusterID)
        ledger.reset(first, to: LedgerOffset(clusterID: clusterID, next: 4))
        try await eventually { ledger.count == 16 }
        #expect(ledger.ids(first) == ids(stride(from: 8, to: 20, by: 2)))
        #expect(worker.report.state == .running)
        await worker.stop()
    }

    @Test func `stops where a topic ends before the ledger's offset, and stays so when the topic grows`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.send((0..<10).map { envelope($0, topic: "payments", partition: 0) })
        let ledger = LedgerOfOffsets()
        let before = try brokers.makeWorker(ledger)
        try await eventually { ledger.count == 10 }
        await before.stop()
        // As if the topic had been made anew since.
        let clusterID = try #require(ledger.offsets[first]?.clusterID)
        ledger.reset(first, to: LedgerOffset(clusterID: clusterID, next: 50))
        let worker = try brokers.makeWorker(ledger)
        try await eventually { worker.report.partitions.first?.alarm?.kind == .offsetBeyondEnd }
        try await brokers.send((10..<100).map { envelope($0, topic: "payments", partition: 0) })
        try await Task.sleep(for: .milliseconds(1_000))
        #expect(ledger.count == 10 && worker.report.state == .alarm)
        ledger.reset(first, to: LedgerOffset(clusterID: clusterID, next: 10))
        try await eventually { ledger.count == 100 }
        #expect(ledger.ids(first) == ids(0..<100))
        await worker.stop()
    }

    @Test func `stops when the ledger refuses for good, and tries again now and then`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.send((0..<10).map { envelope($0, topic: "payments", partition: 0) })
        let ledger = LedgerOfOffsets(.refusing(.tooManyPartitions(limit: 1)))
        let worker = try brokers.makeWorker(ledger)
        try await eventually { worker.report.partitions.first?.alarm?.kind == .tooManyPartitions }
        ledger.mood = .well
        try await eventually { ledger.count == 10 }
        #expect(ledger.ids(first) == ids(0..<10))
        await worker.stop()
    }

    @Test func `waits for a ledger that is not there yet`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.send((0..<10).map { envelope($0, topic: "payments", partition: 0) })
        let ledger = LedgerOfOffsets(.away)
        let worker = try brokers.makeWorker(ledger)
        try await eventually { worker.report.partitions.first?.state == .opening && worker.report.trouble != nil }
        #expect(worker.report.state == .starting)
        ledger.mood = .well
        try await eventually { ledger.count == 10 && worker.report.trouble == nil }
        await worker.stop()
    }

    @Test func `two under one name in turn: what one had under way the other neither doubles nor skips`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let ledger = LedgerOfOffsets(.troubled(percent: 5, seed: 9))
        let sending = Task {
            for start in stride(from: 0, to: 6_000, by: 200) {
                try await brokers.send(
                    (start..<start + 200).map { envelope($0, topic: "payments", partition: Int32($0 % 2)) })
            }
        }
        for turn in 0..<4 {
            let worker = try brokers.makeWorker(ledger, member: "node-1") { $0.batchRecords = 20 }
            let goal = (turn + 1) * 1_200
            try await eventually(within: 60) { ledger.count >= goal }
            await worker.stop()
        }
        let last = try brokers.makeWorker(ledger, member: "node-1") { $0.batchRecords = 20 }
        try await sending.value
        try await eventually(within: 60) { ledger.count == 6_000 }
        await last.stop()
        for number in 0..<2 {
            let partition = KafkaPartition(topic: "payments", number: Int32(number))
            #expect(ledger.ids(partition) == ids(stride(from: number, to: 6_000, by: 2)))
        }
    }

    @Test func `a zombie with the same partitions moves nothing`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let ledger = LedgerOfOffsets(.troubled(percent: 3, seed: 4))
        // Groups of their own: both believe that everything is theirs.
        let workers = try ["a", "b"].map { group in
            try brokers.makeWorker(ledger) {
                $0.group = group
                $0.batchRecords = 20
            }
        }
        for start in stride(from: 0, to: 4_000, by: 400) {
            try await brokers.send(
                (start..<start + 400).map { envelope($0, topic: "payments", partition: Int32($0 % 2)) })
        }
        try await eventually(within: 60) { ledger.count == 4_000 }
        for worker in workers { await worker.stop() }
        for number in 0..<2 {
            let partition = KafkaPartition(topic: "payments", number: Int32(number))
            #expect(ledger.ids(partition) == ids(stride(from: number, to: 4_000, by: 2)))
            #expect(ledger.offsets[partition]?.next == 2_000)
        }
        #expect(ledger.conflicts > 0)
    }

    @Test func `says which setting is wrong`() throws {
        let brokers = try MockBrokers()
        for (field, change) in [
            ("alertsTopic", { $0.alertsTopic = "payments" }), ("deadLetterTopic", { $0.deadLetterTopic = "a b" }),
            ("batchesUnderWay", { $0.batchesUnderWay = 0 }), ("topics", { $0.topic = "" }),
            ("groupID", { $0.group = "" }), ("heldRecords", { $0.heldRecords = 0 }),
            ("brokers", { $0.connection.brokers = [] }),
        ] as [(String, (inout StreamConfiguration) -> Void)] {
            let error = #expect(throws: KafkaError.self) { try brokers.configuration(change).validate() }
            #expect(error?.field == field)
        }
    }
}
