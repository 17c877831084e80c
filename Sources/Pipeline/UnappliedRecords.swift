import DequeModule
import Raft

/// The committed records that PostgreSQL does not have yet.
struct UnappliedRecords {
    private var entries: Deque<(index: LogIndex, records: Int)> = []
    private(set) var count = 0

    mutating func note(_ records: Int, at index: LogIndex) {
        guard records > 0 else { return }
        entries.append((index, records))
        count += records
    }

    mutating func forget(through applied: LogIndex) {
        while let first = entries.first, first.index <= applied {
            entries.removeFirst()
            count -= first.records
        }
    }
}
