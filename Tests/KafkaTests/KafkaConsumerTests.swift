import CRdkafka
import Kafka
import KafkaMock
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A Kafka consumer` {
    let payments = KafkaPartition(topic: "payments", number: 0)

    @Test func `reads ten thousand records in order, with keys, headers and times`() async throws {
        let brokers = try MockBrokers(3)
        try brokers.createTopic("payments", partitions: 3)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate()) {
            $0.batchRecordLimit = 500
            $0.batchByteLimit = 10_000
        }
        let producer = try brokers.makeProducer()
        for chunk in 0..<20 {
            let records = (0..<500).map { index in
                let number = chunk * 500 + index
                return KafkaRecord(
                    topic: "payments", partition: Int32(number % 3), key: Array("key-\(number)".utf8),
                    value: number % 1_000 == 7 ? nil : Array("\(number)".utf8),
                    headers: [
                        KafkaHeader(name: "kid", value: [0, 255]), KafkaHeader(name: "kid", value: nil),
                        KafkaHeader(name: "empty", value: []),
                    ], timestampMilliseconds: 1_700_000_000_000 + Int64(number))
            }
            for result in try await producer.send(records) { _ = try result.get() }
        }
        var next: [KafkaPartition: Int64] = [:]
        var count = 0
        while count < 10_000, let batch = try await consumer.nextBatch() {
            #expect(batch.expectedOffset == next[batch.partition] ?? 0)
            #expect(batch.skippedOffsets == 0 && batch.assignment == 1)
            #expect(batch.records.count <= 500)
            #expect(batch.byteCount < 10_000 + 100 && batch.byteCount == batch.records.reduce(0) { $0 + $1.byteCount })
            for record in batch.records {
                let number = Int(record.offset) * 3 + Int(batch.partition.number)
                #expect(record.key == Array("key-\(number)".utf8))
                #expect(record.value == (number % 1_000 == 7 ? nil : Array("\(number)".utf8)))
                #expect(record.headers.map(\.name) == ["kid", "kid", "empty"])
                #expect(record.headers.map(\.value) == [[0, 255], nil, []])
                #expect(record.timestampMilliseconds == 1_700_000_000_000 + Int64(number))
                #expect(record.offset == next[batch.partition] ?? 0)
                next[batch.partition] = record.offset + 1
            }
            count += batch.records.count
        }
        #expect(count == 10_000)
        try await eventually { consumer.positions.values.compactMap(\.self).reduce(0, +) == 10_000 }
        await consumer.close()
        await producer.close(flushMilliseconds: 1_000)
    }

    @Test func `begins where it is told, and commits nothing`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<100)
        for _ in 0..<2 {
            let delegate = RecordingDelegate { _ in .offset(60) }
            let consumer = try brokers.makeConsumer(of: "payments", delegate)
            #expect(try await consumer.take(40).map(\.number) == Array(60..<100))
            await consumer.close()
            #expect(delegate.events == [.assigned([payments]), .away([payments], .revoked)])
            #expect(try await consumer.nextBatch() == nil)
        }
    }

    @Test func `pauses when too much was read that nobody takes, and goes on without a gap`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate()) {
            $0.recordMarks = .init(high: 1_000, low: 300)
            $0.batchRecordLimit = 100
            $0.fetchAheadKilobytes = 64
        }
        try await brokers.fill("payments", partition: 0, numbers: 0..<6_000)
        try await brokers.fill("payments", partition: 1, numbers: 0..<6_000)
        var next: [KafkaPartition: Int] = [:]
        var taken = 0
        var pauses = 0
        while taken < 12_000 {
            // Until the thread has read as much as it may.
            if 12_000 - taken > 1_000 {
                try await eventually { consumer.held.records >= 900 && consumer.pausedPartitions.count == 2 }
                pauses += 1
            }
            #expect(consumer.held.records <= 1_000)
            // From the high mark to below the low one, however few records a batch has on a busy machine.
            let target = min(taken + 800, 12_000)
            while taken < target {
                let batch = try #require(try await consumer.nextBatch())
                #expect(batch.records.map(\.number) == Array(next[batch.partition, default: 0]..<Int(batch.nextOffset)))
                #expect(batch.skippedOffsets == 0)
                next[batch.partition] = Int(batch.nextOffset)
                taken += batch.records.count
            }
        }
        #expect(pauses > 5)
        try await eventually { consumer.pausedPartitions.isEmpty }
        await consumer.close()
    }

    @Test func `pauses at the high mark of bytes`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<400, padding: 1_000)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate()) {
            $0.byteMarks = .init(high: 50_000, low: 10_000)
            $0.batchByteLimit = 5_000
        }
        try await eventually { !consumer.pausedPartitions.isEmpty }
        #expect(consumer.held.bytes <= 50_000 + 1_003)
        #expect(try await consumer.take(400).map(\.number) == Array(0..<400))
        await consumer.close()
    }

    @Test func `reads nothing while it is paused, and everything after that`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<10)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate())
        #expect(try await consumer.take(10).map(\.number) == Array(0..<10))
        consumer.pause()
        try await eventually { consumer.pausedPartitions == [payments] }
        try await brokers.fill("payments", numbers: 10..<500)
        try await Task.sleep(for: .milliseconds(300))
        #expect(consumer.held.records == 0)
        consumer.resume()
        #expect(try await consumer.take(490).map(\.number) == Array(10..<500))
        // The same for one partition.
        consumer.pause(payments)
        try await eventually { consumer.pausedPartitions == [payments] }
        try await brokers.fill("payments", numbers: 500..<600)
        consumer.resume(payments)
        #expect(try await consumer.take(100).map(\.number) == Array(500..<600))
        await consumer.close()
    }

    @Test func `reads on from where it is sought to, also when paused`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<2_000)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate())
        #expect(try await consumer.take(2_000).count == 2_000)
        try await consumer.seek(payments, to: 500)
        let batch = try #require(try await consumer.nextBatch())
        #expect(batch.expectedOffset == 500 && batch.firstOffset == 500)
        try await consumer.seek(payments, to: 1_990)
        #expect(try await consumer.take(10).map(\.number) == Array(1_990..<2_000))
        consumer.pause()
        try await consumer.seek(payments, to: 100)
        try await Task.sleep(for: .milliseconds(200))
        #expect(consumer.held.records == 0)
        consumer.resume()
        #expect(try await consumer.take(1_900).map(\.number) == Array(100..<2_000))
        let error = try await #require(throws: KafkaError.self) {
            try await consumer.seek(KafkaPartition(topic: "payments", number: 9), to: 0)
        }
        #expect(error.kind == .notAssigned)
        await consumer.close()
    }

    @Test func `holds a partition until it is told where to begin`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        try await brokers.fill("payments", partition: 0, numbers: 0..<50)
        try await brokers.fill("payments", partition: 1, numbers: 0..<50)
        let delegate = RecordingDelegate { $0.number == 0 ? .hold : .earliest }
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        #expect(try await consumer.take(50).map(\.number) == Array(0..<50))
        #expect(consumer.pausedPartitions == [payments] && consumer.held.records == 0)
        try await consumer.seek(payments, to: 30)
        #expect(try await consumer.take(20).map(\.number) == Array(30..<50))
        await consumer.close()
    }

    @Test func `begins where it is told even if it is told before the brokers have answered anything`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 12)
        let partitions = (0..<12).map { KafkaPartition(topic: "payments", number: $0) }
        for partition in partitions {
            try await brokers.fill("payments", partition: partition.number, numbers: 0..<50)
        }
        // An answer about a partition's end that comes after the seek must not move reading there.
        try brokers.setRoundTrip(milliseconds: 300)
        let delegate = RecordingDelegate { _ in .hold }
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        try await eventually { delegate.events.contains(.assigned(partitions)) }
        for partition in partitions { try await consumer.seek(partition, to: 30) }
        try brokers.setRoundTrip(milliseconds: 0)
        // Who begins at the end finds these and skips the others.
        for partition in partitions {
            try await brokers.fill("payments", partition: partition.number, numbers: 50..<51)
        }
        #expect(
            try await consumer.take(12 * 21).map(\.number).sorted()
                == (30..<51).flatMap { Array(repeating: $0, count: 12) })
        await consumer.close()
    }

    @Test func `stops a partition whose end lies before its offset, and starts it again`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        try await brokers.fill("payments", partition: 0, numbers: 0..<50)
        try await brokers.fill("payments", partition: 1, numbers: 0..<50)
        let delegate = RecordingDelegate { $0.number == 0 ? .offset(700) : .offset(0) }
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        #expect(try await consumer.take(50).map(\.number) == Array(0..<50))
        try await eventually { delegate.events.contains(.stopped(payments, .offsetBeyondEnd)) }
        #expect(consumer.held.records == 0)
        try await consumer.seek(payments, to: 45)
        #expect(try await consumer.take(5).map(\.number) == Array(45..<50))
        await consumer.close()
    }

    @Test func `stops a partition whose offset retention has passed`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        // The mock brokers keep about five megabytes.
        try await brokers.fill("payments", numbers: 0..<90, padding: 100_000)
        let delegate = RecordingDelegate { _ in .offset(0) }
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        try await eventually { delegate.events.contains(.stopped(payments, .offsetExpired)) }
        #expect(consumer.held.records == 0)
        await consumer.close()
    }

    @Test func `tells partitions that are handed over from those that were lost`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments", partitions: 2)
        let both = [payments, KafkaPartition(topic: "payments", number: 1)]
        let first = RecordingDelegate()
        let older = try brokers.makeConsumer(of: "payments", member: "node-1", first)
        try await eventually { first.events.last == .assigned(both) }
        let second = RecordingDelegate()
        let younger = try brokers.makeConsumer(of: "payments", member: "node-2", second)
        // However many rounds it takes the two.
        try await eventually { first.share.count == 1 && second.share.count == 1 }
        #expect(first.events.contains(.away(both, .revoked)))
        #expect(Set(first.share + second.share) == Set(both))
        let share = second.share
        await younger.close()
        #expect(second.events.last == .away(share, .revoked))
        try await eventually { first.events.last == .assigned(both) }
        // The broker does not know the member any more.
        let count = first.events.count
        brokers.fail(.heartbeat, with: [RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID])
        try await eventually { first.events.count > count }
        guard case .away(_, .lost) = first.events[count] else {
            Issue.record("not lost: \(first.events)")
            return
        }
        // It joins again, and reads on where it is told.
        try await eventually { first.events.count > count + 1 }
        try await brokers.fill("payments", partition: 0, numbers: 0..<10)
        try await brokers.fill("payments", partition: 1, numbers: 0..<10)
        try await eventually("both partitions") { older.positions.count == 2 }
        #expect(try await older.take(20).count == 20)
        await older.close()
    }

    @Test func `drops what was read of partitions that went away`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<100)
        let delegate = RecordingDelegate()
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        try await eventually { consumer.held.records == 100 }
        consumer.pause()
        brokers.fail(.heartbeat, with: [RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID])
        try await eventually { delegate.events.count == 3 }
        #expect(delegate.events[1] == .away([payments], .lost) && delegate.events[2] == .assigned([payments]))
        // Paused by its owner before, and so after it.
        try await eventually { consumer.pausedPartitions == [payments] }
        #expect(consumer.held.records == 0)
        consumer.resume()
        let batch = try #require(try await consumer.nextBatch())
        #expect(batch.assignment == 2 && batch.expectedOffset == 0 && batch.firstOffset == 0)
        await consumer.close()
    }

    @Test func `comes to its end when another member takes its name`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let delegate = RecordingDelegate()
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        try await eventually { delegate.events.count == 1 }
        brokers.fail(.heartbeat, with: [RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID])
        let error = try await #require(throws: KafkaError.self) { try await consumer.nextBatch() }
        #expect(error.kind == .fenced)
        #expect(delegate.events == [.assigned([payments]), .away([payments], .lost), .failed(.fenced)])
        await #expect(throws: KafkaError.self) { try await consumer.seek(payments, to: 0) }
        await consumer.close()
    }

    @Test func `reads on after the brokers were away`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<10)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate())
        #expect(try await consumer.take(10).count == 10)
        try brokers.goDown()
        try await eventually { consumer.lastError?.kind == .unreachable }
        try brokers.comeUp()
        try await brokers.fill("payments", numbers: 10..<20)
        #expect(try await consumer.take(10).map(\.number) == Array(10..<20))
        #expect(consumer.lastError == nil)
        await consumer.close()
    }

    @Test func `loses no batch to a caller who no longer waits`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate())
        let waiting = Task { try await consumer.nextBatch() }
        try await Task.sleep(for: .milliseconds(50))
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await brokers.fill("payments", numbers: 0..<10)
        #expect(try await consumer.take(10).map(\.number) == Array(0..<10))
        await consumer.close()
    }

    @Test func `shows how far behind it is`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<3_000)
        let consumer = try brokers.makeConsumer(of: "payments", RecordingDelegate()) {
            $0.recordMarks = .init(high: 1_000, low: 0)
            $0.batchRecordLimit = 100
        }
        try await eventually { !consumer.pausedPartitions.isEmpty }
        try await eventually { consumer.statistics?.partitions.first?.lag == 2_000 }
        #expect(try await consumer.take(3_000).count == 3_000)
        try await eventually { consumer.statistics?.partitions.first?.lag == 0 }
        let statistics = try #require(consumer.statistics)
        #expect(statistics.partitions.first?.partition == payments)
        #expect(statistics.group?.assignedPartitions == 1 && statistics.brokersUp == 1)
        await consumer.close()
    }

    @Test func `ends in good order while records are coming in`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        try await brokers.fill("payments", numbers: 0..<20_000)
        for round in 1...4 {
            let delegate = RecordingDelegate()
            let consumer = try brokers.makeConsumer(of: "payments", group: "readers-\(round)", delegate) {
                $0.fetchByteLimit = 1_024 * round
            }
            _ = try await consumer.take(round * 1_000)
            await consumer.close()
            #expect(delegate.events == [.assigned([payments]), .away([payments], .revoked)])
        }
    }

    @Test func `ends within its time although the brokers are away`() async throws {
        let brokers = try MockBrokers()
        try brokers.createTopic("payments")
        let delegate = RecordingDelegate()
        let consumer = try brokers.makeConsumer(of: "payments", delegate)
        try await eventually { delegate.events.count == 1 }
        try brokers.goDown()
        let waiting = Task { try await consumer.nextBatch() }
        let began = ContinuousClock.now
        await consumer.close(timeoutMilliseconds: 500)
        #expect(ContinuousClock.now - began < .seconds(5))
        #expect(try await waiting.value == nil)
        #expect(delegate.events.count == 2)
        let error = try await #require(throws: KafkaError.self) { try await consumer.seek(payments, to: 0) }
        #expect(error.kind == .closed)
        await consumer.close()
    }
}
