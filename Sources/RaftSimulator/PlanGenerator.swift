/// Draws plans from seeds. Each seed takes its own selection of faults at its own rates: a world in which everything goes
/// wrong all the time never gets far enough for the rare things.
package struct PlanGenerator {
    private var random: SimulatedRandom
    private let seed: UInt64

    package static func plan(seed: UInt64) -> Plan {
        var generator = PlanGenerator(random: SimulatedRandom(seed: seed, stream: 1), seed: seed)
        return generator.generate()
    }

    private mutating func generate() -> Plan {
        let shape = shape()
        let hostileTime = random.within(15...75) * second
        return Plan(
            seed: seed, shape: shape, faults: faults(shape, until: hostileTime),
            operations: operations(shape, until: hostileTime), hostileTime: hostileTime,
            peace: PlannedPeace(
                extraPercent: random.chance(percent: 40) ? 0 : random.within(0...100), choice: random.next()))
    }

    private mutating func shape() -> WorldShape {
        let voters = random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 6, 7])
        let heartbeatTicks = random.within(1...4)
        let isSlow = random.chance(percent: 20)
        let changes = random.chance(percent: 60)
        return WorldShape(
            voters: voters, spares: changes ? random.within(1...2) : 0, tick: random.within(25...60) * millisecond,
            electionTicks: random.within(max(5, 3 * heartbeatTicks)...16), heartbeatTicks: heartbeatTicks,
            commitPatienceTicks: random.within(17...60), peerLostStaggerTicks: random.within(1...3),
            maxInflightMessages: random.within(1...16),
            maxInflightBytes: random.pick([200, 1_000, 20_000]), maxAppendBytes: random.pick([120, 600, 5_000]),
            maxUncommittedBytes: random.pick([500, 4_000, 100_000]), maxPendingReads: random.pick([2, 20, 1_000]),
            networkDelay: random.within(50...(isSlow ? 20_000 : 2_000)),
            networkJitter: random.within(50...(isSlow ? 20_000 : 3_000)), keepsOrder: random.chance(percent: 40),
            lossPerMille: random.chance(percent: 40) ? random.within(1...60) : 0,
            duplicationPerMille: random.chance(percent: 40) ? random.within(1...60) : 0,
            linkCapacity: random.pick([8, 64, 1_000]), deliversToNextRun: random.chance(percent: 50),
            syncTime: random.within(100...(random.chance(percent: 25) ? 40_000 : 4_000)),
            segmentBytes: random.pick([8 << 10, 8 << 10, 16 << 10, 64 << 10]),
            cacheBytes: random.pick([0, 2 << 10, 64 << 10]), applyDelay: random.within(50...5_000),
            savePeriod: random.within(200...3_000) * millisecond, compactionEntries: random.within(5...150),
            sparesLaggards: random.chance(percent: 20), snapshotChunkBytes: random.within(20...300),
            maxInflightSnapshotBytes: random.within(20...2_000), promotionLagEntries: random.within(0...50),
            snapshotLingerTicks: random.within(10...500), snapshotsRunAhead: random.chance(percent: 50),
            clients: random.within(2...8), keys: random.within(1...5), batchDelay: random.within(0...3_000))
    }

    // MARK: Work

    private mutating func operations(_ shape: WorldShape, until end: Microseconds) -> [PlannedOperation] {
        var operations: [PlannedOperation] = []
        let pace = random.within(20...250) * millisecond
        let readPercent = random.within(10...60)
        let casPercent = random.within(0...40)
        let padding = random.pick([0, 0, 100, 500])
        var time = 100 * millisecond
        while time < end {
            let isRead = random.chance(percent: readPercent)
            operations.append(
                PlannedOperation(
                    time: time, client: random.below(shape.clients), key: UInt8(random.below(shape.keys)),
                    kind: isRead ? .read : random.chance(percent: casPercent) ? .compareAndSet : .put,
                    padding: padding == 0 ? 0 : random.below(padding)))
            time += random.within(1...(2 * pace))
            // Now and then nothing happens for a while.
            if random.chance(perMille: 5) { time += 3 * second }
        }
        return operations
    }

    // MARK: Faults

    private mutating func faults(_ shape: WorldShape, until end: Microseconds) -> [PlannedFault] {
        var kinds = FaultKind.allCases.filter { _ in random.chance(percent: 40) }
        if kinds.isEmpty { kinds = [.kill] }
        if random.chance(percent: 3) { kinds = [] }
        let pace = random.within(600...8_000) * millisecond
        var faults: [PlannedFault] = []
        var time = random.within(0...3_000) * millisecond
        while time < end, !kinds.isEmpty {
            faults.append(PlannedFault(time: time, fault: fault(random.pick(kinds), shape)))
            time += random.within(1...(2 * pace))
        }
        return faults
    }

    private mutating func fault(_ kind: FaultKind, _ shape: WorldShape) -> Fault {
        let lasting = random.skewed(typical: 4 * shape.electionTimeout)
        let target = target(shape)
        return switch kind {
        case .kill: .kill(target, downFor: lasting)
        case .powerLoss: .powerLoss(target, downFor: lasting)
        case .blackout: .blackout(downFor: lasting)
        case .pause: .pause(target, lasting: lasting)
        case .isolation: .partition(.isolated(target), lasting: lasting)
        case .split: .partition(.split(mask(shape)), lasting: lasting)
        case .oneWay: .partition(.oneWay(from: mask(shape), to: mask(shape)), lasting: lasting)
        case .mute: .partition(.mute(target), lasting: lasting)
        case .deaf: .partition(.deaf(target), lasting: lasting)
        case .bridge: .partition(.bridge(target, mask(shape)), lasting: lasting)
        case .flapping: .flapping(cut(shape), period: 1 + lasting / random.within(3...30), lasting: lasting)
        case .slowNetwork: .slowNetwork(by: random.within(1...2) * shape.electionTimeout, lasting: lasting)
        case .clog: .clog(from: mask(shape), to: mask(shape), lasting: lasting)
        case .loss: .loss(percent: random.within(5...70), lasting: lasting)
        case .duplication: .duplication(percent: random.within(5...70), lasting: lasting)
        case .stalledDisk: .stalledDisk(target, lasting: lasting)
        case .fullDisk: .fullDisk(target, lasting: 3 * second + 4 * lasting)
        case .syncError: .syncError(target, downFor: lasting)
        case .bitRot: .bitRot(target, segment: random.below(16), downFor: lasting)
        case .wipe: .wipe(target, downFor: lasting)
        case .falseAlarm: .falseAlarm(target)
        case .slowApply: .slowApply(target, lasting: lasting)
        case .snapshotRot: .snapshotRot(target)
        case .membershipChange: .membershipChange(voters: mask(shape))
        case .transfer: .transfer(to: random.chance(percent: 40) ? nil : random.below(shape.size))
        case .maintenance: .maintenance(target, lasting: lasting)
        }
    }

    private mutating func target(_ shape: WorldShape) -> Target {
        switch random.below(10) {
        case 0..<5: .leader
        case 5..<7: .follower(random.below(64))
        default: .node(random.below(shape.size))
        }
    }

    private mutating func mask(_ shape: WorldShape) -> UInt32 { UInt32(1 + random.below((1 << shape.size) - 1)) }

    private mutating func cut(_ shape: WorldShape) -> Cut {
        switch random.below(4) {
        case 0: .isolated(target(shape))
        case 1: .split(mask(shape))
        case 2: .oneWay(from: mask(shape), to: mask(shape))
        default: .bridge(target(shape), mask(shape))
        }
    }
}
