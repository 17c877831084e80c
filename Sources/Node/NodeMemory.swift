import Identity
import Ledger
import Logging
import Raft
import RaftLog

/// What a node finds on its disk of the life that it goes on with.
struct NodeMemory {
    let log: RaftLog
    let recovered: RecoveredLog
    let hook: DurabilityHook
    /// The fold as of the newest checkpoint, and the term of the entry it stands at.
    let state: LedgerState
    let term: Term
    /// The newest that is known from elsewhere than the log.
    let membership: (index: LogIndex, Membership)
    /// The snapshot whose installation a crash has cut short: PostgreSQL has yet to follow it.
    let unfinishedInstallation: String?

    static func open(
        _ directory: DataDirectory, configuration: NodeConfiguration, identity: NodeIdentity, fatal: FatalFault,
        logger: Logger
    ) throws -> NodeMemory {
        let unfinished = directory.unfinishedInstallation
        if let unfinished {
            logger.warning("an installation was cut short, and is done again", metadata: ["snapshot": "\(unfinished)"])
            try finish(unfinished, directory, configuration, identity)
        }
        let hook = DurabilityHook()
        let (log, recovered) = try openLog(
            directory, identity, onDurable: { hook.persisted($0) }, onFailure: { fatal.stop($0) })
        let (checkpoint, damaged) = try LedgerCheckpoint.newest(
            in: directory.checkpoints, clusterID: configuration.clusterID)
        for damage in damaged {
            logger.error("unreadable checkpoint, set aside", metadata: ["error": "\(damage)"])
            directory.setAside(damage)
        }
        let state =
            try checkpoint.map { try LedgerState(decoding: $0.state, configuration: configuration.capacities) }
            ?? LedgerState(configuration: configuration.capacities)
        guard recovered.baseIndex <= state.applied else {
            throw NodeFault.checkpointMissing(logStartsAfter: recovered.baseIndex, checkpoint: state.applied)
        }
        guard state.applied <= recovered.lastIndex else {
            throw NodeFault.logBehindCheckpoint(logEndsAt: recovered.lastIndex, checkpoint: state.applied)
        }
        logger.info(
            "log recovered",
            metadata: [
                "first": "\(recovered.baseIndex.next)", "entries": "\(recovered.outlines.count)",
                "term": "\(recovered.hardState.term)", "checkpoint": "\(state.applied)",
            ])
        return NodeMemory(
            log: log, recovered: recovered, hook: hook, state: state, term: checkpoint?.term ?? .zero,
            membership: checkpoint.map { ($0.index, $0.membership) } ?? (.zero, identity.founding),
            unfinishedInstallation: unfinished)
    }

    /// The checkpoint and the log follow a snapshot that was being installed. The log keeps what stands on the snapshot's last
    /// entry, and nothing else.
    private static func finish(
        _ snapshotPath: String, _ directory: DataDirectory, _ configuration: NodeConfiguration, _ identity: NodeIdentity
    ) throws {
        let snapshot = try LedgerSnapshot.load(path: snapshotPath, clusterID: configuration.clusterID)
        try snapshot.checkpoint.write(in: directory.checkpoints)
        let (log, recovered) = try openLog(directory, identity, onDurable: { _ in }, onFailure: { _ in })
        defer { log.close() }
        let outline = LogOutline(
            baseIndex: recovered.baseIndex, baseTerm: recovered.baseTerm, outlines: recovered.outlines)
        guard outline.term(at: snapshot.header.index) != snapshot.header.term else { return }
        let term = max(recovered.hardState.term, snapshot.header.term)
        let state = term == recovered.hardState.term ? recovered.hardState : HardState(term: term)
        log.reset(
            ticket: PersistTicket(1), hardState: state, baseIndex: snapshot.header.index,
            baseTerm: snapshot.header.term)
    }

    private static func openLog(
        _ directory: DataDirectory, _ identity: NodeIdentity, onDurable: @escaping @Sendable (PersistTicket) -> Void,
        onFailure: @escaping @Sendable (RaftLogError) -> Void
    ) throws -> (log: RaftLog, recovered: RecoveredLog) {
        try RaftLog.open(
            RaftLogOptions(
                directory: directory.log,
                identity: LogIdentity(clusterID: identity.clusterID, nodeID: identity.node)),
            onDurable: onDurable, onFailure: onFailure)
    }
}
