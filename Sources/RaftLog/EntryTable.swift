internal import DequeModule
internal import Raft

/// What is known of every kept entry, and where its record lies.
struct EntryTable: Sendable {
    struct Slot: Sendable {
        var term: Term
        /// The segment that holds the record; zero while the record is not yet durable.
        var sequence: UInt64
        /// Of the record in its segment; while `sequence` is zero, the number of the request that brought the entry.
        var offset: Int
        var byteCount: UInt32
        var kind: EntryKind
    }

    /// The entry before the first kept one.
    private(set) var baseIndex: LogIndex
    private(set) var baseTerm: Term
    private var slots = Deque<Slot>()

    init(baseIndex: LogIndex, baseTerm: Term) {
        self.baseIndex = baseIndex
        self.baseTerm = baseTerm
    }

    var firstIndex: LogIndex { baseIndex.next }
    var lastIndex: LogIndex { baseIndex.advanced(by: slots.count) }
    var lastTerm: Term { slots.last?.term ?? baseTerm }

    /// - Parameter memberships: those of all membership entries; others are not looked at.
    func outlines(_ memberships: [LogIndex: Membership]) -> [EntryOutline] {
        slots.enumerated().map { place, slot in
            EntryOutline(
                term: slot.term, kind: slot.kind, byteCount: Int(slot.byteCount),
                membership: slot.kind == .membership ? memberships[firstIndex.advanced(by: place)] : nil)
        }
    }

    /// The slot of a kept entry.
    subscript(index: LogIndex) -> Slot { slots[index.distance(from: firstIndex)] }

    /// The term at `baseIndex` or at a kept entry.
    func term(at index: LogIndex) -> Term { index == baseIndex ? baseTerm : self[index].term }

    /// Drops the entries at and after `index`, a kept one or the next.
    mutating func removeSuffix(from index: LogIndex) {
        let excess = slots.count - index.distance(from: firstIndex)
        if excess > 0 { slots.removeLast(excess) }
    }

    mutating func append(_ slot: Slot) { slots.append(slot) }

    /// Forgets all and begins again behind another entry: a reset, or a later record in the place of the base.
    mutating func restart(behind index: LogIndex, term: Term) {
        slots.removeAll(keepingCapacity: true)
        baseIndex = index
        baseTerm = term
    }

    /// The record of the entry that request `number` brought is durable; nothing changes if the entry was replaced since.
    mutating func settle(_ index: LogIndex, request number: Int, sequence: UInt64, offset: Int) {
        guard index > baseIndex, !(lastIndex < index) else { return }
        let place = index.distance(from: firstIndex)
        guard slots[place].sequence == 0, slots[place].offset == number else { return }
        slots[place].sequence = sequence
        slots[place].offset = offset
    }

    /// Forgets the entries whose records lie in segments before `sequence`. They are the first ones: a record is never
    /// older than that of the entry before it.
    mutating func removeEntries(before sequence: UInt64) {
        let count = slots.prefix { $0.sequence != 0 && $0.sequence < sequence }.count
        guard count > 0 else { return }
        baseTerm = slots[count - 1].term
        baseIndex = baseIndex.advanced(by: count)
        slots.removeFirst(count)
    }
}
