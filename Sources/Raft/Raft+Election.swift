/// Elections: who stands, who is voted for, and what becomes of it.
extension Raft {
    /// Asks the others whether an election could be won, before any term is spent on it.
    mutating func campaign() {
        refuseForwardedReads()
        role = .preCandidate
        leader = nil
        restartElectionClock()
        ballot = Ballot(members: roster.count)
        recordOwnVote()
        askForPreVotes()
        countPreVotes()
    }

    mutating func askForPreVotes() {
        askVoters(.preVoteRequest(lastIndex: log.lastIndex, lastTerm: log.lastTerm), term: hardState.term.next)
    }

    /// With `isTransfer` the leader has asked for it: then nobody needs to be asked first whether it is wanted.
    mutating func stand(isTransfer: Bool) {
        precondition(mayStand, "who stands may be needed, and is fit")
        refuseForwardedReads()
        role = .candidate
        leader = nil
        setTerm(hardState.term.next, vote: id)
        restartElectionClock()
        clock.endSearch()
        ballot = Ballot(members: roster.count)
        askVoters(.voteRequest(lastIndex: log.lastIndex, lastTerm: log.lastTerm, isTransfer: isTransfer))
    }

    /// A node that does not stand only notes that there is no leader any more.
    mutating func standBy() {
        guard role == .follower, leader == nil else { return becomeFollower(term: hardState.term, leader: nil) }
        restartElectionClock()
    }

    private mutating func askVoters(_ body: Message.Body, term: Term? = nil) {
        for position in roster.members.indices where position != selfPosition && roster.isVoter(position) {
            send(body, to: roster.members[position], term: term)
        }
    }

    /// The own vote is like any other: it counts when it can't be forgotten.
    mutating func countOwnVote() {
        guard !isHardStateUnsaved, durability.isHardStateDurable else { return }
        recordOwnVote()
        countVotes()
    }

    private mutating func recordOwnVote() {
        if let selfPosition { ballot.record(true, at: selfPosition) }
    }

    mutating func preVoteAnswered(_ granted: Bool, term: Term, from position: Int) {
        // A grant names the term asked about; one for another term answers a question of the past.
        guard role == .preCandidate, !granted || term == hardState.term.next else { return }
        ballot.record(granted, at: position)
        countPreVotes()
    }

    mutating func voteAnswered(_ granted: Bool, from position: Int) {
        guard role == .candidate else { return }
        ballot.record(granted, at: position)
        countVotes()
    }

    private mutating func countPreVotes() {
        switch ballot.outcome(in: roster.quorum) {
        case .pending: break
        case .won: stand(isTransfer: false)
        case .lost: becomeFollower(term: hardState.term, leader: nil)
        }
    }

    private mutating func countVotes() {
        switch ballot.outcome(in: roster.quorum) {
        case .pending: break
        case .won: becomeLeader()
        case .lost: becomeFollower(term: hardState.term, leader: nil)
        }
    }

    private mutating func becomeLeader() {
        precondition(role == .candidate && hardState.vote == id, "only a candidate becomes leader")
        role = .leader
        leader = id
        isLogNeeded = false
        incoming = nil
        let noopIndex = log.lastIndex.next
        leadership = Leadership(
            noopIndex: noopIndex, progress: Array(repeating: freshProgress(next: noopIndex), count: roster.count))
        // Without an entry of its own a leader can't know what of its predecessors' is committed (§3.6.2, §6.4).
        log.append(EntryOutline(term: hardState.term, kind: .noop, byteCount: 0))
        persist(entriesFrom: noopIndex)
    }

    func freshProgress(next: LogIndex) -> Progress {
        Progress(
            next: next,
            inflights: Inflights(
                maxMessages: configuration.maxInflightMessages, maxBytes: configuration.maxInflightBytes))
    }

    mutating func becomeFollower(term: Term, leader newLeader: NodeID?) {
        precondition(term >= hardState.term, "a term never falls")
        let isSameReign = term == hardState.term && newLeader == leader
        if term > hardState.term { setTerm(term, vote: nil) }
        role = .follower
        leader = newLeader
        abandonLeadership()
        if !isSameReign {
            refuseForwardedReads()
            matchedIndex = commitIndex
            acknowledgedIndex = .zero
        }
        restartElectionClock()
    }

    /// A message that only the leader of this term can have sent.
    mutating func follow(_ sender: NodeID) {
        precondition(role != .leader, "two leaders in one term")
        precondition(leader == nil || leader == sender, "two leaders in one term")
        if role != .follower || leader == nil { becomeFollower(term: hardState.term, leader: sender) }
        clock.leaderHeard()
        isLogNeeded = false
    }

    private mutating func abandonLeadership() {
        let wasEstablished = isEstablished
        guard var abandoned = leadership.take() else { return }
        if wasEstablished { heardCommit = commitIndex }
        refuseReads(abandoned.quorumCheck.removeReads())
    }

    private mutating func setTerm(_ term: Term, vote: NodeID?) {
        precondition(term > hardState.term, "a vote is never taken back within its term")
        hardState = HardState(term: term, vote: vote)
        isHardStateUnsaved = true
    }

    private mutating func restartElectionClock() {
        clock.restart(electionTicks: configuration.electionTicks, random: &random)
    }
}
