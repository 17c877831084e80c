/// Records that were accepted and not yet acknowledged, in the order of their acceptance. No I/O, no clock.
package struct ProducerBuffer {
    /// Records that were accepted together, and the one who waits for them. Touched only under the lock around the buffer.
    package final class Group: @unchecked Sendable {
        package fileprivate(set) var results: [Result<KafkaDelivery, KafkaError>?]
        var remaining: Int
        let resume: @Sendable ([Result<KafkaDelivery, KafkaError>]) -> Void

        package init(count: Int, resume: @escaping @Sendable ([Result<KafkaDelivery, KafkaError>]) -> Void) {
            results = Array(repeating: nil, count: count)
            remaining = count
            self.resume = resume
        }
    }

    struct Entry {
        let record: KafkaRecord
        let bytes: Int
        let acceptedMilliseconds: Int64
        let group: Group
        let index: Int
        /// Not with the library at the moment: to be given to it later.
        var isHeld = false
        /// An earlier sending may have reached the topic.
        var mayBeStored = false
    }

    /// Where records go, as they are addressed: among those of one target the order is kept.
    private struct Target: Hashable {
        let topic: String
        let partition: Int32?

        init(_ record: KafkaRecord) {
            topic = record.topic
            partition = record.partition
        }
    }

    private var entries: [UInt: Entry] = [:]
    private var heldByTarget: [Target: Int] = [:]
    private var nextSequence: UInt = 1
    package private(set) var gate: WaterMarkGate

    package init(recordMarks: WaterMarkGate.Marks, byteMarks: WaterMarkGate.Marks) {
        gate = WaterMarkGate(recordMarks: recordMarks, byteMarks: byteMarks)
    }

    package var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    package var hasHeld: Bool { !heldByTarget.isEmpty }

    subscript(sequence: UInt) -> Entry? { entries[sequence] }

    mutating func admits(records: Int, bytes: Int) -> Bool { gate.admits(records: records, bytes: bytes) }

    /// Takes a record in and gives its place in the order.
    package mutating func accept(
        _ record: KafkaRecord, bytes: Int, group: Group, index: Int, nowMilliseconds: Int64
    ) -> UInt {
        let sequence = nextSequence
        nextSequence += 1
        entries[sequence] = Entry(
            record: record, bytes: bytes, acceptedMilliseconds: nowMilliseconds, group: group, index: index)
        gate.add(records: 1, bytes: bytes)
        return sequence
    }

    /// Something for the same target is held back, so that this must wait behind it.
    package func mustWait(_ record: KafkaRecord) -> Bool {
        !heldByTarget.isEmpty && heldByTarget[Target(record)] != nil
    }

    package mutating func hold(_ sequence: UInt) {
        guard let entry = entries[sequence], !entry.isHeld else { return }
        entries[sequence]!.isHeld = true
        heldByTarget[Target(entry.record), default: 0] += 1
    }

    mutating func noteMayBeStored(_ sequence: UInt) { entries[sequence]?.mayBeStored = true }

    /// Everything that is held, in order, and from now on not held any more.
    package mutating func releaseHeld() -> [UInt] {
        heldByTarget.removeAll()
        let sequences = entries.filter(\.value.isHeld).keys.sorted()
        for sequence in sequences { entries[sequence]!.isHeld = false }
        return sequences
    }

    /// Everything that is not acknowledged, in order: what a new producer must send. Nothing is held after that.
    package mutating func replay() -> [UInt] {
        heldByTarget.removeAll()
        for sequence in entries.keys { entries[sequence]!.isHeld = false }
        return entries.keys.sorted()
    }

    /// Takes a record out with its result. Gives the group if that was its last.
    package mutating func finish(_ sequence: UInt, _ result: Result<KafkaDelivery, KafkaError>) -> Group? {
        guard let entry = entries.removeValue(forKey: sequence) else { return nil }
        if entry.isHeld {
            let left = heldByTarget[Target(entry.record)]! - 1
            heldByTarget[Target(entry.record)] = left == 0 ? nil : left
        }
        gate.remove(records: 1, bytes: entry.bytes)
        let group = entry.group
        group.results[entry.index] = result
        group.remaining -= 1
        return group.remaining == 0 ? group : nil
    }
}
