/// Changes of who belongs to the cluster (dissertation, chapter 4).
///
/// - A membership counts from the moment it is in a node's log, committed or not. If it counted only once committed, a
///   leader could commit it by the old majority while others, who have not heard of that commit, elect a leader by the
///   same old majority's rules after the new one has begun to decide.
/// - Voters change through a joint phase, so any set may follow any other: see `Quorum`.
/// - There is one change at a time, and none before an entry of the leader's own term is committed. Else two leaders in
///   turn could each begin a change from the same old membership, neither knowing of the other's, and the two new ones
///   might decide apart (B2, B3).
/// - Who becomes a voter has the log already. A voter that has not only raises the number of those who must be waited
///   for (B51).
extension Raft {
    static func newestMembership(
        in log: LogOutline, over base: (index: LogIndex, membership: Membership)
    ) -> (index: LogIndex, membership: Membership) {
        guard let last = log.lastMembership(atOrBefore: log.lastIndex), last.index > base.index else { return base }
        return last
    }

    mutating func changeMembership(_ change: MembershipChange, tag: UInt64) {
        if let refusal = refusal(of: change) { return effects.append(.membershipRefused(tag: tag, refusal)) }
        effects.append(.membershipAccepted(tag: tag, index: log.lastIndex.next))
        append(change.step(from: membership))
    }

    private func refusal(of change: MembershipChange) -> MembershipRefusal? {
        guard role == .leader else { return .notLeader(leader: leader) }
        guard transfer == nil else { return .transferUnderWay }
        guard isEstablished else { return .notEstablished }
        guard isMembershipCommitted, !membership.isJoint else { return .changeUnderWay }
        guard !change.voters.isEmpty else { return .noVoters }
        let members = Membership.canonical(change.voters + change.learners + membership.voters)
        guard members.count <= Membership.maxMembers else { return .tooManyMembers }
        guard change.step(from: membership) != membership else { return .unchanged }
        for node in change.voters where !membership.isVoter(node) && !isCaughtUp(node) { return .notCaughtUp(node) }
        return nil
    }

    private func isCaughtUp(_ node: NodeID) -> Bool {
        guard let position = roster.position(of: node) else { return false }
        let progress = leadership!.progress[position]
        return progress.hearing.isAlive && progress.state == .replicate
            && log.lastIndex.distance(from: progress.match) <= configuration.promotionLagEntries
    }

    /// Is not held back by the bound on what is uncommitted: it may be what the cluster needs to commit again.
    private mutating func append(_ membership: Membership) {
        log.append(EntryOutline(term: hardState.term, membership: membership))
        persist(entriesFrom: log.lastIndex)
        followMembership()
    }

    /// What a leader does about the membership once it is committed: it ends a joint phase, and when it is no voter any
    /// more it goes. Until then it leads on, for nobody else knows that the change is wanted.
    mutating func advanceMembership() {
        guard membershipIndex <= commitIndex, commitIndex >= leadership!.noopIndex, transfer == nil else { return }
        if membership.isJoint {
            // The entry takes effect at once, so that it can't be appended a second time (B52).
            append(membership.afterJoint)
        } else if !membership.isVoter(id) {
            handOverAtOnce()
        }
    }

    /// Has a vote; or had one in the membership before the newest, and does not know the newest to be committed; or is
    /// taken for a voter by one whom it must refuse its vote.
    ///
    /// In the second case this node may be the only one that has the entry which takes its vote away. It must refuse
    /// the others its vote then, for its log is longer; and if, without that entry, they need the vote, nobody could ever
    /// be elected but this node (§4.2.2). It counts no vote of its own, and when it leads it commits the entry and goes.
    ///
    /// In the third case a leader fell that alone knew of this learner's promotion, and so did its successor, after it had
    /// sent this learner, and no voter, an entry: the first one, back again, needs this vote and can't have it, and nobody
    /// else has the log to be elected by the first one.
    var mayBeNeededAsLeader: Bool {
        if membership.isVoter(id) || isLogNeeded { return true }
        guard !isMembershipCommitted else { return false }
        let previous = log.lastMembership(atOrBefore: membershipIndex.previous)
        guard let previous, previous.index > membershipBase.index else { return membershipBase.membership.isVoter(id) }
        return previous.membership.isVoter(id)
    }

    /// Takes the newest membership in the log for the one that counts; also when its entry was taken back, and an older
    /// one counts again (B53).
    mutating func followMembership() {
        guard membershipVersion != log.membershipVersion else { return }
        membershipVersion = log.membershipVersion
        let newest = Self.newestMembership(in: log, over: membershipBase)
        guard newest.index != membershipIndex || newest.membership != membership else { return }
        precondition(role == .leader || role == .follower, "a candidate's log stands still")
        let old = roster.members
        membership = newest.membership
        membershipIndex = newest.index
        isMembershipReportedCommitted = newest.index <= reportedCommit
        roster = Roster(membership)
        selfPosition = roster.position(of: id)
        effects.append(
            .membershipChanged(membership, index: membershipIndex, isCommitted: isMembershipReportedCommitted))
        if role == .leader { seatMembers(from: old) }
    }

    /// Whoever stays keeps its progress; whoever is new begins at the log's end, from where its answers lead back.
    private mutating func seatMembers(from old: [NodeID]) {
        let progress = leadership!.progress
        leadership!.progress = roster.members.map { member in
            old.firstIndex(of: member).map { progress[$0] } ?? freshProgress(next: log.lastIndex)
        }
        restartReadRound()
    }

    mutating func reportMembership() {
        guard !isMembershipReportedCommitted, membershipIndex <= reportedCommit else { return }
        isMembershipReportedCommitted = true
        effects.append(.membershipChanged(membership, index: membershipIndex, isCommitted: true))
    }
}
