import Raft

/// One node of a scenario: its core, and the driver's part, which does only what the script says.
struct ScenarioNode {
    struct Write {
        var ticket: PersistTicket
        var hardState: HardState?
        var entries: AppendedEntries?
        var reset: (index: LogIndex, term: Term)?
        /// That of the snapshot which the log is reset to.
        var membership: Membership?
    }

    struct Chunk {
        var snapshot: SnapshotOutline
        var offset: Int
        var byteCount: Int
    }

    let number: UInt64
    var life: UInt64 = 0
    var id: NodeID { NodeID(number: number, life: life) }

    /// nil while the node is down.
    var raft: Raft?
    var writes: [Write] = []
    var outbox: [(message: Message, after: PersistTicket)] = []
    var durable = PersistTicket.none
    var chunks: [Chunk] = []
    var installing: SnapshotOutline?

    // On disk.
    var hardState = HardState()
    var base: (index: LogIndex, term: Term) = (.zero, .zero)
    /// After the base.
    var log: [EntryOutline] = []
    /// The newest membership that the log does not hold (any more).
    var membership: (index: LogIndex, Membership) = (.zero, .none)
    /// The snapshot that is being received, as far as it is on disk.
    var file: (snapshot: SnapshotOutline, bytes: Int)?

    init(number: UInt64) { self.number = number }

    mutating func start(commit: LogIndex, electionTicks: Int = 10) {
        durable = .none
        let configuration = RaftConfiguration(
            id: id, electionTicks: electionTicks, heartbeatTicks: 2, commitPatienceTicks: 3 * electionTicks,
            peerLostStaggerTicks: 3, maxInflightMessages: 3, maxInflightBytes: 1000, maxAppendBytes: 100,
            maxUncommittedBytes: 2000, maxPendingReads: 3,
            snapshotChunkBytes: 100, maxInflightSnapshotBytes: 200, promotionLagEntries: 2, snapshotLingerTicks: 50,
            randomSeed: number)
        raft = Raft(
            configuration: configuration, hardState: hardState,
            log: LogOutline(baseIndex: base.index, baseTerm: base.term, outlines: log), membership: membership,
            commit: max(commit, base.index))
    }

    mutating func crash() {
        raft = nil
        writes = []
        outbox = []
        chunks = []
        installing = nil
    }

    /// A new disk, and so a new life.
    mutating func beginAnew() {
        crash()
        life += 1
        hardState = HardState()
        base = (.zero, .zero)
        log = []
        membership = (.zero, .none)
        file = nil
    }

    mutating func perform(_ write: Write) {
        if let state = write.hardState { hardState = state }
        if let reset = write.reset {
            base = reset
            log = []
            membership = (reset.index, write.membership!)
        }
        if let entries = write.entries {
            log.removeSubrange((entries.first.distance(from: base.index) - 1)...)
            log += entries.outlines
        }
    }

    mutating func compact(through index: LogIndex) {
        let dropped = log.prefix(index.distance(from: base.index))
        for (offset, outline) in dropped.enumerated() {
            guard let kept = outline.membership else { continue }
            membership = (base.index.advanced(by: offset + 1), kept)
        }
        base = (index, dropped.last?.term ?? base.term)
        log.removeFirst(dropped.count)
    }

    /// Writes a chunk that goes on where the file ends. How much of its snapshot the file holds then.
    mutating func store(_ chunk: Chunk) -> Int {
        if file?.snapshot.id != chunk.snapshot.id { file = (chunk.snapshot, 0) }
        if chunk.offset <= file!.bytes { file!.bytes = max(file!.bytes, chunk.offset + chunk.byteCount) }
        return file!.bytes
    }
}
