/// Puts records together, partition by partition, until a batch has enough records, enough bytes, or is old enough. No I/O,
/// no clock.
package struct BatchAssembler {
    private let recordLimit: Int
    private let byteLimit: Int
    private let ageMilliseconds: Int64
    private var open: [KafkaPartition: (batch: KafkaBatch, deadlineMilliseconds: Int64)] = [:]
    package private(set) var records = 0
    package private(set) var bytes = 0

    package init(recordLimit: Int, byteLimit: Int, ageMilliseconds: Int64) {
        self.recordLimit = recordLimit
        self.byteLimit = byteLimit
        self.ageMilliseconds = ageMilliseconds
    }

    /// When the oldest batch is to be closed; nil if none is open.
    package var nextDeadlineMilliseconds: Int64? { open.values.lazy.map(\.deadlineMilliseconds).min() }

    /// Adds a record. Gives the batch if that filled it.
    package mutating func append(
        _ record: KafkaReceivedRecord, of partition: KafkaPartition, expectedOffset: Int64?, assignment: UInt64,
        nowMilliseconds: Int64
    ) -> KafkaBatch? {
        let size = record.byteCount
        records += 1
        bytes += size
        var entry =
            open.removeValue(forKey: partition)
            ?? (
                KafkaBatch(
                    partition: partition, records: [], expectedOffset: expectedOffset, assignment: assignment,
                    byteCount: 0),
                nowMilliseconds + ageMilliseconds
            )
        entry.batch.records.append(record)
        entry.batch.byteCount += size
        if entry.batch.records.count >= recordLimit || entry.batch.byteCount >= byteLimit {
            return taken(entry.batch)
        }
        open[partition] = entry
        return nil
    }

    /// Batches that are old enough.
    package mutating func takeDue(nowMilliseconds: Int64) -> [KafkaBatch] {
        // Asked after every record, and mostly nothing is due.
        guard let next = nextDeadlineMilliseconds, next <= nowMilliseconds else { return [] }
        let due = open.filter { $0.value.deadlineMilliseconds <= nowMilliseconds }.keys.sorted()
        return due.map { taken(open.removeValue(forKey: $0)!.batch) }
    }

    /// Forgets what belongs to the partition.
    package mutating func drop(_ partition: KafkaPartition) {
        if let entry = open.removeValue(forKey: partition) { _ = taken(entry.batch) }
    }

    private mutating func taken(_ batch: KafkaBatch) -> KafkaBatch {
        records -= batch.records.count
        bytes -= batch.byteCount
        return batch
    }
}
