internal import Raft

/// Folds the records of the kept segments, oldest first, into the log as it stood.
struct Replay: Sendable {
    private(set) var table: EntryTable
    private(set) var hardState: HardState
    private(set) var extents: [SegmentExtent] = []
    /// Of the membership entries in `table`, and of earlier ones that are compacted.
    private var memberships: [LogIndex: Membership] = [:]
    /// Sequence number of the segment that holds the newest reset: what stands before it is void.
    private(set) var resetSequence: UInt64?
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

    var outlines: [EntryOutline] { table.outlines(memberships) }

    /// - Parameter payload: borrowed for the call.
    mutating func apply(
        _ record: Record, payload: UnsafeRawBufferPointer, at offset: Int
    ) throws(RaftLogError) {
        let last = extents.count - 1
        switch record.content {
        case .hardState(let state): hardState = state
        case .reset(let index, let term):
            // It may go back behind the base: the oldest kept header can name entries that this drops.
            table.restart(behind: index, term: term)
            memberships.removeAll()
            resetSequence = extents[last].segment.file.sequence
            extents[last].highestIndex = index
        case .entry(let index, let term, let kind, let previousTerm):
            guard !(table.lastIndex.next < index) else {
                throw .damaged(file: path, offset: offset, reason: "entry \(index) follows on entry \(table.lastIndex)")
            }
            if index < table.firstIndex {
                guard resetSequence == nil else {
                    throw .damaged(
                        file: path, offset: offset, reason: "entry \(index) behind a reset to \(table.baseIndex)")
                }
                // The oldest header names an entry that was replaced after it; what it replaced is compacted away.
                table.restart(behind: index.previous, term: previousTerm)
            }
            guard table.term(at: index.previous) == previousTerm else {
                throw .damaged(
                    file: path, offset: offset,
                    reason: "entry \(index) follows on term \(previousTerm), not \(table.term(at: index.previous))")
            }
            table.removeSuffix(from: index)
            for later in memberships.keys where !(later < index) { memberships[later] = nil }
            if kind == .membership {
                guard let membership = Membership(decoding: [UInt8](payload)) else {
                    throw .damaged(file: path, offset: offset, reason: "entry \(index) holds no readable membership")
                }
                memberships[index] = membership
            }
            table.append(
                EntryTable.Slot(
                    term: term, sequence: extents[last].segment.file.sequence, offset: offset,
                    byteCount: UInt32(record.payloadBytes), kind: kind))
            extents[last].highestIndex = max(extents[last].highestIndex, index)
        }
    }
}
