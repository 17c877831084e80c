import Detection
import EventLoop
import Foundation
import Gateway
import Ledger
import Logging
import PeerTransport
import Pipeline
import Raft
import RaftLog
import Replica
import Security
import ServiceLifecycle
import UnixSignals

/// One node of the cluster, from its configuration file to its end.
public enum NodeService {
    /// Runs until the process is asked to end (SIGTERM or SIGINT). Throws when the node can't start; a fault that makes
    /// it impossible to go on safely ends the process with status 70 and a message.
    public static func run(configurationPath: String) async throws {
        let configuration = try NodeConfiguration.load(path: configurationPath)
        let metrics = PrometheusRegistry()
        let logger = Observability.bootstrap(
            level: configuration.logLevel, node: configuration.nodeID, metrics: metrics)
        try await run(configuration, metrics: metrics, logger: logger)
    }

    static func run(_ configuration: NodeConfiguration, metrics: PrometheusRegistry, logger: Logger) async throws {
        let node = configuration.nodeID
        let key = try SealingKey.load(path: configuration.sealingKeyPath)
        let sealer = Sealer(key: key)
        let rules = try RuleSet(configuration.rules)
        let directory = try DataDirectory(configuration.dataDirectory)
        let fatal = FatalFault(logger: logger)

        let hook = DurabilityHook()
        let (log, recovered) = try RaftLog.open(
            RaftLogOptions(
                directory: directory.log, identity: LogIdentity(clusterID: configuration.clusterID, nodeID: node)),
            onDurable: { hook.persisted($0) }, onFailure: { fatal.stop($0) })
        let (checkpoint, damaged) = try LedgerCheckpoint.newest(
            in: directory.checkpoints, clusterID: configuration.clusterID)
        for damage in damaged {
            logger.error("unreadable checkpoint, set aside", metadata: ["error": "\(damage)"])
            directory.setAside(damage)
        }
        let state =
            try checkpoint.map { try LedgerState(decoding: $0.state, configuration: configuration.capacities) }
            ?? LedgerState(configuration: configuration.capacities)
        let folded = state.applied
        guard recovered.baseIndex <= folded else {
            throw NodeFault.checkpointMissing(logStartsAfter: recovered.baseIndex, checkpoint: folded)
        }
        guard folded <= recovered.lastIndex else {
            throw NodeFault.logBehindCheckpoint(logEndsAt: recovered.lastIndex, checkpoint: folded)
        }
        logger.info(
            "log recovered",
            metadata: [
                "first": "\(recovered.baseIndex.next)", "entries": "\(recovered.outlines.count)",
                "term": "\(recovered.hardState.term)", "checkpoint": "\(folded)",
            ])

        let entries: @Sendable (LogIndex, LogIndex, Int) throws -> [LedgerEntry] = { from, through, maxBytes in
            try log.entries(from: from, through: through, maxBytes: maxBytes).map {
                LedgerEntry(index: $0.index, term: $0.term, isCommand: $0.kind == .command, payload: $0.payload)
            }
        }
        let store = try LedgerStore(
            identity: LedgerStoreIdentity(clusterID: configuration.clusterID, nodeID: node),
            options: LedgerStoreOptions(connectionString: configuration.postgres), logger: logger,
            events: LedgerStoreEvents(
                onApplied: { applied in
                    // The log holds whatever is applied, or it is not the log that it was applied from.
                    guard applied > log.lastIndex else { return }
                    fatal.stop(NodeFault.logBehindDatabase(logEndsAt: log.lastIndex, applied: applied))
                }, onFatal: { fatal.stop($0) }), source: entries)

        let loop = try EventLoop(name: "replica")
        loop.start()
        let replica = Replica(
            loop: loop, log: log, recovered: recovered, commit: folded,
            options: configuration.replicaOptions, logger: logger)
        hook.attach(replica)
        let pipeline = Pipeline(
            Pipeline.Foundations(
                replica: replica, store: store,
                checkpoints: CheckpointWriter(
                    directory: directory.checkpoints, clusterID: configuration.clusterID, last: folded, logger: logger),
                sealer: sealer, blindIndex: BlindIndex(key: key), rules: rules, entries: entries,
                failed: { fatal.stop($0) }),
            state: state, options: configuration.pipelineOptions,
            logger: logger)
        pipeline.start()
        try await replica.start(transport: configuration.transport, delegate: pipeline)

        let backend = NodeBackend(
            pipeline: pipeline, replica: replica, store: store, configuration: configuration,
            recoveredIndex: recovered.lastIndex)
        NodeMetrics.register(in: metrics, backend: backend, pipeline: pipeline)
        let keys = try await TokenKeys.load(
            hs256SecretPath: configuration.tokens.hs256SecretPath,
            es256PublicKeyPath: configuration.tokens.es256PublicKeyPath)
        let gateway = try Gateway(
            configuration: configuration.gatewayConfiguration, backend: backend,
            verifier: TokenVerifier(keys: keys, policy: TokenPolicy(issuer: configuration.tokens.issuer)),
            registry: metrics, logger: logger)
        logger.info("node started", metadata: ["members": "\(configuration.peers.count)"])

        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: PipelineTicker(pipeline: pipeline)),
                    .init(service: gateway),
                ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()

        pipeline.stop()
        await replica.stop()
        loop.stop()
        store.close()
        log.close()
        logger.info("node stopped")
    }
}
