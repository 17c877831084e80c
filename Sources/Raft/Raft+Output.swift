/// How a step ends, and how anything leaves the core.
extension Raft {
    /// Draws the consequences of what the event changed.
    mutating func settle() {
        if role == .leader {
            advanceCommit()
            raiseCompactionFloor()
            advanceMembership()
        }
        // A leader that was not to lead on has stepped down by now.
        if role == .leader {
            serveFollowers()
            advanceTransfer()
        }
        reportProgress()
        resolveTransfer()
        if isHardStateUnsaved { persist(entriesFrom: nil) }
        let status = status
        if status != reportedStatus {
            reportedStatus = status
            effects.append(.statusChanged(status))
        }
    }

    /// Commit is reported no further than this node's own disk reaches. What is applied can then never be ahead of
    /// what the log will hold after a crash.
    private mutating func reportProgress() {
        // The state machine is being replaced: it can't apply anything now.
        guard !isInstalling else { return }
        let commit = min(commitIndex, durableIndex)
        if commit > reportedCommit {
            reportedCommit = commit
            effects.append(.commit(commit))
        }
        reportMembership()
        let floor = min(compactionFloor, reportedCommit)
        if floor > reportedFloor {
            reportedFloor = floor
            effects.append(.compactionFloor(floor))
        }
    }

    /// Sends once the present term and vote are durable: what is said in a term must not be forgotten with it.
    mutating func send(_ body: Message.Body, to peer: NodeID, term: Term? = nil) {
        precondition(peer != id, "a node does not write to itself")
        if isHardStateUnsaved { persist(entriesFrom: nil) }
        let message = Message(from: id, to: peer, term: term ?? hardState.term, body: body)
        effects.append(.send(message, after: durability.hardStateBarrier))
    }

    /// Asks the disk for the hard state, if it has changed, and for the log's entries from `first` on, in one write.
    mutating func persist(entriesFrom first: LogIndex?) {
        let state = isHardStateUnsaved ? hardState : nil
        isHardStateUnsaved = false
        let entries = first.map {
            AppendedEntries(first: $0, outlines: log.outlines(from: $0, through: log.lastIndex))
        }
        let ticket = durability.begin(hardState: state != nil, entries: first.map { ($0, log.lastIndex) })
        effects.append(.persist(ticket: ticket, hardState: state, entries: entries))
    }

    /// The disk has done what was asked for, up to `ticket`.
    mutating func persisted(_ ticket: PersistTicket) {
        durability.complete(ticket)
        switch role {
        case .candidate: countOwnVote()
        case .follower: acknowledgeDurable()
        case .leader, .preCandidate: break
        }
    }

    /// The driver has dropped the log up to and including `index`.
    mutating func compacted(through index: LogIndex) {
        precondition(index <= reportedCommit, "only what is committed and durable may be compacted")
        if let last = log.lastMembership(atOrBefore: index), last.index > membershipBase.index { membershipBase = last }
        log.compact(through: index)
        reportedFloor = max(reportedFloor, log.baseIndex)
        guard role == .leader else { return }
        if let offered = leadership!.snapshots.outline, offered.index < log.baseIndex {
            leadership!.snapshots.withdraw()
        }
        for position in roster.members.indices where position != selfPosition {
            leadership!.progress[position].compacted(to: log.baseIndex)
        }
    }
}
