import EventLoop
import Logging
import PeerTransport
public import Raft

/// Who belongs to the cluster, and who leads it.
extension Replica {
    /// Asks the core for another membership; returns the index of its entry once it has been appended, which is not yet
    /// committed.
    public func changeMembership(_ change: MembershipChange) async throws(ChangeRefused) -> LogIndex {
        let outcome: Result<LogIndex, ChangeRefused> = await withCheckedContinuation { continuation in
            guard transport != nil else { return continuation.resume(returning: .failure(.stopped)) }
            step(.changeMembership(change, tag: changes.insert(.membership(continuation))))
        }
        return try outcome.get()
    }

    /// Hands the leadership over; nil: to the voter that is best prepared. Returns how that ended, within an election
    /// timeout or so.
    public func transferLeadership(to node: NodeID?) async -> TransferOutcome {
        await withCheckedContinuation { continuation in
            guard transport != nil else { return continuation.resume(returning: .refused(.notLeader(leader: nil))) }
            step(.transferLeadership(to: node, tag: changes.insert(.transfer(continuation))))
        }
    }

    /// May this node lead? While it may not, it hands leadership over.
    public func setMayLead(_ mayLead: Bool) { step(.mayLead(mayLead)) }

    func adopt(_ membership: Membership, index: LogIndex, isCommitted: Bool) {
        logger.info(
            isCommitted ? "members" : "members, not yet committed",
            metadata: ["members": "\(membership)", "index": "\(index)"])
        connectMembers()
        renewOverview()
        delegate?.membershipChanged(membership, index: index, isCommitted: isCommitted)
    }

    /// Dials all members, and nobody else but those who dial this node; while it is no member itself, also those it can ask.
    func connectMembers() {
        var peers = core.membership.contains(options.raft.id) ? [:] : options.introducers
        // Another life of this node's own number can only be this node's past.
        for (member, contact) in core.membership.contacts where member.number != options.raft.id.number {
            if let contact = MemberContact(decoding: contact) { peers[member] = contact.address }
        }
        do {
            try transport?.setPeers(peers)
        } catch {
            // An address that nobody can dial: the others still can be.
            logger.error("not all members can be dialled", metadata: ["error": "\(error)"])
        }
    }
}

/// Why a membership was not changed.
public enum ChangeRefused: Error, Equatable, Sendable {
    case refused(MembershipRefusal)
    /// This node ends.
    case stopped
}

/// Changes and transfers that wait for the core's answer.
struct PendingChanges {
    enum Waiter {
        case membership(CheckedContinuation<Result<LogIndex, ChangeRefused>, Never>)
        case transfer(CheckedContinuation<TransferOutcome, Never>)
    }

    private var waiters: [UInt64: Waiter] = [:]
    private var lastTag: UInt64 = 0

    mutating func insert(_ waiter: Waiter) -> UInt64 {
        lastTag += 1
        waiters[lastTag] = waiter
        return lastTag
    }

    mutating func accepted(_ tag: UInt64, index: LogIndex) { answer(tag, .success(index)) }
    mutating func refused(_ tag: UInt64, _ refusal: MembershipRefusal) { answer(tag, .failure(.refused(refusal))) }

    mutating func transferEnded(_ tag: UInt64, _ outcome: TransferOutcome) {
        guard case .transfer(let continuation) = waiters.removeValue(forKey: tag) else { return }
        continuation.resume(returning: outcome)
    }

    mutating func giveUpAll() {
        for tag in waiters.keys.sorted() {
            answer(tag, .failure(.stopped))
            transferEnded(tag, .refused(.notLeader(leader: nil)))
        }
    }

    private mutating func answer(_ tag: UInt64, _ outcome: Result<LogIndex, ChangeRefused>) {
        guard case .membership(let continuation) = waiters[tag] else { return }
        waiters[tag] = nil
        continuation.resume(returning: outcome)
    }
}
