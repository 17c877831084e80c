internal import Raft

/// The end of the hostile time: a connected majority is healed, and must come right while the rest may stay dead.
extension World {
    /// Longest time, in election timeouts, from the end of faults to a cluster that has caught up and serves.
    static let patience = 40

    func makePeace() {
        isHostile = false
        peaceBegan = now
        network.heal()
        chooseCore()
        note("PEACE for \(core.map { nodes[$0].id.description }.joined(separator: " "))")
        for node in nodes {
            node.stalledUntil = 0
            node.slowApplyUntil = 0
            node.disk.isFull = false
            node.disk.failsNextSync = false
            if node.isUnderMaintenance {
                node.isUnderMaintenance = false
                if node.state == .up { node.step(.mayLead(true)) }
            }
            if core.contains(node.position) {
                resume(node)
                // A disk or a state machine that stood still goes on.
                add(.synced(node.position, run: node.run, node.writing), after: millisecond)
                add(.apply(node.position, run: node.run), after: millisecond)
                if node.state == .down { node.start() }
            } else {
                leaveBehind(node)
            }
        }
        probe()
        add(.lookAround, after: 10 * millisecond)
    }

    /// Enough of the intact nodes for every membership that may yet count, chosen by chance.
    private func chooseCore() {
        var choice = SimulatedRandom(seed: plan.peace.choice)
        core = nodes.filter(\.isIntact).map(\.position)
        guard isQuorate(core) else { return fail("harness: more disks are lost than the cluster can bear") }
        var candidates = core
        while !candidates.isEmpty {
            let position = candidates.remove(at: choice.below(candidates.count))
            guard choice.chance(percent: 100 - plan.peace.extraPercent) else { continue }
            let smaller = core.filter { $0 != position }
            if isQuorate(smaller) { core = smaller }
        }
    }

    private func isQuorate(_ positions: [Int]) -> Bool {
        ruling().allSatisfy { voters in
            2 * voters.count { positions.contains($0.position) && nodes[$0.position].id == $0 } > voters.count
        }
    }

    /// The others are dead, or cut off in one way or the other.
    private func leaveBehind(_ node: Node) {
        let inside = core.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
        let alone = UInt32(1) << UInt32(node.position)
        var blocked = nodes.indices.map { _ in UInt32(0) }
        switch faultRandom.below(4) {
        case 0:
            if node.isRunning { node.stop(.power) }
            node.state = .absent
        case 1:
            blocked = blocked.indices.map { $0 == node.position ? ~alone : alone }
        case 2:
            blocked[node.position] = inside & ~alone
        default:
            for position in blocked.indices where position != node.position { blocked[position] = alone }
        }
        network.begin(Network.ActiveCut(fault: .max, blocked: blocked))
        if node.state == .paused { resume(node) }
    }

    /// A last write and read of every register must be served.
    private func probe() {
        for index in clients.indices { clients[index].waiting.removeSubrange(clients[index].nextWaiting...) }
        for key in 0..<plan.shape.keys {
            let index = key % clients.count
            for kind in [PlannedOperation.Kind.put, .read] {
                clients[index].waiting.append(
                    PlannedOperation(time: now, client: index, key: UInt8(key), kind: kind, padding: 0))
            }
        }
        for index in clients.indices {
            // Whoever still believed in a node outside would find out by waiting.
            clients[index].node = core[index % core.count]
            add(.clientWakes(index), after: 1)
        }
    }

    func lookAround() {
        if let missing = missing() {
            let deadline = peaceBegan + Self.patience * plan.shape.electionTimeout + 5 * second
            guard now < deadline else { return fail("liveness: \(missing), \(now - peaceBegan) µs after peace began") }
            add(.lookAround, after: 20 * millisecond)
        } else {
            isDone = true
        }
    }

    /// What is not right yet.
    private func missing() -> String? {
        let inside = core.map { nodes[$0] }
        guard let chief = inside.compactMap(\.core).first(where: { $0.status.established }) else {
            return "no leader is established"
        }
        guard chief.isMembershipCommitted, !chief.membership.isJoint else {
            return "membership \(chief.membership) is not settled"
        }
        // Whoever was removed, or never admitted, is nobody's concern.
        let members = inside.filter { chief.membership.contains($0.id) }
        for (index, client) in clients.enumerated() {
            if client.current != nil || client.nextWaiting < client.waiting.count {
                return "c\(index) is not served"
            }
        }
        for node in members {
            guard let core = node.core else { return "\(node.id) does not run" }
            guard core.status.leader == chief.id else { return "\(node.id) does not follow \(chief.id)" }
            guard core.lastIndex == chief.lastIndex, core.commitIndex == chief.lastIndex else {
                return "\(node.id) has \(core.lastIndex), committed \(core.commitIndex), of \(chief.lastIndex)"
            }
            guard node.application.folded == chief.lastIndex, node.application.registers.index == chief.lastIndex else {
                return "\(node.id) has applied \(node.application.folded) of \(chief.lastIndex)"
            }
            guard node.openTransfers.isEmpty else { return "\(node.id) owes an answer to a transfer" }
            guard node.openReads.isEmpty, node.waitingReads.isEmpty else { return "\(node.id) owes a read its answer" }
        }
        return nil
    }
}
