/// What the passing of time does, and what the kernel says before time would.
extension Raft {
    mutating func tick() {
        refuseReads(forwardedReads.tick(generationTicks: configuration.electionTicks))
        transferTick()
        if role == .leader {
            leaderTick()
        } else if clock.tick() {
            if mayStand { campaign() } else { standBy() }
        }
    }

    private mutating func leaderTick() {
        leadership!.ticksSinceQuorumCheck += 1
        if leadership!.ticksSinceQuorumCheck >= configuration.electionTicks {
            leadership!.ticksSinceQuorumCheck = 0
            guard hasRecentQuorum() else { return becomeFollower(term: hardState.term, leader: nil) }
        }
        snapshotTick()
        handoverTick()
        leadership!.ticksSinceHeartbeat += 1
        guard leadership!.ticksSinceHeartbeat >= configuration.heartbeatTicks else { return announceCommit() }
        leadership!.ticksSinceHeartbeat = 0
        for position in roster.members.indices where position != selfPosition {
            leadership!.progress[position].beat()
        }
        broadcastHeartbeat()
    }

    /// Was a quorum heard since the last time this was asked?
    private mutating func hasRecentQuorum() -> Bool {
        let isHeard = roster.quorum.isReached {
            $0 == selfPosition || leadership!.progress[$0].hearing.isRecent
        }
        for position in roster.members.indices { leadership!.progress[position].endHearing() }
        return isHeard
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
