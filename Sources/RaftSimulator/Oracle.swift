internal import Raft

/// Sees everything, forgets nothing, and notes the first thing that must never happen.
///
/// Its checks are incremental: each log is held as a chain of hashes, so that one comparison stands for a whole prefix,
/// and a step costs what it changed and no more.
final class Oracle {
    /// A write that a node has asked of its disk.
    struct Write {
        var ticket: PersistTicket
        var hardState: HardState?
        var first: UInt64
        var entries: [(term: UInt64, chain: UInt64)]
        /// Drops all that came before.
        var reset: (index: UInt64, term: UInt64, chain: UInt64)?
    }

    /// One node's log and hard state, in memory and on disk, and what was ever seen of it.
    final class Record {
        let id: NodeID
        var memory = LogShadow()
        var disk = LogShadow()
        var diskState = HardState()
        var writes: [Write] = []
        var term = Term.zero
        var commit = LogIndex.zero
        var applied = LogIndex.zero
        var isLeader = false
        /// In the present step: from where on it replaces entries.
        var replaced: UInt64?
        /// The memberships of its log, the one that is known from elsewhere first.
        var memberships: [(index: UInt64, membership: Membership)] = []
        /// The one that counted when the present step began.
        var ruling = Membership.none
        var rulingIndex: UInt64?

        init(id: NodeID) { self.id = id }

        func truncateMemberships(from index: UInt64) {
            while memberships.count > 1, memberships[memberships.count - 1].index >= index { memberships.removeLast() }
        }
    }

    private(set) var violation: String?
    var records: [Record]
    /// What was on the disks of lives that have ended when they were lost.
    private var lostDisks: [NodeID: LogShadow] = [:]

    /// The chain at (index, term), which two logs must share if they both have that entry: log matching.
    private var lineage: [[(term: UInt64, chain: UInt64)]] = [[]]
    /// By index: what is committed, the term of the leader that declared it, and the state it leads to.
    var committed: [UInt64] = [0]
    var committedIn: [UInt64] = [0]
    var digests: [UInt64] = [0]
    var leaders: [UInt64: NodeID] = [:]
    var votes: [Ballot: NodeID] = [:]
    private var effects: [RequestID: LogIndex] = [:]

    struct Ballot: Hashable {
        var voter: NodeID
        var term: Term
    }

    init(ids: [NodeID]) { records = ids.map { Record(id: $0) } }

    /// Another life begins at this place, with an empty disk.
    func reborn(_ position: Int, as id: NodeID) {
        lostDisks[records[position].id] = records[position].disk
        records[position] = Record(id: id)
    }

    /// Did this member ever have on disk what leads to `chain` at `index`? A disk that was lost after its node had
    /// acknowledged an entry still counts: the leader can't know of the loss, and the loss is one of those that a
    /// quorum outlives.
    func hasStored(_ member: NodeID, chain: UInt64?, at index: UInt64) -> Bool {
        let record = records[member.position]
        let disk = record.id == member ? record.disk : lostDisks[member]
        return disk?.chain(at: index) == chain
    }

    var committedIndex: UInt64 { UInt64(committed.count - 1) }

    func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds, violation == nil { violation = what() }
    }

    // MARK: Logs

    /// A node has asked its disk for this.
    func wrote(
        _ position: Int, id: NodeID, ticket: PersistTicket, hardState: HardState?, first: UInt64,
        entries: [(term: Term, kind: EntryKind, payload: [UInt8])]
    ) {
        precondition(records[position].id == id, "the oracle knows who stands where")
        var write = Write(ticket: ticket, hardState: hardState, first: first, entries: [])
        if !entries.isEmpty {
            let last = records[position].memory.last
            expect(first <= last + 1, "\(id) leaves a gap in its log: \(first) after \(last)")
            expect(first > records[position].commit.rawValue, "\(id) replaces committed entry \(first)")
            if first <= last {
                records[position].replaced = first
                records[position].memory.truncate(from: first)
                records[position].truncateMemberships(from: first)
            }
            guard violation == nil else { return }
            var index = first
            for entry in entries {
                let chain = Chain.link(
                    records[position].memory.lastChain, term: entry.term, kind: entry.kind, payload: entry.payload)
                checkMatching(id, index: index, term: entry.term.rawValue, chain: chain)
                records[position].memory.append(term: entry.term.rawValue, chain: chain)
                write.entries.append((entry.term.rawValue, chain))
                if entry.kind == .membership { learn(position, entry.payload, at: index) }
                index += 1
            }
        }
        records[position].writes.append(write)
    }

    private func learn(_ position: Int, _ payload: [UInt8], at index: UInt64) {
        guard let membership = Membership(decoding: payload) else {
            return expect(false, "\(records[position].id) holds an unreadable membership at \(index)")
        }
        records[position].memberships.append((index, membership))
        records[position].rulingIndex = nil
    }

    /// A node has asked its disk for an empty log behind `index`.
    func wroteReset(
        _ position: Int, id: NodeID, ticket: PersistTicket, hardState: HardState?, index: UInt64, term: UInt64
    ) {
        expect(index <= committedIndex, "\(id) resets its log to \(index), committed is \(committedIndex)")
        guard violation == nil else { return }
        let base = (index: index, term: term, chain: committed[Int(index)])
        records[position].memory.reset(to: index, term: term, chain: base.chain)
        records[position].memberships.removeAll()
        records[position].writes.append(
            Write(ticket: ticket, hardState: hardState, first: 0, entries: [], reset: base))
    }

    /// A node has been told of a membership otherwise than by its log.
    func told(_ position: Int, of membership: Membership, at index: UInt64) {
        records[position].memberships.removeAll { $0.index <= index }
        records[position].memberships.insert((index, membership), at: 0)
        records[position].rulingIndex = nil
    }

    private func checkMatching(_ id: NodeID, index: UInt64, term: UInt64, chain: UInt64) {
        while lineage.count <= Int(index) { lineage.append([]) }
        if let known = lineage[Int(index)].first(where: { $0.term == term }) {
            expect(
                known.chain == chain,
                "log matching: \(id) has another entry (\(index), t\(term)), or another past to it")
        } else {
            lineage[Int(index)].append((term, chain))
        }
    }

    /// The disk of a node has done all up to `ticket`.
    func durable(_ position: Int, through ticket: PersistTicket) {
        let record = records[position]
        let done = record.writes.firstIndex { $0.ticket > ticket } ?? record.writes.count
        for write in record.writes[..<done] { Self.perform(write, on: &record.disk, &record.diskState) }
        record.writes.removeFirst(done)
    }

    private static func perform(_ write: Write, on disk: inout LogShadow, _ state: inout HardState) {
        if let written = write.hardState { state = written }
        if let base = write.reset { disk.reset(to: base.index, term: base.term, chain: base.chain) }
        guard !write.entries.isEmpty else { return }
        disk.truncate(from: write.first)
        for entry in write.entries { disk.append(term: entry.term, chain: entry.chain) }
    }

    func compacted(_ position: Int, through index: UInt64) {
        records[position].memory.compact(through: index)
        records[position].disk.compact(through: index)
    }

    // MARK: Crash and recovery

    func stopped(_ position: Int) { records[position].isLeader = false }

    /// A node comes up with this log. It must be what was durable, with some of the writes that were under way.
    func recovered(
        _ position: Int, id: NodeID, hardState: HardState, base: LogIndex, baseTerm: Term,
        membership: (index: LogIndex, Membership),
        entries: [(term: Term, kind: EntryKind, payload: [UInt8])]
    ) {
        let record = records[position]
        expect(base.rawValue <= committedIndex, "\(id) starts with a log that begins after \(base), not committed")
        guard violation == nil else { return }
        var found = LogShadow()
        found.reset(to: base.rawValue, term: baseTerm.rawValue, chain: committed[Int(base.rawValue)])
        for entry in entries {
            found.append(
                term: entry.term.rawValue,
                chain: Chain.link(found.lastChain, term: entry.term, kind: entry.kind, payload: entry.payload))
        }
        var disk = record.disk
        var state = record.diskState
        func matches() -> Bool {
            state == hardState && disk.last == found.last && disk.lastChain == found.lastChain
        }
        var isKnown = matches()
        for write in record.writes where !isKnown {
            // One that reaches over the end of a segment becomes durable piece by piece.
            state = write.hardState ?? state
            isKnown = matches()
            if let base = write.reset { disk.reset(to: base.index, term: base.term, chain: base.chain) }
            if !write.entries.isEmpty, !isKnown { disk.truncate(from: write.first) }
            for entry in write.entries where !isKnown {
                disk.append(term: entry.term, chain: entry.chain)
                isKnown = matches()
            }
            isKnown = isKnown || matches()
        }
        expect(
            isKnown,
            "\(id) starts with \(hardState.term), vote \(hardState.vote.map { "\($0)" } ?? "none") and a log up to "
                + "\(found.last): not what was durable (\(records[position].diskState.term), vote "
                + "\(records[position].diskState.vote.map { "\($0)" } ?? "none"), log up to "
                + "\(records[position].disk.last)) with some of \(records[position].writes.count) writes under way")
        expect(
            base.rawValue <= disk.base,
            "\(id) starts with a log that begins after \(base), kept from \(disk.base)")
        record.writes = []
        record.memory = found
        record.disk = found
        record.diskState = hardState
        record.commit = .zero
        record.applied = .zero
        record.term = hardState.term
        record.isLeader = false
        record.memberships = [(membership.index.rawValue, membership.1)]
        record.replaced = nil
        var index = base.rawValue
        for entry in entries {
            index += 1
            guard entry.kind == .membership, index > membership.index.rawValue else { continue }
            learn(position, entry.payload, at: index)
        }
        record.ruling = record.memberships.last!.membership
        record.rulingIndex = nil
    }

    /// A node that starts has put a new base under its log, for its state machine had come from a snapshot.
    func rebased(_ position: Int, to index: LogIndex, term: Term) {
        let chain = committed[Int(index.rawValue)]
        records[position].memory.reset(to: index.rawValue, term: term.rawValue, chain: chain)
        records[position].disk.reset(to: index.rawValue, term: term.rawValue, chain: chain)
        records[position].memberships.removeLast(records[position].memberships.count - 1)
        records[position].ruling = records[position].memberships[0].membership
    }

    // MARK: State machines

    /// The state machine stands at `index`, by a start or a snapshot.
    func restored(_ position: Int, id: NodeID, index: LogIndex, digest: UInt64) {
        expect(
            digests.indices.contains(Int(index.rawValue)), "\(id) has a state of \(index), which nobody has reached")
        guard violation == nil else { return }
        expect(
            digests[Int(index.rawValue)] == digest, "state machine safety: \(id) restores another state at \(index)")
        records[position].applied = index
    }

    func applied(
        _ position: Int, id: NodeID, index: LogIndex, digest: UInt64, request: RequestID?, isNew: Bool
    ) {
        expect(index <= records[position].commit, "\(id) applies \(index), committed is \(records[position].commit)")
        let place = Int(index.rawValue)
        expect(
            records[position].memory.chain(at: index.rawValue).map { $0 == committed[place] } ?? true,
            "state machine safety: \(id) applies another entry \(index) than was committed")
        if place < digests.count {
            expect(digests[place] == digest, "state machine safety: \(id) comes to another state at \(index)")
        } else {
            expect(place == digests.count, "\(id) applies \(index), the next is \(digests.count)")
            digests.append(digest)
        }
        if let request, isNew {
            let first = effects[request] ?? index
            expect(first == index, "exactly once: request \(request) has effect at \(first) and again at \(index)")
            effects[request] = first
        }
        records[position].applied = index
    }
}

extension NodeID {
    /// Where the node stands in the world's arrays.
    var position: Int { Int(number) - 1 }
}
