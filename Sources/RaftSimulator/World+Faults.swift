internal import Raft

/// Faults begin, have their effect, and end.
extension World {
    func begin(fault index: Int) {
        let fault = plan.faults[index].fault
        note("FAULT \(index): \(fault)")
        switch fault {
        case .kill(let target, let time): strike(target, index) { doom($0, .process, downFor: time) }
        case .powerLoss(let target, let time): strike(target, index) { doom($0, .power, downFor: time) }
        case .blackout(let time):
            pendingBlackout = (index, time)
            add(.blackout(index), after: second)
        case .pause(let target, let time):
            strike(target, index) { node in
                guard node.state == .up else { return }
                node.state = .paused
                add(.faultEnds(index), after: time)
            }
        case .partition(let cut, let time): begin(cut, index, lasting: time)
        case .flapping(let cut, let period, let time):
            begin(cut, index, lasting: time)
            add(.flap(index), after: period)
        case .slowNetwork(let extra, let time):
            network.slowness = extra
            add(.faultEnds(index), after: time)
        case .clog(let from, let to, let time):
            network.clog(Network.Clog(fault: index, from: from, to: to, until: now + time))
            add(.faultEnds(index), after: time)
        case .loss(let percent, let time):
            network.lossPercent = percent
            add(.faultEnds(index), after: time)
        case .duplication(let percent, let time):
            network.duplicationPercent = percent
            add(.faultEnds(index), after: time)
        case .stalledDisk(let target, let time):
            guard let node = resolve(target) else { return }
            struck[index] = node.position
            node.stalledUntil = now + time
            node.stallFault = index
            add(.faultEnds(index), after: time)
        case .fullDisk(let target, let time):
            guard let node = resolve(target) else { return }
            struck[index] = node.position
            node.disk.isFull = true
            add(.faultEnds(index), after: time)
        case .syncError(let target, let time):
            guard let node = resolve(target) else { return }
            struck[index] = node.position
            node.disk.failsNextSync = true
            node.downTime = time
        case .bitRot(let target, let segment, let time): rot(target, segment, index, downFor: time)
        case .wipe(let target, let time): wipe(target, index, downFor: time)
        case .falseAlarm(let target):
            strike(target, index) { node in
                for other in nodes where other !== node && other.isRunning && faultRandom.chance(percent: 70) {
                    add(.peerLost(other.position, run: other.run, node.id), after: faultRandom.below(20_000))
                }
            }
        case .snapshotRot(let target): rotSnapshot(target)
        case .membershipChange(let mask): want(voters: mask, index)
        case .transfer(let target):
            guard let leader else { return }
            struck[index] = leader.position
            lastTag += 1
            leader.openTransfers.insert(lastTag)
            leader.step(.transferLeadership(to: target.map { nodes[$0].id }, tag: lastTag))
        case .maintenance(let target, let time):
            strike(target, index) { node in
                node.isUnderMaintenance = true
                node.step(.mayLead(false))
                add(.faultEnds(index), after: time)
            }
        case .slowApply(let target, let time):
            guard let node = resolve(target) else { return }
            node.slowApplyUntil = now + time
            node.slowApplyFault = index
        }
    }

    func end(fault index: Int) {
        switch plan.faults[index].fault {
        case .pause: if let position = struck[index] { resume(nodes[position]) }
        case .partition, .flapping: if isHostile { network.end(fault: index) }
        case .slowNetwork: network.slowness = 0
        case .clog: network.unclog(fault: index)
        case .loss: network.lossPercent = 0
        case .duplication: network.duplicationPercent = 0
        case .maintenance:
            guard let position = struck[index], nodes[position].isUnderMaintenance else { return }
            nodes[position].isUnderMaintenance = false
            nodes[position].step(.mayLead(true))
        case .fullDisk: if let position = struck[index] { nodes[position].disk.isFull = false }
        default: break
        }
    }

    func flap(fault index: Int) {
        guard isHostile, case .flapping(_, let period, _) = plan.faults[index].fault,
            network.cuts.contains(where: { $0.fault == index })
        else { return }
        network.flap(fault: index)
        add(.flap(index), after: period)
    }

    // MARK: What was exercised

    func exercised(fault index: Int) {
        guard index < wasExercised.count, !wasExercised[index] else { return }
        wasExercised[index] = true
        tally.exercise(plan.faults[index].fault.kind)
    }

    /// Of the faults of this kind, the one that began last has had an effect.
    func exercised(_ kind: FaultKind) {
        guard let index = plan.faults.lastIndex(where: { $0.time <= now && $0.fault.kind == kind }) else { return }
        exercised(fault: index)
    }

    // MARK: Nodes

    func resolve(_ target: Target) -> Node? {
        switch target {
        case .node(let position): nodes[position % nodes.count]
        case .leader: leader
        case .follower(let place):
            nodes.filter { $0.isRunning && $0 !== leader }.element(at: place)
        }
    }

    /// Of those that take themselves for the leader, the one of the latest term.
    var leader: Node? {
        nodes.filter { $0.core?.status.role == .leader }.max { $0.core!.term < $1.core!.term }
    }

    private func strike(_ target: Target, _ index: Int, _ body: (Node) -> Void) {
        guard let node = resolve(target), node.isRunning else { return }
        struck[index] = node.position
        exercised(fault: index)
        body(node)
    }

    /// A group commit has begun that will take so long.
    func wroteSomething(for time: Microseconds) {
        guard let pendingBlackout else { return }
        add(.blackout(pendingBlackout.fault), after: faultRandom.below(time))
    }

    func blackOut() {
        guard let blackout = pendingBlackout else { return }
        pendingBlackout = nil
        exercised(fault: blackout.fault)
        for node in nodes where node.isRunning { crash(node, .power, downFor: blackout.downFor) }
    }

    /// Mostly the crash comes while something is being written, which a random moment would seldom hit.
    private func doom(_ node: Node, _ crash: SimulatedDisk.Crash, downFor time: Microseconds) {
        guard faultRandom.chance(percent: 75) else { return self.crash(node, crash, downFor: time) }
        node.doom = (crash, time)
        add(.crash(node.position, run: node.run, crash, downFor: time), after: second)
    }

    func crash(_ node: Node, _ kind: SimulatedDisk.Crash, downFor time: Microseconds) {
        note("\(node.id) crashes (\(kind))")
        node.stop(kind)
        tellOthers(of: node)
        restart(node, after: time)
    }

    /// The process ends by itself.
    func end(_ node: Node, _ cause: Node.EndCause) {
        switch cause {
        case .read: node.stop(.process)
        case .noSpace:
            exercised(.fullDisk)
            node.stop(.process)
        case .failedSync:
            exercised(.syncError)
            node.stop(nil)
            node.disk.crashAfterFailedSync()
        }
        tellOthers(of: node)
        restart(node, after: max(node.downTime, plan.shape.electionTimeout))
    }

    func restart(_ node: Node, after time: Microseconds) { add(.start(node.position, run: node.run), after: time) }

    /// Where the process is gone its kernel says so, if the line is not cut and the power was on.
    private func tellOthers(of node: Node) {
        guard faultRandom.chance(percent: 60) else { return }
        for other in nodes where other !== node && other.isRunning && faultRandom.chance(percent: 80) {
            guard !network.isCut(from: node.position, to: other.position) else { continue }
            add(.peerLost(other.position, run: other.run, node.id), after: 100 + faultRandom.below(3_000))
        }
    }

    func resume(_ node: Node) {
        guard node.state == .paused else { return }
        note("\(node.id) goes on")
        node.state = .up
        let backlog = node.backlog
        node.backlog = []
        for happening in backlog { add(happening, after: 0) }
    }

    // MARK: Disks

    private func rot(_ target: Target, _ segment: Int, _ index: Int, downFor time: Microseconds) {
        guard let node = resolve(target), mayLose(node) else { return }
        guard let place = node.disk.rot(segmentAt: segment) else { return }
        note("\(node.id): a bit flips in segment \(place.sequence) at \(place.offset)")
        struck[index] = node.position
        lostMembers.insert(node.id)
        add(.beginLife(node.position, node.id), after: time + plan.shape.electionTimeout)
        guard node.isRunning else { return }
        node.stop(.process)
        restart(node, after: time)
    }

    private func wipe(_ target: Target, _ index: Int, downFor time: Microseconds) {
        guard let node = resolve(target), mayLose(node) else { return }
        struck[index] = node.position
        exercised(fault: index)
        note("\(node.id) loses its disk")
        lostMembers.insert(node.id)
        node.loseDisk()
        tellOthers(of: node)
        add(.beginLife(node.position, node.id), after: time)
    }

    func damageWasFound(_ node: Node) {
        if let index = struck.firstIndex(where: { $0 == node.position }), case .bitRot = plan.faults[index].fault {
            exercised(fault: index)
        }
        exercised(.bitRot)
    }

    private func rotSnapshot(_ target: Target) {
        guard let node = nodes.first(where: { $0.incoming?.bytes.isEmpty == false }) ?? resolve(target) else { return }
        if node.incoming != nil, !node.incoming!.bytes.isEmpty {
            node.incoming!.bytes[faultRandom.below(node.incoming!.bytes.count)] ^= 1
        } else if !node.outgoing.isEmpty {
            let place = faultRandom.below(node.outgoing.count)
            node.outgoing[place].bytes[faultRandom.below(node.outgoing[place].bytes.count)] ^= 1
        } else {
            rotsNextSnapshot = true
        }
    }

    // MARK: Lines

    private func begin(_ cut: Cut, _ index: Int, lasting time: Microseconds) {
        guard let blocked = blocked(by: cut) else { return }
        network.begin(Network.ActiveCut(fault: index, blocked: blocked))
        add(.faultEnds(index), after: time)
        // A line that is cut for long is noticed by the kernel, sooner or later.
        for from in nodes.indices {
            for to in nodes.indices where blocked[from] >> UInt32(to) & 1 == 1 && faultRandom.chance(percent: 15) {
                add(.peerLost(to, run: nodes[to].run, nodes[from].id), after: faultRandom.below(time + 1))
            }
        }
    }

    /// For each sender the receivers that don't hear it any more.
    private func blocked(by cut: Cut) -> [UInt32]? {
        let size = nodes.count
        let all = (UInt32(1) << UInt32(size)) - 1
        func each(_ body: (UInt32) -> UInt32) -> [UInt32] { (0..<size).map { body(1 << UInt32($0)) } }
        switch cut {
        case .isolated(let target):
            guard let node = resolve(target) else { return nil }
            let alone = UInt32(1) << UInt32(node.position)
            return each { $0 == alone ? all & ~alone : alone }
        case .split(let mask): return each { $0 & mask != 0 ? all & ~mask : mask & all }
        case .oneWay(let from, let to): return each { $0 & from != 0 ? to & ~$0 : 0 }
        case .mute(let target):
            guard let node = resolve(target) else { return nil }
            return each { $0 == 1 << UInt32(node.position) ? all & ~$0 : 0 }
        case .deaf(let target):
            guard let node = resolve(target) else { return nil }
            return each { $0 == 1 << UInt32(node.position) ? 0 : 1 << UInt32(node.position) }
        case .bridge(let target, let mask):
            guard let node = resolve(target) else { return nil }
            let bridge = UInt32(1) << UInt32(node.position)
            return each { $0 == bridge ? 0 : ($0 & mask != 0 ? all & ~mask : mask & all) & ~bridge }
        }
    }
}

extension Array {
    /// Counted round; nil of an empty array.
    func element(at place: Int) -> Element? { isEmpty ? nil : self[place % count] }
}
