internal import Raft
internal import RaftLog

/// All that can happen in a world, at its time.
enum Happening {
    case tick(Int, run: Int)
    case message(Envelope)
    case synced(Int, run: Int, PersistTicket)
    case durable(Int, run: Int, PersistTicket)
    case apply(Int, run: Int)
    case batch(Int, run: Int)
    case compacted(Int, run: Int, LogIndex)
    case save(Int)
    case request(Int, ClientCall)
    case reply(Reply, ClientCall)
    case clientWakes(Int)
    case clientTimesOut(Int, attempt: Int)
    case clientTriesAgain(Int, attempt: Int)
    case faultBegins(Int)
    case faultEnds(Int)
    case flap(Int)
    case start(Int, run: Int)
    case beginLife(Int, NodeID)
    case administer
    case makeSnapshot(Int, run: Int)
    case chunkStored(Int, run: Int, UInt64, through: Int)
    case install(Int, run: Int, SnapshotOutline)
    case peerLost(Int, run: Int, NodeID)
    case ends(Int, run: Int, Node.EndCause)
    case crash(Int, run: Int, SimulatedDisk.Crash, downFor: Microseconds)
    case blackout(Int)
    case peace
    case lookAround

    /// The node whose process it happens to, if it is one's.
    var node: Int? {
        switch self {
        case .tick(let node, _), .synced(let node, _, _), .durable(let node, _, _), .apply(let node, _),
            .batch(let node, _), .compacted(let node, _, _), .request(let node, _), .peerLost(let node, _, _),
            .ends(let node, _, _),
            .makeSnapshot(let node, _), .chunkStored(let node, _, _, _), .install(let node, _, _):
            node
        case .message(let envelope): envelope.message.to.position
        case .crash, .blackout, .save, .reply, .clientWakes, .clientTimesOut, .clientTriesAgain, .faultBegins,
            .faultEnds, .flap, .start,
            .beginLife, .administer, .peace, .lookAround:
            nil
        }
    }
}

/// A cluster and everything around it, all of it drawn from one seed: first a hostile time, in which nothing may ever be
/// wrong, then peace for a connected majority, in which everything must come right.
final class World {
    let plan: Plan
    private(set) var now: Microseconds = 0
    private var queue = EventQueue<Happening>()
    private(set) var nodes: [Node] = []
    var network: Network
    let oracle: Oracle
    var clients: [Client] = []
    var sessions: UInt32 = 0
    var lastValue: UInt64 = 0
    var history: [HistoryEntry] = []
    var tally = Tally()
    var trace: Trace?
    var steps = 0

    var isHostile = true
    /// In peace: the positions of the nodes that must come right.
    var core: [Int] = []
    var peaceBegan: Microseconds = 0
    var isDone = false
    /// Their disks are lost, or will be found damaged: nothing that they promised can be counted on.
    var lostMembers: Set<NodeID> = []
    /// The numbers that are to vote, as whoever runs the cluster wants it.
    var wantedVoters: Set<Int>
    var lastTag: UInt64 = 0
    /// The planned change that was not asked for yet.
    var pendingChange: Int?
    /// By planned fault: whether it has had an effect.
    var wasExercised: [Bool]
    /// By planned fault: the node it struck.
    var struck: [Int?]

    var faultRandom: SimulatedRandom
    var clientRandom: SimulatedRandom
    private(set) var failure: String?
    /// The next snapshot that is made gets a wrong bit.
    var rotsNextSnapshot = false
    /// A power failure that waits for a write to strike in.
    var pendingBlackout: (fault: Int, downFor: Microseconds)?
    /// Whose core is at work, for the case that it traps. The trace says at what.
    var present: Int?

    init(_ plan: Plan, tracing: Bool) {
        self.plan = plan
        trace = tracing ? Trace() : nil
        let size = plan.shape.size
        let founders = (1...plan.shape.voters).map { NodeID(number: UInt64($0)) }
        wantedVoters = Set(0..<plan.shape.voters)
        network = Network(shape: plan.shape, size: size, random: SimulatedRandom(seed: plan.seed, stream: 2))
        oracle = Oracle(ids: (1...size).map { NodeID(number: UInt64($0)) })
        wasExercised = Array(repeating: false, count: plan.faults.count)
        struck = Array(repeating: nil, count: plan.faults.count)
        faultRandom = SimulatedRandom(seed: plan.seed, stream: 3)
        clientRandom = SimulatedRandom(seed: plan.seed, stream: 4)
        let founding = Membership(
            voters: founders, contacts: Dictionary(uniqueKeysWithValues: founders.map { ($0, World.contact(of: $0)) }))
        for position in 0..<size {
            nodes.append(
                Node(position: position, world: self, founding: position < plan.shape.voters ? founding : nil))
        }
    }

    // MARK: Time

    var isTracing: Bool { trace != nil }
    var isSound: Bool { failure == nil && oracle.violation == nil }
    /// The first thing that was wrong.
    var complaint: String? { failure ?? oracle.violation }

    func add(_ happening: Happening, after delay: Microseconds) { queue.add(happening, at: now + delay) }
    func add(_ happening: Happening, at time: Microseconds) { queue.add(happening, at: time) }

    /// Runs to the end of peace, or to the first violation.
    func run() {
        for (position, planned) in plan.faults.enumerated() {
            tally.plan(planned.fault.kind)
            add(.faultBegins(position), at: planned.time)
        }
        for node in nodes {
            if node.position < plan.shape.voters { node.start() }
            add(.save(node.position), after: 1 + faultRandom.below(plan.shape.savePeriod))
        }
        makeClients()
        add(.administer, after: plan.shape.electionTimeout)
        add(.peace, at: plan.hostileTime)
        while isSound, !isDone, let (time, happening) = queue.next() {
            now = time
            handle(happening)
        }
        if let complaint { note("VIOLATION: \(complaint)") }
    }

    private func handle(_ happening: Happening) {
        if let position = happening.node, nodes[position].state == .paused {
            return nodes[position].backlog.append(happening)
        }
        switch happening {
        case .tick(let position, let run):
            guard isRunning(position, run) else { return }
            // Clocks run a little unevenly.
            add(.tick(position, run: run), after: plan.shape.tick + nodes[position].random.below(200) - 100)
            nodes[position].watchDisk()
            nodes[position].step(.tick)
        case .message(let envelope): arrived(envelope)
        case .synced(let position, let run, let ticket):
            if isRunning(position, run), nodes[position].writing == ticket { nodes[position].finishCommit() }
        case .durable(let position, let run, let ticket):
            if isRunning(position, run) { nodes[position].becameDurable(ticket) }
        case .apply(let position, let run): if isRunning(position, run) { nodes[position].apply() }
        case .batch(let position, let run): if isRunning(position, run) { nodes[position].proposeBatch() }
        case .compacted(let position, let run, let index):
            if isRunning(position, run) { nodes[position].step(.compacted(through: index)) }
        case .save(let position):
            if nodes[position].state == .up { nodes[position].save() }
            add(.save(position), after: plan.shape.savePeriod)
        case .request(let position, let call): if nodes[position].isRunning { nodes[position].request(call) }
        case .reply(let reply, let call): replied(reply, to: call)
        case .clientWakes(let index): begin(client: index)
        case .clientTimesOut(let index, let attempt): timedOut(client: index, attempt: attempt)
        case .clientTriesAgain(let index, let attempt): triesAgain(client: index, attempt: attempt)
        case .faultBegins(let fault): if isHostile { begin(fault: fault) }
        case .faultEnds(let fault): end(fault: fault)
        case .flap(let fault): flap(fault: fault)
        case .start(let position, let run):
            let node = nodes[position]
            if node.run == run, node.state == .down { node.start() }
        case .beginLife(let position, let id):
            let node = nodes[position]
            if isHostile, node.id == id, [.wiped, .refusing, .absent].contains(node.state) { node.beginLife() }
        case .administer: administer()
        case .makeSnapshot(let position, let run): if isRunning(position, run) { nodes[position].makeSnapshot() }
        case .chunkStored(let position, let run, let snapshot, let through):
            if isRunning(position, run) { nodes[position].chunkStored(snapshot, through: through) }
        case .install(let position, let run, let outline):
            if isRunning(position, run) { nodes[position].install(outline) }
        case .peerLost(let position, let run, let peer):
            if isRunning(position, run) {
                saw(.peerLost)
                nodes[position].step(.peerLost(peer))
            }
        case .ends(let position, let run, let cause): if isRunning(position, run) { end(nodes[position], cause) }
        case .crash(let position, let run, let crash, let time):
            if isHostile, isRunning(position, run) { self.crash(nodes[position], crash, downFor: time) }
        case .blackout(let fault): if isHostile, pendingBlackout?.fault == fault { blackOut() }
        case .peace: makePeace()
        case .lookAround: lookAround()
        }
    }

    private func isRunning(_ position: Int, _ run: Int) -> Bool {
        nodes[position].run == run && nodes[position].isRunning
    }

    // MARK: Network

    func transmit(_ envelope: Envelope) {
        guard isSound else { return }
        let from = envelope.message.from.position
        let to = envelope.message.to.position
        var envelope = envelope
        envelope.receiverRun = nodes[to].run
        let passage = network.send(from: from, to: to, at: now)
        if let fault = passage.clog { exercised(fault: fault) }
        if passage.overtakes { saw(.messageReordered) }
        switch passage.fate {
        case .arrives(let time, let again):
            add(.message(envelope), at: time)
            if let again {
                saw(.messageDuplicated)
                exercised(.duplication)
                add(.message(envelope), at: again)
            }
            if network.slowness > 0 { exercised(.slowNetwork) }
        case .lost:
            saw(.messageLost)
            if network.lossPercent > 0 { exercised(.loss) }
            if isTracing { note("lost: \(Words.of(envelope.message))") }
        case .blocked(let fault):
            exercised(fault: fault)
            if isTracing { note("cut off: \(Words.of(envelope.message))") }
        case .overflow: saw(.linkOverflow)
        }
    }

    private func arrived(_ envelope: Envelope) {
        let position = envelope.message.to.position
        network.arrived(from: envelope.message.from.position, to: position)
        // Another life of the number is not meant.
        guard nodes[position].id == envelope.message.to else { return }
        guard plan.shape.deliversToNextRun || nodes[position].run == envelope.receiverRun else { return }
        nodes[position].step(.receive(envelope.message), payloads: envelope.payloads)
    }

    // MARK: Words and numbers

    func saw(_ evidence: Evidence) { tally.saw(evidence) }

    func note(_ line: @autoclosure () -> String) { if trace != nil { trace!.add(line(), at: now) } }

    /// The harness itself, or liveness, has something to complain about.
    func fail(_ what: String) { if failure == nil { failure = what } }

    func coreConfiguration(of id: NodeID, seed: UInt64) -> RaftConfiguration {
        let shape = plan.shape
        return RaftConfiguration(
            id: id, electionTicks: shape.electionTicks, heartbeatTicks: shape.heartbeatTicks,
            commitPatienceTicks: shape.commitPatienceTicks, peerLostStaggerTicks: shape.peerLostStaggerTicks,
            maxInflightMessages: shape.maxInflightMessages,
            maxInflightBytes: shape.maxInflightBytes, maxAppendBytes: shape.maxAppendBytes,
            maxUncommittedBytes: shape.maxUncommittedBytes, maxPendingReads: shape.maxPendingReads,
            snapshotChunkBytes: shape.snapshotChunkBytes, maxInflightSnapshotBytes: shape.maxInflightSnapshotBytes,
            promotionLagEntries: shape.promotionLagEntries, snapshotLingerTicks: shape.snapshotLingerTicks,
            randomSeed: seed)
    }
}
