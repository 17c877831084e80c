/// The leader's side of replication.
extension Raft {
    mutating func propose(byteCounts: [Int], term: Term) {
        precondition(!byteCounts.isEmpty, "a proposal holds at least one entry")
        guard role == .leader, term == hardState.term else {
            return effects.append(.proposalRefused(.notLeader(leader: leader)))
        }
        // What were appended now would only keep the successor from catching up.
        guard transfer == nil else { return effects.append(.proposalRefused(.transferring)) }
        let uncommitted = log.byteCount(after: commitIndex, through: log.lastIndex)
        let bytes = byteCounts.reduce(0) { $0 + $1 + LogOutline.entryOverheadBytes }
        guard uncommitted == 0 || uncommitted + bytes <= configuration.maxUncommittedBytes else {
            return effects.append(.proposalRefused(.tooMuchUncommitted))
        }
        let first = log.lastIndex.next
        for byteCount in byteCounts {
            log.append(EntryOutline(term: hardState.term, kind: .command, byteCount: byteCount))
        }
        effects.append(.proposalAccepted(first: first, count: byteCounts.count, term: hardState.term))
        persist(entriesFrom: first)
    }

    /// Sends each follower what it lacks and may be sent.
    mutating func serveFollowers() {
        for position in roster.members.indices where position != selfPosition {
            while leadership!.progress[position].maySend, leadership!.progress[position].next <= log.lastIndex {
                sendAppend(to: position)
            }
            if leadership!.progress[position].state == .snapshot { serveSnapshot(to: position) }
        }
    }

    /// Tells the followers that are behind in it what is committed. Under load the next append says it; when no append
    /// comes within a tick, this does.
    mutating func announceCommit() {
        for position in roster.members.indices where position != selfPosition {
            let known = min(leadership!.progress[position].match, commitIndex)
            if known > leadership!.progress[position].toldCommit { sendHeartbeat(to: position) }
        }
    }

    /// One append from the follower's next entry on, empty if there is none.
    private mutating func sendAppend(to position: Int) {
        let next = leadership!.progress[position].next
        let previous = next.previous
        guard let previousTerm = log.term(at: previous) else {
            preconditionFailure("a follower is never sent what is compacted away")
        }
        let last =
            next <= log.lastIndex ? log.lastIndex(from: next, fitting: configuration.maxAppendBytes) : previous
        send(
            .append(
                previousIndex: previous, previousTerm: previousTerm,
                entries: log.outlines(from: next, through: last), commit: commitIndex,
                compactionFloor: compactionFloor),
            to: roster.members[position])
        leadership!.progress[position].sent(
            through: last, byteCount: log.byteCount(after: previous, through: last), commit: commitIndex)
    }

    mutating func appendAccepted(matchIndex: LogIndex, from position: Int) {
        guard role == .leader else { return }
        precondition(matchIndex <= log.lastIndex, "a follower matches only what its leader has")
        leadership!.progress[position].accepted(through: matchIndex, base: log.baseIndex)
    }

    mutating func appendRejected(
        previousIndex: LogIndex, hintIndex: LogIndex, hintTerm: Term, from position: Int
    ) {
        guard role == .leader else { return }
        let hint = log.lastEntry(atOrBefore: hintIndex, termAtMost: hintTerm).index
        let rejection = leadership!.progress[position].rejected(
            previous: previousIndex, hint: hint, base: log.baseIndex)
        if rejection == .triesEarlier { sendAppend(to: position) }
    }

    mutating func broadcastHeartbeat() {
        for position in roster.members.indices where position != selfPosition { sendHeartbeat(to: position) }
    }

    /// Tells no more of the commit index than the follower is known to have.
    private mutating func sendHeartbeat(to position: Int) {
        let commit = min(leadership!.progress[position].match, commitIndex)
        leadership!.progress[position].told(commit: commit)
        send(
            .heartbeat(commit: commit, round: leadership!.quorumCheck.round, compactionFloor: compactionFloor),
            to: roster.members[position])
    }

    /// The follower lives. If all that was sent to it came to nothing, it is sent again from where it is known to be.
    mutating func heartbeatAnswered(round: UInt64, mayLead: Bool, from position: Int) {
        guard role == .leader else { return }
        leadership!.progress[position].heard(mayLead: mayLead)
        if leadership!.progress[position].shouldProbe(base: log.baseIndex) { sendAppend(to: position) }
        askAboutSnapshot(position)
        confirmReads(round: round, from: position)
    }

    /// Commits what a quorum has on disk, the leader's own disk counted like any other, if the last of it is of this
    /// term: what earlier terms left is committed by what stands on it, never by counting (§3.6.2).
    ///
    /// The quorum is that of the newest membership, though its entry may not be committed: it took effect when it was
    /// appended. A leader that is leaving is no voter there, and does not count its own disk (B49).
    mutating func advanceCommit() {
        let reached = roster.quorum.reachedIndex { position in
            position == selfPosition ? durableIndex : leadership!.progress[position].match
        }
        guard reached > commitIndex, log.term(at: reached) == hardState.term else { return }
        commitIndex = reached
    }

    mutating func raiseCompactionFloor() {
        let lowest = roster.lowestIndex { position in
            position == selfPosition ? durableIndex : leadership!.progress[position].match
        }
        compactionFloor = max(compactionFloor, min(lowest, commitIndex))
    }
}
