/// What the passing of time does, and what the kernel says before time would.
extension Raft {
    /// A long queue is no standstill: for what is not committed yet, a leader is given a tick more for so many bytes.
    private static let queuedBytesPerTick = 64 << 10

    mutating func tick() {
        refuseReads(forwardedReads.tick(generationTicks: configuration.electionTicks))
        transferTick()
        if role == .leader {
            leaderTick()
        } else if clock.tick() {
            if mayStand { campaign() } else { standBy() }
        } else if role == .preCandidate, clock.elapsed.isMultiple(of: configuration.heartbeatTicks) {
            // Who still heard the leader a moment ago may be without one by now.
            askForPreVotes()
        }
    }

    private mutating func leaderTick() {
        hearingTick()
        leadership!.quorumCheck.tick()
        guard !leadership!.quorumCheck.isOverdue else { return handOverAtOnce() }
        watchCommits()
        guard role == .leader else { return }
        snapshotTick()
        handoverTick()
        leadership!.ticksSinceHeartbeat += 1
        guard leadership!.ticksSinceHeartbeat >= configuration.heartbeatTicks else { return announceCommit() }
        leadership!.ticksSinceHeartbeat = 0
        for position in roster.members.indices where position != selfPosition {
            leadership!.progress[position].beat()
        }
        beat()
    }

    private mutating func hearingTick() {
        leadership!.ticksOfHearing += 1
        guard leadership!.ticksOfHearing >= configuration.electionTicks else { return }
        leadership!.ticksOfHearing = 0
        for position in roster.members.indices { leadership!.progress[position].endHearing() }
    }

    /// Hands over if a quorum that could commit this leader's entries does not. One that lacks earlier entries could not:
    /// nobody who leads it would be quicker.
    private mutating func watchCommits() {
        guard leadership!.commits.tick(commit: commitIndex) else { return restartWatch() }
        guard leadership!.commits.isOverdue else { return }
        let isQuorumAble = roster.quorum.isReached { position in
            guard position != selfPosition else { return true }
            let progress = leadership!.progress[position]
            return progress.hearing.isAlive && progress.state != .snapshot && progress.match >= commitIndex
        }
        if isQuorumAble, !isQuorumAlone { handOverAtOnce() } else { restartWatch() }
    }

    private mutating func restartWatch() {
        leadership!.commits.restart(
            last: log.lastIndex, patienceTicks: configuration.commitPatienceTicks + queueTicks)
    }

    /// For what is queued now: whatever is asked of the others at this moment may come to them behind it.
    var queueTicks: Int {
        log.byteCount(after: commitIndex, through: log.lastIndex) / Self.queuedBytesPerTick
    }

    mutating func peerLost(_ peer: NodeID) {
        switch role {
        case .leader:
            guard let position = roster.position(of: peer), position != selfPosition else { return }
            leadership!.progress[position].lost(base: log.baseIndex)
        case .follower where peer == leader && !clock.leaderLost:
            refuseForwardedReads()
            guard mayStand, let place = roster.succession(of: id, after: peer) else { return clock.leaderWasLost() }
            let round = place.count * configuration.peerLostStaggerTicks
            let turn = place.rank == 0 ? round : place.rank * configuration.peerLostStaggerTicks
            clock.leaderLost(turnIn: turn, every: round)
            if place.rank == 0 { campaign() }
        case .follower, .preCandidate, .candidate:
            break
        }
    }
}
