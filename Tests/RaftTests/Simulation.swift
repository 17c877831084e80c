import Raft

/// A cluster in a hostile world, all of it drawn from one seed. First a time of faults, in which nothing may ever be
/// wrong; then a time of peace, in which everything must come right.
struct Simulation {
    enum Happening {
        case tick(node: Int, life: Int)
        case deliver(Envelope)
        case flush(node: Int, life: Int)
        case persisted(node: Int, life: Int, PersistTicket)
        case client
        case fault
    }

    static let ticksOfTime = 10

    var random: SimulationRandom
    var now = 0
    var queue = SimulationQueue<Happening>()
    var nodes: [SimulatedNode]
    var isHostile = true
    /// Pairs (from, to) whose messages are lost.
    var cuts: Set<[Int]> = []
    let lossPercent: Int
    let duplicatePercent: Int
    let maxDelay: Int
    let maxDiskDelay: Int
    let crashes: Bool
    var nextValue: UInt64 = 1
    var nextTag: UInt64 = 1
    var checker = SimulationChecker()

    init(seed: UInt64) {
        random = SimulationRandom(seed: seed)
        let size = random.within(1...5)
        nodes = Array(repeating: SimulatedNode(), count: size)
        lossPercent = random.chance(50) ? random.within(0...20) : 0
        duplicatePercent = random.chance(50) ? random.within(0...20) : 0
        maxDelay = random.chance(70) ? 8 : 60
        maxDiskDelay = random.chance(60) ? 10 : random.chance(50) ? 150 : 500
        crashes = random.chance(80)
        for node in nodes.indices { start(node) }
        queue.add(.client, at: 50)
        queue.add(.fault, at: 100)
    }

    // MARK: Running

    /// Runs until `time`, or until `isDone` after any happening. Stops at the first violation.
    mutating func run(until time: Int, isDone: (Simulation) -> Bool = { _ in false }) -> Bool {
        while checker.violation == nil, let (at, happening) = queue.next() {
            now = at
            handle(happening)
            if isDone(self) { return true }
            if now >= time { return false }
        }
        return false
    }

    private mutating func handle(_ happening: Happening) {
        switch happening {
        case .tick(let node, let life):
            guard nodes[node].life == life, nodes[node].raft != nil else { return }
            queue.add(.tick(node: node, life: life), at: now + Self.ticksOfTime + (random.chance(5) ? 5 : 0))
            step(node, .tick)
        case .deliver(let envelope):
            let node = Int(envelope.message.to.rawValue) - 1
            guard nodes[node].raft != nil else { return }
            step(node, .receive(envelope.message), values: envelope.values)
        case .flush(let node, let life):
            guard nodes[node].life == life, nodes[node].raft != nil else { return }
            flush(node)
        case .persisted(let node, let life, let ticket):
            guard nodes[node].life == life, nodes[node].raft != nil else { return }
            step(node, .persisted(ticket))
        case .client:
            callClient()
            queue.add(.client, at: now + random.within(1...40))
        case .fault:
            if isHostile { injectFault() }
            queue.add(.fault, at: now + random.within(20...400))
        }
    }

    /// Ends all faults: everyone up, every line whole, every disk quick.
    mutating func heal() {
        isHostile = false
        cuts = []
        for node in nodes.indices where nodes[node].raft == nil { start(node) }
    }

    // MARK: One node's step

    mutating func step(_ node: Int, _ event: Event, values: [UInt64] = []) {
        var effects: [Effect] = []
        nodes[node].raft!.step(event, into: &effects)
        for effect in effects { perform(effect, of: node, event: event, values: values) }
        checker.check(node, among: nodes)
    }

    private mutating func perform(_ effect: Effect, of node: Int, event: Event, values: [UInt64]) {
        switch effect {
        case .persist(let ticket, let hardState, let appended):
            let entries = appended.map { payloads($0, event: event, values: values) } ?? []
            if let first = appended?.first, Int(first.rawValue) <= nodes[node].memory.count {
                checker.saw("overwritten suffix")
            }
            nodes[node].write(
                .init(ticket: ticket, hardState: hardState, first: appended?.first, entries: entries))
            scheduleFlush(node)
        case .send(let message, let after):
            var carried: [UInt64] = []
            if case .append(let previous, _, let entries, _, _) = message.body {
                let start = Int(previous.rawValue)
                carried = nodes[node].memory[start..<(start + entries.count)].map(\.value)
            }
            let envelope = Envelope(message: message, values: carried)
            if after > nodes[node].durableTicket {
                nodes[node].outbox.append((envelope, after))
                checker.saw("message held for the disk")
            } else {
                transmit(envelope)
            }
        case .commit, .proposalAccepted, .proposalRefused, .readReady, .readRefused, .statusChanged,
            .compactionFloor:
            checker.observe(effect, of: node, among: nodes)
            if case .commit(let index) = effect { nodes[node].reportedCommit = index }
            if case .compactionFloor(let index) = effect { nodes[node].reportedFloor = index }
        }
    }

    /// What the driver writes: a proposal's own values, or those that came with the append.
    private mutating func payloads(
        _ appended: AppendedEntries, event: Event, values: [UInt64]
    ) -> [SimulatedEntry] {
        if case .receive(let message) = event, case .append(let previous, _, _, _, _) = message.body {
            let skipped = appended.first.distance(from: previous) - 1
            return zip(appended.outlines, values.dropFirst(skipped)).map {
                SimulatedEntry(term: $0.term, kind: $0.kind, value: $1)
            }
        }
        return appended.outlines.map { outline in
            defer { nextValue += 1 }
            return SimulatedEntry(term: outline.term, kind: outline.kind, value: nextValue)
        }
    }

    // MARK: Disk and network

    private mutating func scheduleFlush(_ node: Int) {
        guard !nodes[node].isFlushing else { return }
        nodes[node].isFlushing = true
        let delay = random.within(1...(isHostile ? maxDiskDelay : 5))
        queue.add(.flush(node: node, life: nodes[node].life), at: now + delay)
    }

    private mutating func flush(_ node: Int) {
        nodes[node].isFlushing = false
        nodes[node].flush(random.within(1...nodes[node].pendingWrites.count))
        let ticket = nodes[node].durableTicket
        // The log's thread lets messages go as soon as it may; the core hears of it a little later.
        let ready = nodes[node].outbox.filter { $0.after <= ticket }
        nodes[node].outbox.removeAll { $0.after <= ticket }
        for (envelope, _) in ready { transmit(envelope) }
        queue.add(.persisted(node: node, life: nodes[node].life, ticket), at: now + random.within(0...4))
        if !nodes[node].pendingWrites.isEmpty { scheduleFlush(node) }
    }

    private mutating func transmit(_ envelope: Envelope) {
        checker.checkSent(envelope.message, among: nodes)
        let line = [Int(envelope.message.from.rawValue) - 1, Int(envelope.message.to.rawValue) - 1]
        guard isHostile else { return queue.add(.deliver(envelope), at: now + random.within(1...5)) }
        if cuts.contains(line) { return }
        if random.chance(lossPercent) { return checker.saw("message lost") }
        queue.add(.deliver(envelope), at: now + random.within(1...maxDelay))
        if random.chance(duplicatePercent) {
            checker.saw("message doubled")
            queue.add(.deliver(envelope), at: now + random.within(1...(4 * maxDelay)))
        }
    }

    // MARK: Clients and faults

    private mutating func callClient() {
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
        if random.chance(10), nodes[node].raft != nil, nodes[node].reportedFloor > nodes[node].compactedThrough {
            nodes[node].compactedThrough = nodes[node].reportedFloor
            checker.saw("compaction")
            step(node, .compacted(through: nodes[node].reportedFloor))
        }
    }

    private mutating func injectFault() {
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
        checker.crashed(node)
        guard random.chance(60) else { return }
        for other in nodes.indices where other != node && nodes[other].raft != nil && random.chance(70) {
            step(other, .peerLost(NodeID(UInt64(node) + 1)))
        }
    }

    private mutating func start(_ node: Int) {
        // The state machine may have kept all that it was told is committed, or less.
        let floor = nodes[node].compactedThrough.rawValue
        let known = nodes[node].reportedCommit.rawValue
        let commit = random.chance(50) ? known : floor + UInt64(random.below(Int(known - floor) + 1))
        let configuration = RaftConfiguration(
            id: NodeID(UInt64(node) + 1), voters: nodes.indices.map { NodeID(UInt64($0) + 1) }, electionTicks: 10,
            heartbeatTicks: 3, peerLostStaggerTicks: 2, maxInflightMessages: 4, maxInflightBytes: 400,
            maxAppendBytes: 130, maxUncommittedBytes: 500, maxPendingReads: 20, randomSeed: random.next())
        nodes[node].start(configuration: configuration, commit: LogIndex(commit))
        queue.add(.tick(node: node, life: nodes[node].life), at: now + random.within(1...Self.ticksOfTime))
    }
}
