import Raft

/// A cluster in a hostile world, all of it drawn from one seed. First a time of faults, in which nothing may ever be
/// wrong; then a time of peace, in which everything must come right.
struct Simulation {
    enum Happening {
        case tick(node: Int, life: Int)
        case deliver(Envelope)
        case flush(node: Int, life: Int)
        case persisted(node: Int, life: Int, PersistTicket)
        /// The driver of a node reports something.
        case report(node: Int, life: Int, Report)
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
    let changesMembership: Bool
    /// What the snapshots hold, by their ids.
    var snapshots: [UInt64: [SimulatedEntry]] = [:]
    var nextValue: UInt64 = 1
    var nextTag: UInt64 = 1
    var checker = SimulationChecker()

    init(seed: UInt64) {
        random = SimulationRandom(seed: seed)
        let size = random.within(1...5)
        changesMembership = random.chance(60)
        let spare = changesMembership ? random.within(0...2) : 0
        nodes = Array(repeating: SimulatedNode(), count: size + spare)
        let founders = (1...UInt64(size)).map { NodeID($0) }
        let contacts = Dictionary(uniqueKeysWithValues: founders.map { ($0, [UInt8]()) })
        for node in 0..<size { nodes[node].foundation = Membership(voters: founders, contacts: contacts) }
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
        case .report(let node, let life, let report):
            guard nodes[node].life == life, nodes[node].raft != nil else { return }
            perform(report, of: node)
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
        for node in nodes.indices {
            guard nodes[node].raft != nil else {
                start(node)
                continue
            }
            step(node, .disk(.healthy))
            step(node, .mayLead(true))
        }
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
        case .resetLog(let ticket, let hardState, let index, _):
            checker.saw("log reset")
            let entries = snapshots.values.first { $0.count == Int(index.rawValue) }!
            nodes[node].write(.init(ticket: ticket, hardState: hardState, entries: entries, isReset: true))
            scheduleFlush(node)
        case .snapshotWanted, .storeChunk, .installSnapshot: take(effect, of: node)
        default:
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
                SimulatedEntry(term: $0.term, kind: $0.kind, value: $1, membership: $0.membership)
            }
        }
        return appended.outlines.map { outline in
            defer { nextValue += 1 }
            return SimulatedEntry(
                term: outline.term, kind: outline.kind, value: nextValue, membership: outline.membership)
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
}
