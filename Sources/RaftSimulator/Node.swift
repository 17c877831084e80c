internal import Logging
internal import Raft
internal import RaftLog

/// One node: the core, its log on a simulated disk, the state machine, and a driver that carries out what the core asks
/// for as `Replica` does.
final class Node {
    enum State: Equatable {
        /// Never was there.
        case absent
        case up
        /// Stopped by a signal: everything that comes waits.
        case paused
        case down
        /// Its disk is damaged: it refuses to start.
        case refusing
        /// Its disk is gone.
        case wiped
    }

    /// Why a process ends by itself.
    enum EndCause {
        case failedSync, noSpace, read
    }

    struct PendingWrite {
        var term: Term
        var call: ClientCall
    }

    /// The state machine, and how far the log is folded into it. A snapshot may bring registers that are ahead of that.
    struct Application {
        var folded = LogIndex.zero
        var foldedTerm = Term.zero
        var registers: Registers
        /// The newest membership that is folded, or came with a snapshot, or the founding one.
        var membership: (index: LogIndex, Membership)
    }

    let position: Int
    private(set) var id: NodeID
    unowned(unsafe) let world: World
    var random: SimulatedRandom
    var state = State.absent
    /// Starts so far: what was under way for an earlier run does not reach a later one.
    var run = 0
    private(set) var disk: SimulatedDisk

    // Of the present run.
    var core: Core?
    var log: SteppedLog?
    var durable = PersistTicket.none
    var writing = PersistTicket.none
    var writingSince: Microseconds = 0
    var health = DiskHealth.healthy
    var held: [(message: Message, after: PersistTicket)] = []
    var application: Application
    var reportedCommit = LogIndex.zero
    var compactionFloor = LogIndex.zero
    var isApplyScheduled = false
    var batch: [ClientCall] = []
    var pendingWrites: [LogIndex: PendingWrite] = [:]
    var openReads: [UInt64: ClientCall] = [:]
    var waitingReads: [(index: LogIndex, call: ClientCall)] = []
    /// Transfers that were asked for and not yet answered.
    var openTransfers: Set<UInt64> = []
    var isEnding = false
    var wasLeader = false
    var newestMembership = LogIndex.zero
    var effects: [Effect] = []

    // What is durable beside the log.
    var saved: Application
    var outgoing: [SnapshotFile] = []
    var incoming: SnapshotFile?
    var incomingDurable = 0

    var lastTag: UInt64 = 0
    var isUnderMaintenance = false
    var stalledUntil: Microseconds = 0
    var stallFault: Int?
    /// How long it stays down when its process ends by itself.
    var downTime: Microseconds = 0
    /// It crashes so while its next group commit is under way.
    var doom: (crash: SimulatedDisk.Crash, downFor: Microseconds)?
    var slowApplyUntil: Microseconds = 0
    var slowApplyFault: Int?
    /// What came while it was paused.
    var backlog: [Happening] = []

    init(position: Int, world: World, founding: Membership?) {
        self.position = position
        id = NodeID(number: UInt64(position) + 1)
        self.world = world
        random = SimulatedRandom(seed: world.plan.seed, stream: 100 + UInt64(position))
        disk = SimulatedDisk(random: SimulatedRandom(seed: world.plan.seed, stream: 200 + UInt64(position)))
        application = Application(
            registers: Registers(keys: world.plan.shape.keys), membership: (.zero, founding ?? .none))
        saved = application
    }

    deinit {
        // Its files are the disk's, which must outlive it.
        log = nil
    }

    var isRunning: Bool { core != nil }
    /// Its disk has what it ever promised.
    var isIntact: Bool { [.up, .paused, .down].contains(state) && !world.lostMembers.contains(id) }

    private static let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    private var logOptions: RaftLogOptions {
        RaftLogOptions(
            directory: "", identity: LogIdentity(clusterID: "simulation", nodeID: id),
            segmentBytes: world.plan.shape.segmentBytes, cacheBytes: world.plan.shape.cacheBytes, logger: Self.logger)
    }

    // MARK: Start and end

    /// Begins anew under the same number, with an empty disk and a life of its own.
    func beginLife() {
        precondition(core == nil, "a life begins when the one before it is over")
        id = NodeID(number: id.number, life: 1 + UInt64(random.below(1 << 30)))
        disk = SimulatedDisk(random: SimulatedRandom(seed: random.next()))
        application = Application(
            registers: Registers(keys: world.plan.shape.keys), membership: (.zero, Membership.none))
        saved = application
        outgoing = []
        incoming = nil
        isUnderMaintenance = false
        world.oracle.reborn(position, as: id)
        world.note("\(id) begins anew")
        state = .down
        start()
    }

    /// Comes up from its disk, if the disk lets it.
    func start() {
        precondition(core == nil, "a node starts when it does not run")
        if !disk.isEmpty, world.isHostile, random.chance(percent: 8) { failWhileStarting() }
        do throws(RaftLogError) {
            let (log, recovered) = try openLog()
            if recovered.trimmedTail != nil { world.saw(.tornTail) }
            try begin(log, recovered)
        } catch .damaged(let file, let offset, let reason) {
            state = .refusing
            world.note("\(id) refuses to start: \(file), \(offset): \(reason)")
            world.saw(.damageFound)
            world.damageWasFound(self)
        } catch .system {
            state = .down
            world.note("\(id) can't start: no space")
            world.restart(self, after: second)
        } catch {
            world.fail("\(id) can't start: \(error)")
        }
    }

    private func openLog() throws(RaftLogError) -> (log: SteppedLog, recovered: RecoveredLog) {
        let opened = try SteppedLog.open(logOptions, store: disk)
        disk.settle()
        try opened.log.finishOpening()
        return opened
    }

    /// The power fails again while it reads its log, or when it has just read it.
    private func failWhileStarting() {
        var opened: (SteppedLog, RecoveredLog)? =
            random.chance(percent: 30) ? try? openLog() : try? SteppedLog.open(logOptions, store: disk)
        if opened != nil { world.saw(.crashDuringRecovery) }
        opened = nil
        _ = disk.crash(.power)
    }

    private func begin(_ log: SteppedLog, _ recovered: RecoveredLog) throws(RaftLogError) {
        let entries = try log.entries(from: log.firstIndex, through: recovered.lastIndex, maxBytes: .max)
        application = saved
        if world.plan.defect == .skipsEntries { application.registers.skip(to: reportedCommit) }
        world.oracle.recovered(
            position, id: id, hardState: recovered.hardState, base: recovered.baseIndex, baseTerm: recovered.baseTerm,
            membership: saved.membership, entries: entries.map { ($0.term, $0.kind, $0.payload) })
        guard world.isSound else { return }
        run += 1
        state = .up
        self.log = log
        disk.reads = 0
        disk.begunSegments = 0
        wasLeader = false
        newestMembership = .zero
        isEnding = false
        doom = nil
        durable = .none
        writing = .none
        health = .healthy
        reportedCommit = saved.folded
        compactionFloor = .zero
        isApplyScheduled = false
        let outline = try outline(of: recovered)
        world.oracle.restored(
            position, id: id, index: application.registers.index, digest: application.registers.digest)
        core = Core(
            Raft(
                configuration: world.coreConfiguration(of: id, seed: random.next()), hardState: recovered.hardState,
                log: outline, membership: saved.membership, commit: saved.folded))
        world.note(
            "\(id) starts: \(recovered.hardState.term), log \(outline.baseIndex)+1...\(outline.lastIndex), folded \(saved.folded), membership \(core!.membership)"
        )
        if isUnderMaintenance { step(.mayLead(false)) }
        world.add(.tick(position, run: run), after: 1 + random.below(world.plan.shape.tick))
    }

    /// The log as the core gets it. If the state machine came from a snapshot and the node ended before its log was put
    /// behind it, that is done now.
    private func outline(of recovered: RecoveredLog) throws(RaftLogError) -> LogOutline {
        let outline = LogOutline(
            baseIndex: recovered.baseIndex, baseTerm: recovered.baseTerm, outlines: recovered.outlines)
        guard saved.folded > .zero, outline.term(at: saved.folded) != saved.foldedTerm else { return outline }
        world.saw(.installFinishedAtStart)
        log!.reset(ticket: PersistTicket(1), hardState: nil, baseIndex: saved.folded, baseTerm: saved.foldedTerm)
        _ = try log!.beginCommit()
        try log!.finishCommit()
        disk.settle()
        log = nil
        let (log, reopened) = try openLog()
        self.log = log
        world.oracle.rebased(position, to: saved.folded, term: saved.foldedTerm)
        return LogOutline(baseIndex: reopened.baseIndex, baseTerm: reopened.baseTerm, outlines: reopened.outlines)
    }

    /// The process is gone, and with it what was in memory.
    func stop(_ crash: SimulatedDisk.Crash?) {
        guard core != nil else { return }
        world.oracle.stopped(position)
        core = nil
        log = nil
        held.removeAll()
        batch.removeAll()
        pendingWrites.removeAll()
        openReads.removeAll()
        waitingReads.removeAll()
        openTransfers.removeAll()
        backlog.removeAll()
        if incoming != nil { incoming!.bytes.removeSubrange(incomingDurable...) }
        state = .down
        if let crash, disk.crash(crash) { world.saw(.unsyncedWritesLost) }
    }

    func loseDisk() {
        stop(.process)
        state = .wiped
    }

    /// The process will end in a moment, as a service does whose disk has failed it; until then nothing is written.
    func end(_ cause: EndCause) {
        guard !isEnding else { return }
        isEnding = true
        world.add(.ends(position, run: run, cause), after: random.below(1_000))
    }

    /// The log can't be read: the process ends, as a service does that has a damaged disk.
    func readFailed(_ error: RaftLogError) {
        world.note("\(id) ends: \(error)")
        world.saw(.damageFound)
        end(.read)
    }
}
