internal import DequeModule
internal import Raft

/// What one call of `persist` or `reset` asked for.
struct PersistRequest: Sendable {
    var number: Int
    var ticket: PersistTicket
    var hardState: HardState?
    /// Drops all that came before; then there are no entries.
    var reset: Base?
    var entries: [LogEntry]
    /// Term of the entry before `entries[0]`.
    var previousTerm: Term

    /// When it was asked for, by the monotonic clock.
    var timeMilliseconds: UInt64

    struct Base: Sendable {
        var index: LogIndex
        var term: Term
    }

    var byteCount: Int { entries.reduce(Record.headBytes) { $0 + Record.span(payloadBytes: $1.payload.count) } }
}

/// A segment and how far it reaches.
struct SegmentExtent: Sendable {
    var segment: Segment
    /// The highest index of any record in it, replaced ones too; zero if it has no entries. Final when a next one exists.
    var highestIndex: LogIndex
}

/// What a group commit has made durable.
struct GroupReceipt: Sendable {
    struct Place: Sendable {
        var index: LogIndex
        var request: Int
        var sequence: UInt64
        var offset: Int
    }

    var ticket: PersistTicket
    /// The end of the log as the group leaves it.
    var lastIndex: LogIndex
    var places: [Place]
    /// The segment that holds the group's last reset; those before it hold nothing any more.
    var resetSequence: UInt64?
    /// The segment that was active before, and those begun since.
    var extents: [SegmentExtent]
}

/// All that the threads share, behind one lock. Nothing here waits for the disk.
struct LogState: Sendable {
    enum Phase {
        case open
        /// What is queued is still written; nothing more is taken.
        case closing
        /// Closed, or failed for ever.
        case ended
    }

    /// Payload bytes after which a group commit takes no more requests, so that the first ones are not kept waiting.
    private static let groupBytes = 8 << 20

    var phase = Phase.open
    /// Whether someone has begun to close the log.
    private(set) var isClosed = false
    private(set) var table: EntryTable
    private(set) var cache = EntryCache()
    /// The log's entries up to here are durable as they stand now.
    private(set) var durableIndex: LogIndex
    private(set) var segments: Deque<SegmentExtent>
    private var requests = Deque<PersistRequest>()
    /// When the oldest request of the group that is being written was asked for.
    private var groupTimeMilliseconds: UInt64?
    private var lastTicket = PersistTicket.none
    private var lastNumber = 0
    private let cacheBytes: Int

    init(table: EntryTable, segments: [SegmentExtent], cacheBytes: Int) {
        self.table = table
        self.durableIndex = table.lastIndex
        self.segments = Deque(segments)
        self.cacheBytes = cacheBytes
    }

    var segmentBytes: Int { segments.reduce(0) { $0 + $1.segment.file.byteCount } }

    /// When the oldest write that is not finished was asked for; nil if there is none.
    var oldestPendingMilliseconds: UInt64? { groupTimeMilliseconds ?? requests.first?.timeMilliseconds }

    mutating func enqueueReset(
        ticket: PersistTicket, hardState: HardState?, base: PersistRequest.Base, nowMilliseconds: UInt64
    ) {
        precondition(!(base.index < table.baseIndex), "a reset never goes back behind the base")
        take(ticket)
        table.restart(behind: base.index, term: base.term)
        cache.removeAll()
        durableIndex = .zero
        requests.append(
            PersistRequest(
                number: lastNumber, ticket: ticket, hardState: hardState, reset: base, entries: [],
                previousTerm: .zero, timeMilliseconds: nowMilliseconds))
    }

    mutating func enqueue(
        ticket: PersistTicket, hardState: HardState?, entries: [LogEntry], nowMilliseconds: UInt64
    ) {
        take(ticket)
        var previousTerm = Term.zero
        if let first = entries.first?.index {
            precondition(table.baseIndex < first, "a compacted entry is never replaced")
            precondition(!(table.lastIndex.next < first), "entries leave no gap")
            previousTerm = table.term(at: first.previous)
            table.removeSuffix(from: first)
            for (place, entry) in entries.enumerated() {
                precondition(entry.index == first.advanced(by: place), "entries follow each other")
                precondition(entry.payload.count <= RaftLog.maximumPayloadBytes, "a payload has at most 32 MiB")
                table.append(
                    EntryTable.Slot(
                        term: entry.term, sequence: 0, offset: lastNumber, byteCount: UInt32(entry.payload.count),
                        kind: entry.kind))
            }
            cache.replaceSuffix(with: entries)
            durableIndex = min(durableIndex, first.previous)
        }
        requests.append(
            PersistRequest(
                number: lastNumber, ticket: ticket, hardState: hardState, reset: nil, entries: entries,
                previousTerm: previousTerm, timeMilliseconds: nowMilliseconds))
    }

    private mutating func take(_ ticket: PersistTicket) {
        precondition(ticket > lastTicket, "tickets rise")
        lastTicket = ticket
        lastNumber += 1
    }

    /// The requests of the next group commit: all that wait, up to a size.
    mutating func takeGroup() -> [PersistRequest] {
        var group: [PersistRequest] = []
        var byteCount = 0
        while byteCount < Self.groupBytes, let request = requests.popFirst() {
            byteCount += request.byteCount
            group.append(request)
        }
        groupTimeMilliseconds = group.first?.timeMilliseconds
        return group
    }

    /// - Returns: sequence numbers of segments that a reset has emptied, to be removed in this order.
    mutating func complete(_ receipt: GroupReceipt) -> [UInt64] {
        groupTimeMilliseconds = nil
        for place in receipt.places {
            table.settle(place.index, request: place.request, sequence: place.sequence, offset: place.offset)
        }
        // What waits may replace entries of this group before they were ever durable as part of the log.
        durableIndex = requests.reduce(receipt.lastIndex) { lowest, request in
            // Until a reset is durable a crash brings back what it drops: nothing of that may go yet.
            if request.reset != nil { return .zero }
            return request.entries.first.map { min(lowest, $0.index.previous) } ?? lowest
        }
        segments.removeLast()
        segments.append(contentsOf: receipt.extents)
        cache.evict(limit: cacheBytes, durableIndex: durableIndex)
        return receipt.resetSequence.map { removeSegments(before: $0) } ?? []
    }

    /// Gives up the segments before `sequence`, in which no kept entry stands.
    mutating func removeSegments(before sequence: UInt64) -> [UInt64] {
        var removed: [UInt64] = []
        while segments[0].segment.file.sequence < sequence {
            removed.append(segments.removeFirst().segment.file.sequence)
        }
        return removed
    }

    /// Takes no more requests. Called once or often; a failed log stays ended.
    mutating func closeOnce() {
        isClosed = true
        if phase == .open { phase = .closing }
    }

    mutating func fail() {
        phase = .ended
        requests.removeAll()
        groupTimeMilliseconds = nil
    }

    /// Gives up the leading segments that hold nothing after `index`.
    /// - Returns: their sequence numbers, to be removed in this order.
    mutating func compact(through index: LogIndex) -> [UInt64] {
        // An entry that is committed elsewhere but not durable here must not lose the record it replaces.
        let bound = min(index, durableIndex)
        var removed: [UInt64] = []
        while segments.count > 1, !(bound < segments[0].highestIndex) {
            removed.append(segments.removeFirst().segment.file.sequence)
        }
        guard !removed.isEmpty else { return [] }
        table.removeEntries(before: segments[0].segment.file.sequence)
        cache.removeAll(through: table.baseIndex)
        return removed
    }

    /// Finds up to `maxBytes` of payload in `from ... through`, at least one entry if it exists.
    func plan(from: LogIndex, through: LogIndex, maxBytes: Int) throws(RaftLogError) -> ReadPlan {
        guard table.baseIndex < from else { throw .compacted(first: table.firstIndex) }
        var plan = ReadPlan()
        var byteCount = 0
        var index = from
        let last = min(through, table.lastIndex)
        while !(last < index) {
            let slot = table[index]
            byteCount += Int(slot.byteCount)
            guard byteCount <= maxBytes || index == from else { break }
            if let first = cache.firstIndex, !(index < first) {
                plan.cached.append(cache[index])
            } else {
                let extent = segments[Int(slot.sequence - segments[0].segment.file.sequence)]
                plan.stored.append(ReadPlan.Place(index: index, slot: slot, segment: extent.segment))
            }
            index = index.next
        }
        return plan
    }
}
