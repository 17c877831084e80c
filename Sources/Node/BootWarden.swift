import Dispatch
import EventLoop
import Foundation
import Identity
import Logging
import PeerTransport
import Raft
import Replica

import class EventLoop.Timer

/// Sees to it that this node speaks only under a name that is its own: before the core runs it claims the boot with the
/// other nodes, and beside the core it renews the claim and answers the claims of others.
///
/// It opens the peer port; the replica takes over the connections when the core may run.
actor BootWarden {
    /// As whom the node goes on.
    struct Outcome: Sendable {
        let identity: NodeIdentity
        /// Why it began a new life; nil if it goes on in its old one.
        let newLifeReason: String?
    }

    private static let tickMilliseconds = 100

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let configuration: NodeConfiguration
    private let directory: DataDirectory
    private let logger: Logger
    /// The identity turned out not to be this node's own while it ran: it must end, and begin anew.
    private let onStale: @Sendable (_ reason: String) -> Void
    private let disk = DispatchQueue(label: "redoubt.identity", qos: .userInitiated)

    private var claim: BootClaim?
    private var register = BootRegister()
    private var transport: PeerTransport?
    private var ticker: Timer?
    private var pending: [BootClaim.Effect] = []
    private var isPerforming = false
    private var newLifeReason: String?
    private var waiter: CheckedContinuation<Outcome, any Error>?
    /// Takes what is not the warden's, once the core runs.
    private var consumer: (@Sendable (PeerEvent) -> Void)?
    private var connected: Set<NodeID> = []

    init(
        loop: EventLoop, configuration: NodeConfiguration, directory: DataDirectory, logger: Logger,
        onStale: @escaping @Sendable (_ reason: String) -> Void
    ) {
        self.loop = loop
        self.configuration = configuration
        self.directory = directory
        self.logger = logger
        self.onStale = onStale
    }

    // MARK: - Before the core runs

    /// Returns when the core may run.
    ///
    /// - Parameters:
    ///   - membership: the newest that the data directory knows.
    ///   - staleReason: why what is in the data directory can't be gone on with, if that is known already.
    func settle(membership: Membership, staleReason: String?) async throws -> Outcome {
        register = try BootRegister.read(path: directory.register)
        var identity = try NodeIdentity.read(path: directory.identity)
        if identity == nil, directory.hasLog { throw NodeFault.identityMissing(path: directory.identity) }
        if let staleReason, let old = identity {
            identity = try beginAnew(because: staleReason, witnesses: old.record.witnesses)
        }
        return try await withCheckedThrowingContinuation { continuation in
            waiter = continuation
            begin(identity, membership: membership)
        }
    }

    private func begin(_ identity: NodeIdentity?, membership: Membership) {
        let options = BootClaim.Options(
            askTicks: 2, patienceTicks: 50, renewalTicks: 6_000, settleTicks: 20, fallbackTicks: 30,
            randomSeed: .random(in: .min ... .max))
        if let identity {
            claim = BootClaim(
                stored: identity, membership: membership == .none ? configuration.founding : membership,
                options: options)
        } else {
            claim = BootClaim(
                unborn: configuration.nodeID.number, clusterID: configuration.clusterID,
                founding: configuration.founding, mayFound: !configuration.joins, options: options)
        }
        // Nobody knows yet under which name an empty directory goes on: it asks under one that is nobody else's, so that it
        // is not taken for the life that may have been before it.
        let node = identity?.node ?? Self.newLife(of: configuration.nodeID)
        do {
            try open(as: node, knowing: directory.knownMembers)
        } catch {
            return fail(error)
        }
        enqueue(claim!.start())
    }

    private func open(as node: NodeID, knowing members: Membership) throws {
        transport?.stop()
        connected = []
        let transport = try PeerTransport(
            loop: loop, configuration: configuration.transport(as: node, knowing: members), logger: logger
        ) { [unowned self] event in
            // The event's bytes are borrowed for this call, which stays on this thread.
            nonisolated(unsafe) let event = event
            self.assumeIsolated { $0.handle(event) }
        }
        self.transport = transport
        try transport.start()
        guard ticker == nil else { return }
        let ticker = try Timer(loop: loop) { [unowned self] in
            self.assumeIsolated { $0.tick() }
        }
        ticker.start(afterMilliseconds: Self.tickMilliseconds, everyMilliseconds: Self.tickMilliseconds)
        self.ticker = ticker
    }

    /// The old life's log is set aside, and a new life written down.
    private func beginAnew(because reason: String, witnesses: [NodeID]) throws -> NodeIdentity {
        logger.warning("this node begins a new life", metadata: ["reason": "\(reason)"])
        newLifeReason = reason
        try directory.setLifeAside()
        let node = Self.newLife(of: configuration.nodeID)
        let identity = NodeIdentity.newLife(
            clusterID: configuration.clusterID, number: node.number, life: node.life, witnesses: witnesses)
        try identity.write(path: directory.identity)
        try directory.setCatchingUp(true)
        return identity
    }

    private static func newLife(of node: NodeID) -> NodeID {
        NodeID(number: node.number, life: .random(in: 1..<(1 << 48)))
    }

    private func fail(_ error: any Error) {
        waiter?.resume(throwing: error)
        waiter = nil
    }

    // MARK: - Beside the core

    /// The connections go over to the replica, which hears of everything but the warden's own messages.
    func handOver(to replica: Replica, delegate: any ReplicaDelegate) throws {
        guard let transport else { preconditionFailure("connections are handed over while they are open") }
        consumer = { replica.handle($0) }
        // Both are confined to the one loop.
        nonisolated(unsafe) let shared = transport
        try replica.assumeIsolated { try $0.start(transport: shared, delegate: delegate) }
    }

    /// To be called on the loop, in the order of the changes.
    func membershipChanged(_ membership: Membership, index: LogIndex, isCommitted: Bool) {
        if isCommitted {
            let didChange = membership.members.map { register.admit($0) }.contains(true)
            if didChange { writeRegister() }
            let directory = directory
            disk.async { try? directory.remember(membership, index: index) }
        }
        feed(.membershipChanged(membership))
    }

    func stop() {
        ticker?.close()
        ticker = nil
        transport?.stop()
        transport = nil
        consumer = nil
    }

    var waitingFor: String? { claim?.waitingFor }

    // MARK: - The loop's events

    private func tick() {
        feed(.tick)
    }

    private func handle(_ event: PeerEvent) {
        switch event {
        case .connected(let node, let channel) where channel == .control:
            connected.insert(node)
            feed(.connected(node))
        case .lost(let node, let channel)
        where channel == .control && transport?.isConnected(to: node, over: .control) != true:
            connected.remove(node)
            feed(.lost(node))
        case .frame(let bytes, let node, _) where PeerFrame.isBoot(bytes):
            return receive(bytes, from: node)
        default: break
        }
        consumer?(event)
    }

    private func receive(_ bytes: UnsafeRawBufferPointer, from node: NodeID) {
        guard case .boot(let message) = try? PeerFrame.decode(bytes) else {
            logger.error("dropped a malformed frame", metadata: ["peer": "\(node)"])
            return
        }
        switch message {
        case .answer(let answer): feed(.answered(answer, from: node))
        case .ask(let ask):
            guard let respondent = claim?.respondent else { return }
            let (answer, didChange) = register.answer(ask, as: respondent)
            if didChange {
                writeRegister { self.send(.answer(answer), to: node) }
            } else {
                send(.answer(answer), to: node)
            }
            feed(.asked(ask, from: node))
        }
    }

    private func feed(_ event: BootClaim.Event) {
        guard claim != nil else { return }
        enqueue(claim!.step(event))
    }

    // MARK: - Effects

    /// In their order; a write holds up what follows it.
    private func enqueue(_ effects: [BootClaim.Effect]) {
        pending += effects
        guard !isPerforming, !pending.isEmpty else { return }
        isPerforming = true
        Task { await performAll() }
    }

    private func performAll() async {
        while !pending.isEmpty {
            let effect = pending.removeFirst()
            do {
                try await perform(effect)
            } catch {
                logger.critical("the node's identity can't be kept", metadata: ["error": "\(error)"])
                fail(error)
            }
        }
        isPerforming = false
    }

    private func perform(_ effect: BootClaim.Effect) async throws {
        switch effect {
        case .write(let identity): try await write(identity)
        case .ask(let node, let subject): send(.ask(BootAsk(subject: subject, records: register.all)), to: node)
        case .founded(let identity):
            logger.info("this node founds the cluster", metadata: ["members": "\(identity.founding)"])
            for peer in connected { feed(.lost(peer)) }
            try open(as: identity.node, knowing: identity.founding)
        case .mayRun(let identity):
            waiter?.resume(returning: Outcome(identity: identity, newLifeReason: newLifeReason))
            waiter = nil
        case .stale(let reason): try renounce(reason, witnesses: Array(connected))
        case .joinAsNewLife(let reason, let witnesses): try renounce(reason, witnesses: witnesses)
        }
    }

    private func renounce(_ reason: String, witnesses: [NodeID]) throws {
        // While the core runs, the process begins anew: nothing more is to be said in this name.
        guard waiter != nil else { return onStale(reason) }
        begin(try beginAnew(because: reason, witnesses: witnesses), membership: .none)
    }

    private func write(_ identity: NodeIdentity) async throws {
        let path = directory.identity
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            disk.async { continuation.resume(with: Result { try identity.write(path: path) }) }
        }
    }

    private func writeRegister(then next: (@Sendable () -> Void)? = nil) {
        let register = register
        let path = directory.register
        disk.async { [self] in
            do {
                try register.write(path: path)
            } catch {
                // What was not written must not be told; the asker asks again.
                return logger.error("the register can't be kept", metadata: ["error": "\(error)"])
            }
            if let next { loop.execute(next) }
        }
    }

    private nonisolated func send(_ message: BootMessage, to node: NodeID) {
        let frame = PeerFrame.encode(message)
        loop.execute { [self] in
            assumeIsolated { _ = $0.transport?.send(frame, to: node, over: .control) }
        }
    }
}
