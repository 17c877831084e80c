import Raft

/// Which entry touched a memory: known by its index, or proposed and not committed yet.
enum EntryMark: Equatable {
    case settled(LogIndex)
    /// The ordinal counts a leader's proposals; it means nothing to other nodes.
    case pending(UInt64)
}

/// The last entry that inserted into one generation. Keeps those that are pending beside the last settled one, so that
/// settling the oldest and undoing the newest are both exact, in whatever order they come.
struct InsertionStamp: Equatable {
    private(set) var settled = LogIndex.zero
    private var pending: [UInt64] = []

    init(settled: LogIndex = .zero) { self.settled = settled }

    /// Nil while the last one is pending: its index is not known, but higher than every known one.
    var index: LogIndex? { pending.isEmpty ? settled : nil }

    mutating func mark(_ entry: EntryMark) {
        switch entry {
        case .settled(let index): settled = index
        case .pending(let ordinal): if pending.last != ordinal { pending.append(ordinal) }
        }
    }

    mutating func settle(_ ordinal: UInt64, at index: LogIndex) {
        guard pending.first == ordinal else { return }
        pending.removeFirst()
        settled = index
    }

    mutating func undo(_ ordinal: UInt64) {
        if pending.last == ordinal { pending.removeLast() }
    }
}

/// Through which index of the log a memory of two generations may have forgotten what it held.
///
/// A leader inserts before it knows the index of its entry, and all nodes must agree to the byte at each index. So a
/// generation is stamped with a proposal's ordinal first, which the index replaces when it becomes known.
struct EvictionStamps: Equatable {
    private(set) var young = InsertionStamp()
    private(set) var old = InsertionStamp()
    /// Of the generation dropped last.
    private(set) var evicted = InsertionStamp()
    /// When the young generation began: everything in the others was written before.
    private(set) var youngSinceMicroseconds: Int64 = .min
    /// Everything in the generations that were dropped was written before.
    private(set) var evictedBeforeMicroseconds: Int64 = .min
    /// What `evicted` was before each rotation by a pending entry.
    private var displaced: [Displaced] = []

    private struct Displaced: Equatable {
        let ordinal: UInt64
        var evicted: InsertionStamp
        let youngSinceMicroseconds: Int64
        let evictedBeforeMicroseconds: Int64
    }

    init() {}

    init(young: LogIndex, old: LogIndex, evicted: LogIndex) {
        self.young = InsertionStamp(settled: young)
        self.old = InsertionStamp(settled: old)
        self.evicted = InsertionStamp(settled: evicted)
    }

    mutating func setTimes(youngSince: Int64, evictedBefore: Int64) {
        (youngSinceMicroseconds, evictedBeforeMicroseconds) = (youngSince, evictedBefore)
    }

    /// `entry` wrote to the young generation; with `rotating`, it had the old one dropped first. `time` is that of the entry
    /// before.
    mutating func mark(_ entry: EntryMark, rotating: Bool, at time: Int64) {
        if rotating {
            if case .pending(let ordinal) = entry {
                displaced.append(
                    Displaced(
                        ordinal: ordinal, evicted: evicted, youngSinceMicroseconds: youngSinceMicroseconds,
                        evictedBeforeMicroseconds: evictedBeforeMicroseconds))
            }
            evicted = old
            old = young
            young = InsertionStamp()
            evictedBeforeMicroseconds = youngSinceMicroseconds
            youngSinceMicroseconds = time
        }
        young.mark(entry)
    }

    /// The oldest pending entry has got its index.
    mutating func settle(_ ordinal: UInt64, at index: LogIndex) {
        young.settle(ordinal, at: index)
        old.settle(ordinal, at: index)
        evicted.settle(ordinal, at: index)
        while displaced.first?.ordinal == ordinal { displaced.removeFirst() }
        for position in displaced.indices { displaced[position].evicted.settle(ordinal, at: index) }
    }

    /// The newest pending entry is taken back.
    mutating func undo(_ ordinal: UInt64) {
        while let last = displaced.last, last.ordinal == ordinal {
            displaced.removeLast()
            young = old
            old = evicted
            evicted = last.evicted
            youngSinceMicroseconds = last.youngSinceMicroseconds
            evictedBeforeMicroseconds = last.evictedBeforeMicroseconds
        }
        young.undo(ordinal)
    }
}
