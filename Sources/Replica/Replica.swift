import DequeModule
public import EventLoop
public import Logging
public import PeerTransport
public import Raft
public import RaftLog
import Synchronization
package import Threads

/// Drives one consensus core: gives it time, messages and disk outcomes, and carries out what it asks for.
///
/// Everything here runs on the event loop's thread, which also owns the connections; the log's disk work, snapshots and the
/// state machine run elsewhere and are reached by hand-off, so a heartbeat never waits for any of them.
public actor Replica {
    public struct Options: Sendable {
        public var raft: RaftConfiguration
        /// Length of the core's unit of time.
        public var tickMilliseconds: Int
        /// A write of the log that has waited this long means that others would do better as leader.
        public var diskStallMilliseconds: Int
        /// For snapshots on their way.
        public var snapshotDirectory: String
        /// Whom a node asks to be admitted.
        public var introducers: [NodeID: PeerAddress]
        /// Of the snapshots that this node sends.
        package var pace: Pace

        package init(
            raft: RaftConfiguration, tickMilliseconds: Int, diskStallMilliseconds: Int = 1_000,
            snapshotDirectory: String, introducers: [NodeID: PeerAddress] = [:], pace: Pace = .unlimited
        ) {
            self.raft = raft
            self.tickMilliseconds = tickMilliseconds
            self.diskStallMilliseconds = diskStallMilliseconds
            self.snapshotDirectory = snapshotDirectory
            self.introducers = introducers
            self.pace = pace
        }
    }

    nonisolated let loop: EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// What the node can say about its consensus at any time, from any thread; renewed on every tick and change.
    public nonisolated let overview: ReplicaOverview

    let options: Options
    let log: RaftLog
    let logger: Logger
    let snapshots: SnapshotFiles
    var core: Raft
    var delegate: (any ReplicaDelegate)?
    var transport: PeerTransport?
    private var ticker: Timer?

    private var effects: [Effect] = []
    /// Messages that must not leave before their ticket is durable, in the order of the tickets.
    var heldMessages: Deque<(message: Message, after: PersistTicket)> = []
    var durable = PersistTicket.none
    var reads = PendingReads()
    var changes = PendingChanges()
    var diskHealth = DiskHealth.healthy
    var isMakingSnapshot = false
    /// Proposals of this epoch and earlier ones are refused: see `propose`.
    private var refusedEpoch: UInt64 = 0

    /// - Parameters:
    ///   - membership: the newest that is known from elsewhere than the log.
    ///   - commit: what the state machine has applied.
    public init(
        loop: EventLoop, log: RaftLog, recovered: RecoveredLog, membership: (index: LogIndex, Membership),
        commit: LogIndex, options: Options, logger: Logger
    ) {
        self.loop = loop
        self.log = log
        self.options = options
        self.logger = logger
        snapshots = SnapshotFiles(
            directory: options.snapshotDirectory, pace: options.pace, logger: logger)
        let outline = LogOutline(
            baseIndex: recovered.baseIndex, baseTerm: recovered.baseTerm, outlines: recovered.outlines)
        core = Raft(
            configuration: options.raft, hardState: recovered.hardState, log: outline, membership: membership,
            commit: commit)
        overview = ReplicaOverview(core)
    }

    /// Takes over the connections, whose events it is given from now on, and begins to count time.
    public func start(transport: PeerTransport, delegate: any ReplicaDelegate) throws {
        precondition(self.transport == nil, "a replica starts once")
        self.delegate = delegate
        self.transport = transport
        connectMembers()
        delegate.membershipChanged(
            core.membership, index: core.membershipIndex, isCommitted: core.isMembershipCommitted)
        let ticker = try Timer(loop: loop) { [unowned self] in
            self.assumeIsolated { $0.tick() }
        }
        ticker.start(afterMilliseconds: options.tickMilliseconds, everyMilliseconds: options.tickMilliseconds)
        self.ticker = ticker
    }

    public func stop() {
        ticker?.close()
        transport = nil
        delegate = nil
        for read in reads.removeAll() { read.resume(returning: nil) }
        changes.giveUpAll()
    }

    // MARK: - From the state machine and the gateways, on any thread

    /// Appends a command to the log if this node leads in `term`; `completion` hears, on the loop, whether it was taken.
    ///
    /// The commands of one epoch were prepared one upon the other: after a refusal all later ones of the same epoch are
    /// refused too, so that no gap can arise; the caller goes on with a higher epoch.
    public nonisolated func propose(
        _ payload: [UInt8], term: Term, epoch: UInt64, completion: @escaping @Sendable (Bool) -> Void
    ) {
        loop.execute { [self] in
            assumeIsolated { completion($0.propose(payload, term: term, epoch: epoch)) }
        }
    }

    /// Sends application bytes to another node; `completion` hears, on the loop, whether they are on their way.
    public nonisolated func send(
        application content: [UInt8], to node: NodeID, completion: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        let frame = PeerFrame.encode(application: content)
        loop.execute { [self] in
            assumeIsolated { completion($0.transport?.send(frame, to: node, over: .bulk) ?? false) }
        }
    }

    /// Sends application bytes to everyone that can be reached.
    public func broadcast(application content: [UInt8]) {
        guard let transport else { return }
        let frame = PeerFrame.encode(application: content)
        for peer in transport.connectedPeers(over: .bulk) { _ = transport.send(frame, to: peer, over: .bulk) }
    }

    /// What was asked of the log up to this ticket is on disk.
    public nonisolated func persisted(_ ticket: PersistTicket) {
        loop.execute { [self] in assumeIsolated { $0.becameDurable(ticket) } }
    }

    /// The index that a linearizable read must see applied; nil if no leader could confirm one: ask again.
    public func readIndex() async -> LogIndex? {
        guard transport != nil else { return nil }
        return await withCheckedContinuation { continuation in
            let tag = reads.insert(continuation)
            step(.read(tag: tag))
        }
    }

    /// Drops the log's old segments. The caller vouches that no state needs them.
    ///
    /// - Parameter keepsSnapshots: what snapshots on their way need after them stays.
    public func compact(through index: LogIndex, keepsSnapshots: Bool) {
        log.compact(through: keepsSnapshots ? core.snapshotsInUse.reduce(index) { min($0, $1.index) } : index)
        let dropped = log.firstIndex.previous
        step(.compacted(through: dropped))
        releaseSnapshots()
    }

    /// Removes the snapshots that nobody is sent any more.
    public func releaseSnapshots() { snapshots.keep(Set(core.snapshotsInUse.map(\.id))) }

    private func propose(_ payload: [UInt8], term: Term, epoch: UInt64) -> Bool {
        guard epoch > refusedEpoch else { return false }
        var accepted = false
        step(.propose(byteCounts: [payload.count], term: term), payloads: [payload]) { effect in
            if case .proposalAccepted = effect { accepted = true }
        }
        if !accepted { refusedEpoch = epoch }
        return accepted
    }

    // MARK: - The core

    /// One event in, its effects carried out in order. `payloads` belong to the entries, or the piece of a snapshot, that
    /// the event brings.
    func step(_ event: Event, payloads: [[UInt8]] = [], observing: (Effect) -> Void = { _ in }) {
        var effects = self.effects
        self.effects = []
        effects.removeAll(keepingCapacity: true)
        core.step(event, into: &effects)
        for effect in effects {
            observing(effect)
            perform(effect, event: event, payloads: payloads)
        }
        self.effects = effects
    }
}
