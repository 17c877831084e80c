/// How a step ends, and how anything leaves the core.
extension Raft {
    /// Draws the consequences of what the event changed.
    mutating func settle() {
        if role == .leader {
            advanceCommit()
            raiseCompactionFloor()
            serveFollowers()
        }
        reportProgress()
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
        let commit = min(commitIndex, durableIndex)
        if commit > reportedCommit {
            reportedCommit = commit
            effects.append(.commit(commit))
        }
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

    mutating func broadcast(_ body: Message.Body, term: Term? = nil) {
        for peer in voters.members where peer != id { send(body, to: peer, term: term) }
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
        log.compact(through: index)
        reportedFloor = max(reportedFloor, log.baseIndex)
        guard role == .leader else { return }
        for position in voters.members.indices where position != selfPosition {
            guard leadership!.progress[position].next <= log.baseIndex else { continue }
            leadership!.progress[position].probe(base: log.baseIndex)
        }
    }
}
