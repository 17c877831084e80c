internal import Raft

/// Whoever runs the cluster: admits nodes that began anew, takes the places of lost ones, and changes who votes. It asks
/// for nothing that the cluster could not bear.
extension World {
    static func contact(of node: NodeID) -> [UInt8] { Array("at \(node.number)".utf8) }

    /// Every set of voters that counts, or may come to count: of the newest membership in each intact node's log, where
    /// it is not older than what is committed.
    func ruling() -> [[NodeID]] {
        var sets: [[NodeID]] = []
        for (position, record) in oracle.records.enumerated() where nodes[position].isIntact {
            for (place, known) in record.memberships.enumerated() {
                let next = place + 1 < record.memberships.count ? record.memberships[place + 1].index : .max
                // One that another has followed, for good, counts no more.
                guard next > oracle.committedIndex else { continue }
                for set in [known.membership.voters, known.membership.outgoing]
                where !set.isEmpty && !sets.contains(set) {
                    sets.append(set)
                }
            }
        }
        // What an old node holds may long be replaced: only what reaches to the newest committed membership counts.
        let newest = newestCommittedMembership
        return sets.filter { set in
            oracle.records.contains { record in
                record.memberships.contains { known in
                    known.index >= newest && (known.membership.voters == set || known.membership.outgoing == set)
                }
            }
        }
    }

    private var newestCommittedMembership: UInt64 {
        var newest: UInt64 = 0
        for record in oracle.records {
            for known in record.memberships where known.index <= oracle.committedIndex {
                newest = max(newest, known.index)
            }
        }
        return newest
    }

    /// Whether the cluster can bear the loss of this disk: of every set of voters a majority of intact ones must stay.
    func mayLose(_ node: Node) -> Bool {
        guard node.isIntact else { return false }
        return ruling().allSatisfy { voters in
            let intact = voters.count { nodes[$0.position].id == $0 && $0 != node.id && nodes[$0.position].isIntact }
            return 2 * intact > voters.count
        }
    }

    /// Another set of voters is wanted.
    func want(voters mask: UInt32, _ fault: Int) {
        let wanted = Set(nodes.indices.filter { mask >> UInt32($0) & 1 == 1 })
        guard !wanted.isEmpty else { return }
        wantedVoters = wanted
        for position in wanted.sorted() where nodes[position].state == .absent {
            add(.beginLife(position, nodes[position].id), after: 1 + faultRandom.below(second))
        }
        pendingChange = fault
    }

    /// From time to time: compares what is with what is wanted, and asks for the next step.
    func administer() {
        guard isHostile else { return }
        add(.administer, after: plan.shape.electionTimeout / 2 + faultRandom.below(plan.shape.electionTimeout))
        guard let leader, let core = leader.core, core.status.established, core.isMembershipCommitted,
            !core.membership.isJoint
        else { return }
        guard let change = change(of: core.membership, progress: core.progress) else { return }
        lastTag += 1
        note("operator asks \(leader.id) for \(change.voters) + \(change.learners)")
        leader.step(.changeMembership(change, tag: lastTag))
        if let fault = pendingChange {
            exercised(fault: fault)
            pendingChange = nil
        }
    }

    /// Learners first; who has caught up may vote; who is lost or not wanted goes.
    private func change(of membership: Membership, progress: [MemberProgress]) -> MembershipChange? {
        let present = nodes.filter { $0.state != .absent }.map(\.id)
        let wanted = wantedVoters.sorted().map { nodes[$0].id }.filter {
            present.contains($0) && !lostMembers.contains($0)
        }
        var learners = Set(membership.learners.filter { wanted.contains($0) && nodes[$0.position].id == $0 })
        for node in wanted where !membership.contains(node) { learners.insert(node) }
        var voters = Set(membership.voters)
        for node in wanted where learners.contains(node) {
            guard let its = progress.first(where: { $0.id == node }), let last = progress.map(\.match).max(),
                its.match.rawValue + UInt64(plan.shape.promotionLagEntries) >= last.rawValue
            else { continue }
            learners.remove(node)
            voters.insert(node)
        }
        // Demoted, not only removed, now and then.
        for node in membership.voters where !wanted.contains(node) {
            let rest = voters.subtracting([node])
            guard !rest.isEmpty, canDecide(rest) else { continue }
            voters = rest
            if !lostMembers.contains(node), nodes[node.position].id == node, faultRandom.chance(percent: 20) {
                learners.insert(node)
            }
        }
        guard canDecide(voters), voters != Set(membership.voters) || learners != Set(membership.learners) else {
            return nil
        }
        if voters.contains(where: { !membership.isVoter($0) }) { saw(.learnerPromoted) }
        if membership.voters.contains(where: { !voters.contains($0) }) { saw(.memberRemoved) }
        if membership.voters.contains(where: { lostMembers.contains($0) && !voters.contains($0) }) {
            saw(.memberReplaced)
        }
        let all = voters.union(learners)
        return MembershipChange(
            voters: Array(voters), learners: Array(learners),
            contacts: Dictionary(uniqueKeysWithValues: all.map { ($0, Self.contact(of: $0)) }))
    }

    /// A majority of these has intact disks.
    private func canDecide(_ voters: Set<NodeID>) -> Bool {
        2 * voters.count { nodes[$0.position].id == $0 && nodes[$0.position].isIntact } > voters.count
    }
}
