internal import Raft

/// Folds the records of the kept segments, oldest first, into the log as it stood.
struct Replay: Sendable {
    private(set) var table: EntryTable
    private(set) var hardState: HardState
    private(set) var extents: [SegmentExtent] = []
    private var path = ""

    /// - Parameter first: header of the oldest kept segment. It alone says what was before.
    init(first: SegmentHeader) {
        table = EntryTable(baseIndex: first.precedingIndex, baseTerm: first.precedingTerm)
        hardState = first.hardState
    }

    /// What a header says of the past must be what the records before it came to.
    mutating func begin(_ segment: Segment, header: SegmentHeader) throws(RaftLogError) {
        path = segment.file.path
        guard header.precedingIndex == table.lastIndex, header.precedingTerm == table.lastTerm,
            header.hardState == hardState
        else {
            throw .damaged(file: path, offset: 0, reason: "its header doesn't follow from the segments before it")
        }
        extents.append(SegmentExtent(segment: segment, highestIndex: .zero))
    }

    mutating func apply(_ record: Record, at offset: Int) throws(RaftLogError) {
        switch record.content {
        case .hardState(let state): hardState = state
        case .entry(let index, let term, let kind, let previousTerm):
            guard !(table.lastIndex.next < index) else {
                throw .damaged(file: path, offset: offset, reason: "entry \(index) follows on entry \(table.lastIndex)")
            }
            if index < table.firstIndex {
                // The oldest header names an entry that was replaced after it; what it replaced is compacted away.
                table.restart(behind: index.previous, term: previousTerm)
            }
            guard table.term(at: index.previous) == previousTerm else {
                throw .damaged(
                    file: path, offset: offset,
                    reason: "entry \(index) follows on term \(previousTerm), not \(table.term(at: index.previous))")
            }
            table.removeSuffix(from: index)
            let last = extents.count - 1
            table.append(
                EntryTable.Slot(
                    term: term, sequence: extents[last].segment.file.sequence, offset: offset,
                    byteCount: UInt32(record.payloadBytes), kind: kind))
            extents[last].highestIndex = max(extents[last].highestIndex, index)
        }
    }
}
