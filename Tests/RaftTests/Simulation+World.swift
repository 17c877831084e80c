import Raft

/// Those who ask something of the cluster, and what befalls it.
extension Simulation {
    mutating func callClient() {
        let node = random.below(nodes.count)
        guard let raft = nodes[node].raft else { return }
        if random.chance(40) {
            let tag = nextTag
            nextTag += 1
            checker.readAsked(tag, of: node, at: now)
            step(node, .read(tag: tag))
        } else {
            // Sometimes under the reign before this one.
            let term = random.chance(10) && raft.term > .zero ? Term(raft.term.rawValue - 1) : raft.term
            step(node, .propose(byteCounts: Array(repeating: 8, count: random.within(1...5)), term: term))
        }
        if random.chance(15), nodes[node].raft != nil { compact(node) }
        if isHostile, random.chance(12), nodes[node].raft != nil { callOperator(node) }
    }

    /// Sometimes beyond what all members have, so that snapshots are needed.
    private mutating func compact(_ node: Int) {
        let reported = nodes[node].reportedCommit
        let floor = random.chance(60) ? min(reported, nodes[node].reportedFloor) : reported
        let needed = nodes[node].raft!.snapshotsInUse.map(\.index).min() ?? floor
        let through = random.chance(80) ? min(floor, needed) : floor
        guard through > nodes[node].compactedThrough else { return }
        nodes[node].compactedThrough = through
        nodes[node].reportedFloor = max(nodes[node].reportedFloor, through)
        checker.saw(through <= floor ? "compaction" : "compaction beyond the floor")
        step(node, .compacted(through: through))
    }

    /// Transfers, maintenance, and changes of the membership.
    private mutating func callOperator(_ node: Int) {
        let leader = nodes.indices.first { nodes[$0].raft?.status.role == .leader }
        switch random.below(10) {
        case 0:
            step(node, .mayLead(random.chance(85)))
        case 1:
            step(node, .disk(random.chance(80) ? .healthy : random.chance(50) ? .stalled : .full))
        case 2:
            guard let leader else { return }
            let target = random.chance(50) ? NodeID(UInt64(random.below(nodes.count)) + 1) : nil
            step(leader, .transferLeadership(to: target, tag: 0))
        default:
            guard changesMembership, let leader else { return }
            let present = nodes[leader].raft!.membership
            var voters: [NodeID] = []
            var learners: [NodeID] = []
            for number in 1...UInt64(nodes.count) {
                let id = NodeID(number)
                // Mostly as it is, so that learners live to be voters.
                let presentPart = present.isVoter(id) ? 0 : present.contains(id) ? 1 : 2
                let part = random.chance(75) ? presentPart : random.below(3)
                if part == 0 { voters.append(id) }
                if part == 1 { learners.append(id) }
            }
            step(leader, .changeMembership(MembershipChange(voters: voters, learners: learners), tag: 0))
        }
    }

    mutating func injectFault() {
        let node = random.below(nodes.count)
        switch random.below(6) {
        case 0, 1:
            guard crashes else { return }
            nodes[node].raft == nil ? start(node) : crash(node)
        case 2:
            cuts = []
            for other in nodes.indices where other != node {
                cuts.insert([node, other])
                cuts.insert([other, node])
            }
            checker.saw("isolated node")
        case 3:
            cuts = []
            for from in nodes.indices {
                for to in nodes.indices where from != to && random.chance(30) { cuts.insert([from, to]) }
            }
            checker.saw("one-way cuts")
        case 4:
            cuts = []
        default:
            // The kernel's word, true or not.
            for other in nodes.indices where other != node && nodes[other].raft != nil && random.chance(70) {
                step(other, .peerLost(NodeID(UInt64(node) + 1)))
            }
        }
    }

    private mutating func crash(_ node: Int) {
        nodes[node].flush(random.below(nodes[node].pendingWrites.count + 1))
        if !nodes[node].pendingWrites.isEmpty { checker.saw("writes lost in a crash") }
        nodes[node].raft = nil
        if random.chance(50) { nodes[node].file = nil }
        checker.crashed(node)
        guard random.chance(60) else { return }
        for other in nodes.indices where other != node && nodes[other].raft != nil && random.chance(70) {
            step(other, .peerLost(NodeID(UInt64(node) + 1)))
        }
    }

    mutating func start(_ node: Int) {
        // The state machine may have kept all that it was told is committed, or less.
        let floor = nodes[node].compactedThrough.rawValue
        let known = max(floor, nodes[node].reportedCommit.rawValue)
        let commit = random.chance(50) ? known : floor + UInt64(random.below(Int(known - floor) + 1))
        let configuration = RaftConfiguration(
            id: NodeID(UInt64(node) + 1), electionTicks: 10,
            heartbeatTicks: 3, commitPatienceTicks: 40, peerLostStaggerTicks: 2, maxInflightMessages: 4,
            maxInflightBytes: 400,
            maxAppendBytes: 130, maxUncommittedBytes: 500, maxPendingReads: 20, snapshotChunkBytes: 50,
            maxInflightSnapshotBytes: 120, promotionLagEntries: 5, snapshotLingerTicks: 100, randomSeed: random.next())
        nodes[node].start(configuration: configuration, commit: LogIndex(commit))
        queue.add(.tick(node: node, life: nodes[node].life), at: now + random.within(1...Self.ticksOfTime))
    }
}
