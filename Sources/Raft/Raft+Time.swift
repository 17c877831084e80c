/// What the passing of time does, and what the kernel says before time would.
extension Raft {
    mutating func tick() {
        refuseReads(forwardedReads.tick(generationTicks: configuration.electionTicks))
        if role == .leader { leaderTick() } else if clock.tick() { campaign() }
    }

    private mutating func leaderTick() {
        leadership!.ticksSinceQuorumCheck += 1
        if leadership!.ticksSinceQuorumCheck >= configuration.electionTicks {
            leadership!.ticksSinceQuorumCheck = 0
            guard hasRecentQuorum() else { return becomeFollower(term: hardState.term, leader: nil) }
        }
        leadership!.ticksSinceHeartbeat += 1
        guard leadership!.ticksSinceHeartbeat >= configuration.heartbeatTicks else { return announceCommit() }
        leadership!.ticksSinceHeartbeat = 0
        for position in voters.members.indices where position != selfPosition {
            leadership!.progress[position].beat()
        }
        broadcastHeartbeat()
    }

    /// Was a majority heard since the last time this was asked?
    private mutating func hasRecentQuorum() -> Bool {
        var heard = 1
        for position in voters.members.indices where position != selfPosition {
            if leadership!.progress[position].recentlyHeard { heard += 1 }
            leadership!.progress[position].recentlyHeard = false
        }
        return heard >= voters.quorum
    }

    mutating func peerLost(_ peer: NodeID) {
        guard peer != id, let position = voters.position(of: peer) else { return }
        switch role {
        case .leader:
            leadership!.progress[position].lost(base: log.baseIndex)
        case .follower where peer == leader && !clock.leaderLost:
            refuseForwardedReads()
            guard let rank = voters.rank(of: id, without: peer) else { return }
            let survivors = voters.count - 1
            let stagger = configuration.peerLostStaggerTicks
            clock.leaderLost(turnIn: rank == 0 ? survivors * stagger : rank * stagger, every: survivors * stagger)
            if rank == 0 { campaign() }
        case .follower, .preCandidate, .candidate:
            break
        }
    }
}
