/// The follower's side of replication.
extension Raft {
    mutating func append(
        _ entries: [EntryOutline], after previousIndex: LogIndex, previousTerm: Term, commit: LogIndex
    ) {
        // The state machine is being replaced: what is committed meanwhile could not be applied. The leader asks again.
        guard !isInstalling else { return }
        let through = previousIndex.advanced(by: entries.count)
        if previousIndex >= commitIndex {
            guard log.term(at: previousIndex) == previousTerm else { return reject(after: previousIndex, previousTerm) }
        } else {
            checkCommitted(entries, after: previousIndex)
        }
        // What is committed here is the leader's too, so only what comes after it needs a look. It may even have been
        // compacted away.
        let known = max(previousIndex, commitIndex)
        let news = entries.dropFirst(known.distance(from: previousIndex))
        guard take(news, after: known) else { return }
        let matched = max(through, known)
        matchedIndex = max(matchedIndex, matched)
        commitIndex = max(commitIndex, min(commit, matched))
        // What is not durable yet is acknowledged when it is.
        if durableIndex >= through { acknowledge() }
    }

    /// Writes those of `entries` that the log does not have, in the place of any that disagree, all in one write: a
    /// crash between a truncation and its append would lose entries that are acknowledged.
    ///
    /// False if there is no room for them; then nothing is taken nor answered, and the leader will ask again.
    private mutating func take(_ entries: ArraySlice<EntryOutline>, after known: LogIndex) -> Bool {
        var index = known
        for position in entries.indices {
            index = index.next
            if log.term(at: index) == entries[position].term { continue }
            precondition(index > commitIndex, "a committed entry is never replaced")
            precondition(index > matchedIndex, "a leader never replaces an entry of its own log")
            guard disk != .full else { return false }
            log.truncate(from: index)
            for outline in entries[position...] { log.append(outline) }
            persist(entriesFrom: index)
            followMembership()
            return true
        }
        return true
    }

    private func checkCommitted(_ entries: [EntryOutline], after previousIndex: LogIndex) {
        let last = min(previousIndex.advanced(by: entries.count), commitIndex)
        guard last > previousIndex, let term = log.term(at: last) else { return }
        precondition(
            entries[last.distance(from: previousIndex) - 1].term == term,
            "an append agrees with all that is committed")
    }

    private mutating func reject(after previousIndex: LogIndex, _ previousTerm: Term) {
        let hint = log.lastEntry(atOrBefore: previousIndex, termAtMost: previousTerm)
        send(
            .appendRejected(previousIndex: previousIndex, hintIndex: hint.index, hintTerm: hint.term),
            to: leader!)
    }

    /// A heartbeat says what is committed, never more than this node has acknowledged.
    mutating func heartbeat(commit: LogIndex, round: UInt64) {
        // Not a precondition, whose words are lost in a release build: here the operator must hear why.
        guard commit <= log.lastIndex else {
            fatalError("the log ends at \(log.lastIndex), but had acknowledged \(commit): this disk has lost entries")
        }
        commitIndex = max(commitIndex, commit)
        send(.heartbeatResponse(round: round, mayLead: isFitToLead), to: leader!)
    }

    /// More of the log has become durable.
    mutating func acknowledgeDurable() {
        guard leader != nil, min(durableIndex, matchedIndex) > acknowledgedIndex else { return }
        acknowledge()
    }

    mutating func acknowledge() {
        acknowledgedIndex = min(durableIndex, matchedIndex)
        send(.appendAccepted(matchIndex: acknowledgedIndex), to: leader!)
    }
}
