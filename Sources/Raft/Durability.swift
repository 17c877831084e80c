/// What this node has asked of its disk, and how far the disk has come.
///
/// A ticket stands for "the log up to some index". When a later write replaces part of that, the ticket's claim is cut
/// back at once: the late report of an overwritten write must not pass for one of its successor.
package struct Durability: Equatable, Sendable {
    private struct Write: Equatable, Sendable {
        let ticket: PersistTicket
        var through: LogIndex
    }

    /// The log is on disk, as it stands now, up to here.
    package private(set) var durableIndex: LogIndex
    package private(set) var durableTicket = PersistTicket.none
    package private(set) var lastTicket = PersistTicket.none
    /// The ticket that holds the present term and vote.
    private var hardStateTicket = PersistTicket.none
    private var pending: [Write] = []

    package init(durableIndex: LogIndex) { self.durableIndex = durableIndex }

    /// What a message must wait for that could only be sent in the present term, or by this vote.
    package var hardStateBarrier: PersistTicket {
        hardStateTicket > durableTicket ? hardStateTicket : .none
    }
    package var isHardStateDurable: Bool { hardStateBarrier == .none }

    /// A ticket for a write of the hard state (where `hardState`), and of the entries `first ... last` (where given),
    /// which replace all at and after `first`.
    package mutating func begin(hardState: Bool, entries: (first: LogIndex, last: LogIndex)?) -> PersistTicket {
        lastTicket = PersistTicket(lastTicket.rawValue + 1)
        if hardState { hardStateTicket = lastTicket }
        if let entries {
            precondition(entries.first <= entries.last, "a write of entries holds at least one")
            let untouched = entries.first.previous
            durableIndex = min(durableIndex, untouched)
            for position in pending.indices { pending[position].through = min(pending[position].through, untouched) }
            pending.append(Write(ticket: lastTicket, through: entries.last))
        }
        return lastTicket
    }

    /// A ticket for a write that drops the whole log, and lets it go on after `index`. Until it is done nothing is vouched
    /// for but what the old log and the new have in common: all up to `common`.
    package mutating func beginReset(hardState: Bool, to index: LogIndex, common: LogIndex) -> PersistTicket {
        precondition(common < index, "a reset brings the log forward")
        lastTicket = PersistTicket(lastTicket.rawValue + 1)
        if hardState { hardStateTicket = lastTicket }
        durableIndex = min(durableIndex, common)
        for position in pending.indices { pending[position].through = min(pending[position].through, common) }
        pending.append(Write(ticket: lastTicket, through: index))
        return lastTicket
    }

    /// The disk has done all up to `ticket`.
    package mutating func complete(_ ticket: PersistTicket) {
        precondition(ticket <= lastTicket, "the disk can't have done what was not asked for")
        guard ticket > durableTicket else { return }
        durableTicket = ticket
        let done = pending.firstIndex { $0.ticket > ticket } ?? pending.count
        for write in pending[..<done] { durableIndex = max(durableIndex, write.through) }
        pending.removeFirst(done)
    }
}
