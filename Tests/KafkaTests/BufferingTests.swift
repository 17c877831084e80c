import Kafka
import Testing

@Suite struct `Water marks` {
    @Test func `let nothing through from the high mark until the low mark`() {
        var gate = WaterMarkGate(recordMarks: .init(high: 10, low: 4), byteMarks: .init(high: 1_000, low: 400))
        let takesTen = gate.admits(records: 10, bytes: 10)
        #expect(takesTen)
        gate.add(records: 9, bytes: 90)
        #expect(!gate.isShut)
        gate.add(records: 1, bytes: 10)
        #expect(gate.isShut)
        let takesAtHigh = gate.admits(records: 1, bytes: 1)
        #expect(!takesAtHigh)
        gate.remove(records: 5, bytes: 50)
        #expect(gate.isShut)
        let takesBetween = gate.admits(records: 1, bytes: 1)
        #expect(!takesBetween)
        gate.remove(records: 1, bytes: 10)
        #expect(!gate.isShut)
        let takesAtLow = gate.admits(records: 6, bytes: 1)
        #expect(takesAtLow)
    }

    @Test func `hold for bytes as for records, and open only when both are low`() {
        var gate = WaterMarkGate(recordMarks: .init(high: 10, low: 4), byteMarks: .init(high: 1_000, low: 400))
        gate.add(records: 5, bytes: 900)
        let takesMoreBytes = gate.admits(records: 1, bytes: 101)
        #expect(!takesMoreBytes)
        #expect(gate.isShut)
        gate.remove(records: 0, bytes: 500)
        // Bytes are low, records are not.
        #expect(gate.isShut)
        gate.remove(records: 1, bytes: 100)
        #expect(!gate.isShut)
    }

    @Test func `never shut on a buffer that nothing would open again`() {
        var gate = WaterMarkGate(recordMarks: .init(high: 10, low: 4), byteMarks: .init(high: 1_000, low: 400))
        gate.add(records: 3, bytes: 30)
        let takesTooMany = gate.admits(records: 9, bytes: 9)
        #expect(!takesTooMany)
        #expect(!gate.isShut)
        let takesTheRest = gate.admits(records: 7, bytes: 7)
        #expect(takesTheRest)
    }
}

@Suite struct `A producer's buffer` {
    private func makeBuffer() -> ProducerBuffer {
        ProducerBuffer(recordMarks: .init(high: 100, low: 50), byteMarks: .init(high: 10_000, low: 5_000))
    }

    @Test func `holds a target's records back in their order, and only that target's`() {
        var buffer = makeBuffer()
        let group = ProducerBuffer.Group(count: 4) { _ in }
        let topics = ["new", "old", "new", "new"]
        let sequences = topics.enumerated().map { index, topic in
            buffer.accept(
                KafkaRecord(topic: topic, value: []), bytes: 1, group: group, index: index, nowMilliseconds: 0)
        }
        #expect(sequences == sequences.sorted())
        buffer.hold(sequences[3])
        buffer.hold(sequences[0])
        #expect(buffer.mustWait(KafkaRecord(topic: "new", value: [])))
        #expect(!buffer.mustWait(KafkaRecord(topic: "old", value: [])))
        #expect(!buffer.mustWait(KafkaRecord(topic: "new", partition: 0, value: [])))
        #expect(buffer.releaseHeld() == [sequences[0], sequences[3]])
        #expect(!buffer.hasHeld)
        buffer.hold(sequences[2])
        #expect(buffer.finish(sequences[2], .failure(KafkaError(.closed, ""))) == nil)
        #expect(!buffer.mustWait(KafkaRecord(topic: "new", value: [])))
        #expect(buffer.replay() == [sequences[0], sequences[1], sequences[3]])
    }

    @Test func `answers a group when its last record is finished, in the order of the records`() {
        var buffer = makeBuffer()
        let group = ProducerBuffer.Group(count: 3) { _ in }
        let sequences = (0..<3).map {
            buffer.accept(
                KafkaRecord(topic: "t", value: []), bytes: 10, group: group, index: $0, nowMilliseconds: 0)
        }
        let partition = KafkaPartition(topic: "t", number: 0)
        #expect(buffer.finish(sequences[2], .success(KafkaDelivery(partition: partition, offset: 2))) == nil)
        #expect(buffer.finish(sequences[0], .success(KafkaDelivery(partition: partition, offset: 0))) == nil)
        // A second report of the same record changes nothing.
        #expect(buffer.finish(sequences[0], .failure(KafkaError(.closed, ""))) == nil)
        #expect(buffer.gate.records == 1 && buffer.gate.bytes == 10)
        let finished = buffer.finish(sequences[1], .failure(KafkaError(.timedOut, "late")))
        #expect(finished === group)
        #expect(group.results.map { try? $0?.get().offset } == [0, nil, 2])
        #expect(buffer.isEmpty && buffer.gate.records == 0)
    }
}

@Suite struct `Batches` {
    private let partition = KafkaPartition(topic: "t", number: 0)

    private func append(
        _ assembler: inout BatchAssembler, _ offset: Int64, expected: Int64? = nil, size: Int = 10, now: Int64 = 0
    ) -> KafkaBatch? {
        assembler.append(
            KafkaReceivedRecord(offset: offset, value: [UInt8](repeating: 0, count: size)), of: partition,
            expectedOffset: expected ?? offset, assignment: 1, nowMilliseconds: now)
    }

    @Test func `close at their number of records, their bytes or their age`() throws {
        var assembler = BatchAssembler(recordLimit: 3, byteLimit: 100, ageMilliseconds: 5)
        #expect(append(&assembler, 0) == nil)
        #expect(append(&assembler, 1) == nil)
        #expect(append(&assembler, 2)?.nextOffset == 3)
        #expect(append(&assembler, 3, size: 99) == nil)
        #expect(append(&assembler, 4, size: 1)?.byteCount == 100)
        #expect(append(&assembler, 5, now: 100) == nil)
        #expect(append(&assembler, 6, now: 104) == nil)
        #expect(assembler.nextDeadlineMilliseconds == 105)
        #expect(assembler.takeDue(nowMilliseconds: 104).isEmpty)
        let due = assembler.takeDue(nowMilliseconds: 105)
        #expect(due.map(\.firstOffset) == [5] && due.map(\.lastOffset) == [6])
        #expect(assembler.records == 0 && assembler.bytes == 0 && assembler.nextDeadlineMilliseconds == nil)
    }

    @Test func `say which offsets no record had`() throws {
        var assembler = BatchAssembler(recordLimit: 2, byteLimit: 100, ageMilliseconds: 5)
        _ = append(&assembler, 12, expected: 10)
        let batch = try #require(append(&assembler, 14, expected: 13))
        // 10, 11 and 13 were markers.
        #expect(batch.expectedOffset == 10 && batch.nextOffset == 15 && batch.skippedOffsets == 3)
    }

    @Test func `are forgotten with their partition`() {
        var assembler = BatchAssembler(recordLimit: 10, byteLimit: 100, ageMilliseconds: 5)
        _ = append(&assembler, 0)
        assembler.drop(partition)
        #expect(assembler.records == 0)
        #expect(assembler.takeDue(nowMilliseconds: 99).isEmpty)
    }
}

@Suite struct `Watermarks of a partition` {
    @Test(
        arguments: [
            (9, KafkaError.Kind.offsetExpired), (10, nil), (20, nil), (21, .offsetBeyondEnd),
        ] as [(Int64, KafkaError.Kind?)]) func `tell what has happened to an offset`(
            offset: Int64, kind: KafkaError.Kind?
        )
    {
        let error = KafkaWatermarks(low: 10, high: 20)
            .error(readingAt: offset, of: KafkaPartition(topic: "payments", number: 3))
        #expect(error?.kind == kind)
        if let error { #expect(error.message.contains("payments/3") && error.message.contains("\(offset)")) }
    }
}
