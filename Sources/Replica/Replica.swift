import DequeModule
public import EventLoop
public import Logging
public import PeerTransport
public import Raft
public import RaftLog
import Synchronization

/// Drives one consensus core: gives it time, messages and disk outcomes, and carries out what it asks for.
///
/// Everything here runs on the event loop's thread, which also owns the connections; the log's disk work and the state
/// machine run elsewhere and are reached by hand-off, so a heartbeat never waits for either.
public actor Replica {
    public struct Options: Sendable {
        public var raft: RaftConfiguration
        /// Length of the core's unit of time.
        public var tickMilliseconds: Int

        public init(raft: RaftConfiguration, tickMilliseconds: Int) {
            self.raft = raft
            self.tickMilliseconds = tickMilliseconds
        }
    }

    nonisolated let loop: EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// What the node can say about its consensus at any time, from any thread; renewed on every tick and change.
    public nonisolated let overview: ReplicaOverview

    private let options: Options
    private let log: RaftLog
    private let logger: Logger
    private var core: Raft
    private var delegate: (any ReplicaDelegate)?
    private var transport: PeerTransport?
    private var ticker: Timer?

    private var effects: [Effect] = []
    /// Messages that must not leave before their ticket is durable, in the order of the tickets.
    private var heldMessages: Deque<(message: Message, after: PersistTicket)> = []
    private var durable = PersistTicket.none
    private var reads = PendingReads()
    /// Proposals of this epoch and earlier ones are refused: see `propose`.
    private var refusedEpoch: UInt64 = 0

    public init(
        loop: EventLoop, log: RaftLog, recovered: RecoveredLog, commit: LogIndex, options: Options,
        logger: Logger
    ) {
        self.loop = loop
        self.log = log
        self.options = options
        self.logger = logger
        let outline = LogOutline(
            baseIndex: recovered.baseIndex, baseTerm: recovered.baseTerm, outlines: recovered.outlines)
        core = Raft(configuration: options.raft, hardState: recovered.hardState, log: outline, commit: commit)
        overview = ReplicaOverview(core.status)
    }

    /// Opens the peer port and begins to count time.
    public func start(transport configuration: PeerTransportConfiguration, delegate: any ReplicaDelegate) throws {
        precondition(transport == nil, "a replica starts once")
        self.delegate = delegate
        let transport = try PeerTransport(loop: loop, configuration: configuration, logger: logger) {
            [unowned self] event in
            // The event's bytes are borrowed for this call, which stays on this thread.
            nonisolated(unsafe) let event = event
            self.assumeIsolated { $0.handle(event) }
        }
        self.transport = transport
        try transport.start()
        let ticker = try Timer(loop: loop) { [unowned self] in
            self.assumeIsolated { $0.tick() }
        }
        ticker.start(afterMilliseconds: options.tickMilliseconds, everyMilliseconds: options.tickMilliseconds)
        self.ticker = ticker
    }

    public func stop() {
        ticker?.close()
        transport?.stop()
        transport = nil
        delegate = nil
        for read in reads.removeAll() { read.resume(returning: nil) }
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

    /// Drops the log's old segments. The caller vouches that no state needs them; the core's floor bounds it as well.
    public func compact(through index: LogIndex) {
        log.compact(through: index)
        let dropped = log.firstIndex.previous
        step(.compacted(through: dropped))
    }

    // MARK: - The loop's events

    private func propose(_ payload: [UInt8], term: Term, epoch: UInt64) -> Bool {
        guard epoch > refusedEpoch else { return false }
        var accepted = false
        step(.propose(byteCounts: [payload.count], term: term), payloads: [payload]) { effect in
            if case .proposalAccepted = effect { accepted = true }
        }
        if !accepted { refusedEpoch = epoch }
        return accepted
    }

    private func becameDurable(_ ticket: PersistTicket) {
        guard ticket > durable else { return }
        durable = ticket
        while let held = heldMessages.first, held.after <= ticket {
            heldMessages.removeFirst()
            transmit(held.message)
        }
        step(.persisted(ticket))
    }

    private func tick() {
        step(.tick)
        renewOverview()
    }

    private func renewOverview() {
        let reachable = options.raft.voters.filter {
            $0 != options.raft.id && transport?.isConnected(to: $0, over: .control) == true
        }
        overview.update(core: core, log: log, reachable: Set(reachable))
    }

    private func handle(_ event: PeerEvent) {
        switch event {
        case .connected(let node, let channel):
            logger.debug("connected", metadata: ["peer": "\(node)", "channel": "\(channel)"])
            delegate?.peerConnected(node)
        case .lost(let node, let channel):
            logger.info("connection lost", metadata: ["peer": "\(node)", "channel": "\(channel)"])
            step(.peerLost(node))
            delegate?.peerLost(node)
        case .frame(let bytes, let node, _):
            receive(bytes, from: node)
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer, from node: NodeID) {
        let frame: PeerFrame
        do {
            frame = try PeerFrame.decode(bytes)
        } catch {
            logger.error("dropped a malformed frame", metadata: ["peer": "\(node)", "error": "\(error)"])
            return
        }
        switch frame {
        case .application(let content):
            delegate?.received(content, from: node)
        case .consensus(let message, let payloads):
            guard message.from == node, message.to == options.raft.id else {
                logger.error("dropped a message under another node's name", metadata: ["peer": "\(node)"])
                return
            }
            step(.receive(message), payloads: payloads)
        }
    }

    // MARK: - Effects

    /// One event in, its effects carried out in order. `payloads` belong to the entries that the event brings.
    private func step(
        _ event: Event, payloads: [[UInt8]] = [], observing: (Effect) -> Void = { _ in }
    ) {
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

    private func perform(_ effect: Effect, event: Event, payloads: [[UInt8]]) {
        switch effect {
        case .persist(let ticket, let hardState, let entries):
            log.persist(
                ticket: ticket, hardState: hardState,
                entries: entries.map { Self.join($0, of: event, payloads: payloads) } ?? [])
        case .send(let message, let after):
            if after <= durable {
                transmit(message)
            } else {
                heldMessages.append((message, after))
            }
        case .commit(let index):
            overview.commitAdvanced(to: index)
            delegate?.committed(through: index)
        case .readReady(let tag, let index):
            reads.remove(tag)?.resume(returning: index)
        case .readRefused(let tag):
            reads.remove(tag)?.resume(returning: nil)
        case .statusChanged(let status):
            renewOverview()
            logger.debug(
                "status",
                metadata: [
                    "role": "\(status.role)", "term": "\(status.term)",
                    "leader": "\(status.leader.map { "\($0)" } ?? "none")",
                ])
            delegate?.statusChanged(status)
        case .compactionFloor(let index):
            delegate?.compactionFloorRose(to: index)
        case .proposalAccepted, .proposalRefused:
            break  // `propose` observes them.
        }
    }

    /// Gives the entries that the core wants written their payloads.
    private static func join(_ appended: AppendedEntries, of event: Event, payloads: [[UInt8]]) -> [LogEntry] {
        let firstPayload: LogIndex
        if case .receive(let message) = event, case .append(let previousIndex, _, _, _, _) = message.body {
            firstPayload = previousIndex.next
        } else {
            firstPayload = appended.first
        }
        let offset = appended.first.distance(from: firstPayload)
        return appended.outlines.enumerated().map { position, outline in
            let payload = outline.kind == .noop ? [] : payloads[offset + position]
            precondition(payload.count == outline.byteCount, "an entry's payload is the one the core was told of")
            return LogEntry(
                index: appended.first.advanced(by: position), term: outline.term, kind: outline.kind, payload: payload)
        }
    }

    private func transmit(_ message: Message) {
        guard let transport else { return }
        var payloads: [[UInt8]] = []
        var channel = Channel.control
        if case .append(let previousIndex, _, let entries, _, _) = message.body, !entries.isEmpty {
            channel = .bulk
            do {
                let through = previousIndex.advanced(by: entries.count)
                let stored = try log.entries(from: previousIndex.next, through: through, maxBytes: Int.max)
                // The log may have been overwritten or compacted while the message was held: then it is void.
                guard stored.count == entries.count, zip(stored, entries).allSatisfy({ $0.term == $1.term }) else {
                    return
                }
                payloads = stored.map(\.payload)
            } catch RaftLogError.compacted {
                return  // Every member has it: the message is out of date.
            } catch {
                delegate?.failed(error)
                return
            }
        }
        _ = transport.send(PeerFrame.encode(message, payloads: payloads), to: message.to, over: channel)
    }
}
