/// Elections: who stands, who is voted for, and what becomes of it.
extension Raft {
    /// Asks the others whether an election could be won, before any term is spent on it.
    mutating func campaign() {
        refuseForwardedReads()
        role = .preCandidate
        leader = nil
        restartElectionClock()
        ballot = Ballot(voters: voters)
        ballot.record(true, at: selfPosition)
        broadcast(
            .preVoteRequest(lastIndex: log.lastIndex, lastTerm: log.lastTerm), term: hardState.term.next)
        countPreVotes()
    }

    private mutating func stand() {
        role = .candidate
        setTerm(hardState.term.next, vote: id)
        restartElectionClock()
        clock.endSuccession()
        ballot = Ballot(voters: voters)
        broadcast(.voteRequest(lastIndex: log.lastIndex, lastTerm: log.lastTerm))
    }

    /// The own vote is like any other: it counts when it can't be forgotten.
    mutating func countOwnVote() {
        guard !isHardStateUnsaved, durability.isHardStateDurable else { return }
        ballot.record(true, at: selfPosition)
        countVotes()
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
        switch ballot.outcome(in: voters) {
        case .pending: break
        case .won: stand()
        case .lost: becomeFollower(term: hardState.term, leader: nil)
        }
    }

    private mutating func countVotes() {
        switch ballot.outcome(in: voters) {
        case .pending: break
        case .won: becomeLeader()
        case .lost: becomeFollower(term: hardState.term, leader: nil)
        }
    }

    private mutating func becomeLeader() {
        precondition(role == .candidate && hardState.vote == id, "only a candidate becomes leader")
        role = .leader
        leader = id
        let inflights = Inflights(
            maxMessages: configuration.maxInflightMessages, maxBytes: configuration.maxInflightBytes)
        let noopIndex = log.lastIndex.next
        leadership = Leadership(
            noopIndex: noopIndex,
            progress: Array(repeating: Progress(next: noopIndex, inflights: inflights), count: voters.count),
            reads: ReadQueue(voters: voters))
        // Without an entry of its own a leader can't know what of its predecessors' is committed (§3.6.2, §6.4).
        log.append(EntryOutline(term: hardState.term, kind: .noop, byteCount: 0))
        persist(entriesFrom: noopIndex)
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
    }

    private mutating func abandonLeadership() {
        guard var abandoned = leadership.take() else { return }
        refuseReads(abandoned.reads.removeAll())
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

// MARK: - Voting

extension Raft {
    /// While a leader is heard, nobody else is listened to: else a node that comes back from a partition would depose
    /// it (§4.2.3). The leader's own request shows that it leads no more.
    func isLeaderProtected(from candidate: NodeID) -> Bool {
        switch role {
        case .leader: true
        case .follower:
            leader != nil && leader != candidate && !clock.leaderLost
                && clock.elapsed < configuration.electionTicks
        case .preCandidate, .candidate: false
        }
    }

    mutating func answerPreVote(_ message: Message, lastIndex: LogIndex, lastTerm: Term) {
        let isGranted =
            !isLeaderProtected(from: message.from)
            && (message.term > hardState.term || isVoteFree(for: message.from))
            && isUpToDate(lastIndex: lastIndex, lastTerm: lastTerm)
        // A grant speaks of the term to come; a refusal tells our own, which may be news to the sender.
        send(
            .preVoteResponse(granted: isGranted), to: message.from,
            term: isGranted ? message.term : hardState.term)
    }

    mutating func answerVote(_ candidate: NodeID, lastIndex: LogIndex, lastTerm: Term) {
        let isGranted = isVoteFree(for: candidate) && isUpToDate(lastIndex: lastIndex, lastTerm: lastTerm)
        if isGranted, hardState.vote == nil {
            becomeFollower(term: hardState.term, leader: nil)
            clock.endSuccession()
            hardState.vote = candidate
            isHardStateUnsaved = true
        }
        send(.voteResponse(granted: isGranted), to: candidate)
    }

    /// In the present term: not given to another, and no leader has come of it.
    private func isVoteFree(for candidate: NodeID) -> Bool {
        hardState.vote == candidate || (hardState.vote == nil && leader == nil)
    }

    /// The later last term wins; within one term, the longer log (§3.6.1).
    private func isUpToDate(lastIndex: LogIndex, lastTerm: Term) -> Bool {
        (lastTerm, lastIndex) >= (log.lastTerm, log.lastIndex)
    }
}
