/// Handing leadership over: on request (dissertation §3.10), or because this node should not lead.
///
/// A transfer is an election that the leader asks for itself. It is as safe as any other, because the votes are what
/// decides; it only spares the wait for a timeout.
extension Raft {
    mutating func transferLeadership(to target: NodeID?, tag: UInt64) {
        func refuse(_ refusal: TransferRefusal) { effects.append(.transferEnded(tag: tag, .refused(refusal))) }
        guard role == .leader else { return refuse(.notLeader(leader: leader)) }
        guard transfer == nil else { return refuse(.transferUnderWay) }
        if let target {
            if let refusal = refusal(toTransferTo: target) { return refuse(refusal) }
            beginTransfer(to: target, isNamed: true, tag: tag)
        } else {
            guard let target = bestSuccessor() else { return refuse(.nobodyFit) }
            beginTransfer(to: target, isNamed: false, tag: tag)
        }
    }

    private func refusal(toTransferTo target: NodeID) -> TransferRefusal? {
        if target == id { return .alreadyLeader }
        guard membership.voters.contains(target), let position = roster.position(of: target) else {
            return .notVoter(target)
        }
        let hearing = leadership!.progress[position].hearing
        guard hearing.isAlive else { return .unreachable(target) }
        return hearing.mayLead ? nil : .mayNotLead(target)
    }

    private mutating func beginTransfer(to target: NodeID, isNamed: Bool, tag: UInt64?) {
        transfer = Transfer(
            target: target, isNamed: isNamed, tag: tag, term: hardState.term, ticksLeft: configuration.electionTicks)
    }

    /// The voter that has most of the log among those that are fit.
    private func bestSuccessor(isFit: (Progress) -> Bool = { $0.hearing.isAlive && $0.hearing.mayLead }) -> NodeID? {
        var best: (match: LogIndex, node: NodeID)?
        for position in roster.quorum.voters.positions where position != selfPosition {
            let progress = leadership!.progress[position]
            guard isFit(progress) else { continue }
            if best.map({ progress.match > $0.match }) ?? true { best = (progress.match, roster.members[position]) }
        }
        return best?.node
    }

    /// The target is called when it has the whole log: before that it could not win.
    mutating func advanceTransfer() {
        guard let target = transfer?.target, transfer?.isCalled == false else { return }
        guard let position = roster.position(of: target), leadership!.progress[position].match == log.lastIndex
        else { return }
        transfer!.isCalled = true
        send(.timeoutNow, to: target)
    }

    /// Hands over without waiting for anything, and leads no more. Who isn't heard may hear, so of those one is called if
    /// there is nobody else. Who lacks what is committed is not: it could only keep others from being elected. Where nobody
    /// comes to lead by this, the others' clocks will find out.
    mutating func handOverAtOnce() {
        func couldWin(_ progress: Progress) -> Bool { progress.hearing.mayLead && progress.match >= commitIndex }
        if transfer?.isCalled != true,
            let target = bestSuccessor(isFit: { couldWin($0) && $0.hearing.isAlive })
                ?? bestSuccessor(isFit: { couldWin($0) && !$0.hearing.isLost })
        {
            send(.timeoutNow, to: target)
        }
        becomeFollower(term: hardState.term, leader: nil)
    }

    /// The leader says that this node should lead.
    mutating func calledToLead(by sender: NodeID) {
        guard role == .follower || role == .preCandidate, leader == nil || leader == sender, mayStand else { return }
        stand(isTransfer: true)
    }

    mutating func transferTick() {
        guard transfer != nil else { return }
        transfer!.ticksLeft -= 1
        if transfer!.ticksLeft <= 0 { endTransfer(.timedOut) }
    }

    /// Whoever leads after this node, it is known now.
    mutating func resolveTransfer() {
        guard let transfer, hardState.term > transfer.term, let leader else { return }
        if leader == id { return endTransfer(.timedOut) }
        let isAsMeant = leader == transfer.target || !transfer.isNamed
        endTransfer(isAsMeant ? .done : .refused(.notLeader(leader: leader)))
    }

    private mutating func endTransfer(_ outcome: TransferOutcome) {
        if let tag = transfer?.tag { effects.append(.transferEnded(tag: tag, outcome)) }
        transfer = nil
    }
}

// MARK: - Fitness

extension Raft {
    /// A leader whose disk does not keep up holds up everyone, and its heartbeats keep the others from helping themselves
    /// (B30, B31). One that is alone stays: nobody could do better.
    mutating func diskChanged(_ health: DiskHealth) {
        disk = health
        endCandidacyIfUnfit()
        guard role == .leader, disk != .healthy, !isQuorumAlone else { return }
        handOverAtOnce()
    }

    /// As leader it hands over at its next tick.
    mutating func maintenanceChanged(mayLead: Bool) {
        self.mayLead = mayLead
        endCandidacyIfUnfit()
    }

    private mutating func endCandidacyIfUnfit() {
        guard role == .preCandidate || role == .candidate, !mayStand else { return }
        becomeFollower(term: hardState.term, leader: nil)
    }

    /// A leader under maintenance hands over with care: it leads until a successor has all its log, and tries again as
    /// long as it must.
    mutating func handoverTick() {
        guard !mayLead, transfer == nil else { return }
        leadership!.ticksUntilHandover -= 1
        guard leadership!.ticksUntilHandover <= 0, let target = bestSuccessor() else { return }
        leadership!.ticksUntilHandover = 2 * configuration.electionTicks
        beginTransfer(to: target, isNamed: false, tag: nil)
    }
}
