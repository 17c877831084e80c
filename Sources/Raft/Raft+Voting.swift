/// Votes: to whom they are given.
///
/// They are given to whoever may have them, by whoever is asked: neither side looks whether the other is a voter. Who
/// counts them does, by the newest membership it knows. A node that has not yet seen that it became a voter (B47), or that
/// the one who asks did, would else keep a cluster without a leader, whose entries could tell it.
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
        let isProtected = isLeaderProtected(from: message.from)
        let isUpToDate = isUpToDate(lastIndex: lastIndex, lastTerm: lastTerm)
        let isGranted =
            !isProtected && isUpToDate && (message.term > hardState.term || isVoteFree(for: message.from))
        if leader == nil, !isUpToDate { isLogNeeded = true }
        // A grant speaks of the term to come; a refusal tells our own, which may be news to the sender.
        send(
            .preVoteResponse(granted: isGranted), to: message.from,
            term: isGranted ? message.term : hardState.term)
        if isGranted {
            giveWay(to: message.from, lastIndex: lastIndex, lastTerm: lastTerm)
        } else if !isProtected, !isUpToDate, role == .follower, membership.isVoter(id), mayStand {
            // The one who lost the leader first mostly lacks its last entries, and can't win. Whoever has them needn't
            // wait for its own timeout to find out what it has just been told.
            campaign()
        }
    }

    /// Two who stand in one term may split its votes, and lose a whole timeout. So whoever grants waits a little before it
    /// asks itself, and of two who ask each other the one with the lesser log, or number, withdraws. The other never
    /// refuses because of that: its own question may not get through.
    private mutating func giveWay(to candidate: NodeID, lastIndex: LogIndex, lastTerm: Term) {
        switch role {
        case .follower:
            _ = clock.giveWay(configuration.heartbeatTicks)
        case .preCandidate where (lastTerm, lastIndex, candidate) > (log.lastTerm, log.lastIndex, id):
            if clock.giveWay(0) { becomeFollower(term: hardState.term, leader: nil) }
        case .preCandidate, .candidate, .leader:
            break
        }
    }

    mutating func answerVote(_ candidate: NodeID, lastIndex: LogIndex, lastTerm: Term) {
        let isGranted = isVoteFree(for: candidate) && isUpToDate(lastIndex: lastIndex, lastTerm: lastTerm)
        if isGranted, hardState.vote == nil {
            becomeFollower(term: hardState.term, leader: nil)
            clock.endSearch()
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
