import Raft

/// An entry with something in it, so that two entries can be told apart.
struct SimulatedEntry: Equatable {
    var term: Term
    var kind: EntryKind
    var value: UInt64
    var membership: Membership?

    var outline: EntryOutline {
        if let membership { return EntryOutline(term: term, membership: membership) }
        return EntryOutline(term: term, kind: kind, byteCount: kind == .noop ? 0 : 8)
    }
}

/// A message, and beside it the payloads of its entries.
struct Envelope {
    var message: Message
    var values: [UInt64]
}

/// One node: the core, the log in memory, and a disk that does what it is told some time later.
struct SimulatedNode {
    struct Write {
        var ticket: PersistTicket
        var hardState: HardState?
        var first: LogIndex?
        var entries: [SimulatedEntry]
        /// The whole log is replaced by `entries`, all of them compacted.
        var isReset = false
    }

    /// nil while the node is down.
    var raft: Raft?
    /// From index 1 on; nothing is ever dropped here, so that compaction can be checked.
    var memory: [SimulatedEntry] = []
    var pendingWrites: [Write] = []
    var isFlushing = false
    var outbox: [(envelope: Envelope, after: PersistTicket)] = []
    var durableTicket = PersistTicket.none
    /// Rises with each start: what was under way for an earlier life does not reach a later one.
    var life = 0

    // On disk.
    var diskState = HardState()
    var diskLog: [SimulatedEntry] = []
    var compactedThrough = LogIndex.zero
    /// What is known without any entry: the founding membership, or none.
    var foundation = Membership.none
    /// Of a snapshot that is being received.
    var file: (id: UInt64, bytes: Int)?

    // What was seen of the node, over all its lives.
    var highestTerm = Term.zero
    var reportedCommit = LogIndex.zero
    var reportedFloor = LogIndex.zero

    mutating func start(configuration: RaftConfiguration, commit: LogIndex) {
        life += 1
        memory = diskLog
        pendingWrites = []
        isFlushing = false
        outbox = []
        durableTicket = .none
        reportedCommit = commit
        reportedFloor = compactedThrough
        let base = compactedThrough
        let baseTerm = base == .zero ? Term.zero : diskLog[Int(base.rawValue) - 1].term
        let outline = LogOutline(
            baseIndex: base, baseTerm: baseTerm,
            outlines: diskLog.dropFirst(Int(base.rawValue)).map(\.outline))
        raft = Raft(
            configuration: configuration, hardState: diskState, log: outline, membership: membership(asOf: base),
            commit: commit)
    }

    /// The newest membership at or below `index`.
    func membership(asOf index: LogIndex) -> (index: LogIndex, Membership) {
        let entries = memory.prefix(Int(index.rawValue))
        guard let place = entries.lastIndex(where: { $0.membership != nil }) else { return (.zero, foundation) }
        return (LogIndex(UInt64(place) + 1), entries[place].membership!)
    }

    /// The first `count` of the writes under way reach the disk; a node that goes down loses the others.
    mutating func flush(_ count: Int) {
        for write in pendingWrites.prefix(count) {
            if let state = write.hardState { diskState = state }
            if write.isReset {
                diskLog = write.entries
                compactedThrough = LogIndex(UInt64(diskLog.count))
            } else if let first = write.first {
                diskLog.removeSubrange((Int(first.rawValue) - 1)...)
                diskLog += write.entries
            }
            durableTicket = write.ticket
        }
        pendingWrites.removeFirst(count)
    }

    mutating func write(_ write: Write) {
        if write.isReset {
            memory = write.entries
            reportedFloor = max(reportedFloor, LogIndex(UInt64(memory.count)))
        } else if let first = write.first {
            memory.removeSubrange((Int(first.rawValue) - 1)...)
            memory += write.entries
        }
        pendingWrites.append(write)
    }
}
