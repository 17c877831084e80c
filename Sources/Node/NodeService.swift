import Deliveries
import EventLoop
import Foundation
import Gateway
import Glibc
import Identity
import Ledger
import Logging
import PeerTransport
import Pipeline
import Raft
import RaftLog
import Replica
import Security
import ServiceLifecycle
import Threads
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
        let key = try SealingKey.load(path: configuration.sealingKeyPath)
        let sealer = Sealer(key: key)
        let blindIndex = BlindIndex(key: key)
        let directory = try DataDirectory(configuration.dataDirectory)
        directory.removeForgottenSnapshots()
        let fatal = FatalFault(logger: logger)
        let history = History(directory, logger: logger)

        let loop = try EventLoop(name: "replica")
        loop.start()
        let warden = BootWarden(
            loop: loop, configuration: configuration, directory: directory, logger: logger,
            onStale: { NewLife.begin(because: $0, in: directory, logger: logger) })
        let outcome = try await warden.settle(
            membership: directory.knownMembers, staleReason: directory.givenUpReason)
        let node = outcome.identity.node
        history.record(
            .identity, term: .zero, index: nil,
            outcome.newLifeReason.map { "\(node) begins a new life: \($0)" }
                ?? "\(node), boot \(outcome.identity.record.boot)")

        let memory = try NodeMemory.open(
            directory, configuration: configuration, identity: outcome.identity, fatal: fatal, logger: logger)
        let log = memory.log
        let entries: @Sendable (LogIndex, LogIndex, Int) throws -> [LedgerEntry] = { from, through, maxBytes in
            try log.entries(from: from, through: through, maxBytes: maxBytes).map {
                LedgerEntry(index: $0.index, term: $0.term, kind: $0.kind, payload: $0.payload)
            }
        }
        let pace = Pace(bytesPerSecond: configuration.limits.backgroundBytesPerSecond)
        var storeOptions = LedgerStoreOptions(connectionString: configuration.postgres)
        storeOptions.firstSnapshotPath = memory.unfinishedInstallation
        storeOptions.pace = pace
        let store = try LedgerStore(
            identity: LedgerStoreIdentity(
                clusterID: configuration.clusterID, nodeID: NodeID(number: configuration.nodeID.number)),
            options: storeOptions, logger: logger,
            events: LedgerStoreEvents(
                onApplied: { applied in
                    guard applied > log.lastIndex else { return }
                    // Whoever begins anew or has installed a snapshot hears only now what its database knows.
                    guard !directory.isCatchingUp else { return }
                    NewLife.begin(
                        because: "PostgreSQL has applied entry \(applied), the log ends at \(log.lastIndex)",
                        in: directory, logger: logger)
                },
                onFatal: { error in
                    if case .logUnreadable(let from, _) = error, from < log.firstIndex {
                        NewLife.begin(
                            because: "PostgreSQL needs entry \(from), the log begins at \(log.firstIndex)",
                            in: directory, logger: logger)
                    }
                    fatal.stop(error)
                }), source: entries)

        let replica = Replica(
            loop: loop, log: log, recovered: memory.recovered, membership: memory.membership,
            commit: memory.state.applied, options: configuration.replicaOptions(as: node, in: directory, pace: pace),
            logger: logger)
        memory.hook.attach(replica)
        let pipeline = Pipeline(
            Pipeline.Foundations(
                replica: replica, store: store,
                checkpoints: CheckpointWriter(
                    directory: directory.checkpoints, clusterID: configuration.clusterID, last: memory.state.applied,
                    logBase: memory.recovered.baseIndex, pace: pace, logger: logger),
                sealer: sealer, blindIndex: blindIndex, entries: entries,
                failed: { fatal.stop($0) }),
            state: memory.state, term: memory.term, membership: memory.membership.1,
            options: configuration.pipelineOptions(as: node), logger: logger)
        let steward = Steward(
            node: node, replica: replica, store: store, logger: logger)
        let administrator = ClusterAdministrator(
            node: node, replica: replica, pipeline: pipeline, steward: steward, directory: directory,
            history: history, logger: logger)
        let delegate = NodeDelegate(
            pipeline: pipeline, steward: steward, administrator: administrator, warden: warden, directory: directory,
            history: history, fatal: fatal, logger: logger)
        pipeline.start()
        try await warden.handOver(to: replica, delegate: delegate)
        await administrator.start()

        let kafka = try configuration.kafka.map {
            try NodeStreams(
                $0, node: configuration, pipeline: pipeline, sealer: sealer, blindIndex: blindIndex, logger: logger)
        }
        let deliveries = try NodeDeliveries(
            pipeline: pipeline, store: store, settings: configuration.deliveries, kafka: configuration.kafka,
            keyID: sealer.keyID, logger: logger)
        let departure = Departure(
            limit: .milliseconds(2 * configuration.consensus.electionMilliseconds), logger: logger,
            leads: { replica.overview.status.role == .leader },
            stepAside: {
                // Whoever listens is told to go on at another node.
                deliveries.stream.close()
                await replica.setMayLead(false)
            })
        let backend = NodeBackend(
            pipeline: pipeline, replica: replica, store: store, configuration: configuration,
            identity: outcome, administrator: administrator, departure: departure, kafka: kafka,
            deliveries: deliveries)
        NodeMetrics.register(in: metrics, backend: backend, pipeline: pipeline)
        let keys = try await TokenKeys.load(
            hs256SecretPath: configuration.tokens.hs256SecretPath,
            es256PublicKeyPath: configuration.tokens.es256PublicKeyPath)
        let gateway = try Gateway(
            configuration: configuration.gatewayConfiguration, backend: backend,
            verifier: TokenVerifier(keys: keys, policy: TokenPolicy(issuer: configuration.tokens.issuer)),
            registry: metrics, logger: logger)
        logger.info(
            "node started", metadata: ["identity": "\(node)", "members": "\(memory.membership.1)"])

        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: PipelineTicker(pipeline: pipeline)),
            .init(
                service: StewardTicker(
                    steward: steward,
                    applicant: Applicant(node: node, configuration: configuration, replica: replica),
                    store: store, log: log, directory: directory, replica: replica,
                    isReady: { backend.health.isReady },
                    unfinishedInstallation: memory.unfinishedInstallation)),
        ]
        if let kafka { services.append(.init(service: kafka)) }
        // The last one is the first to be told that the node is to stop; the others wait until it has ended.
        services += [
            .init(service: deliveries), .init(service: gateway),
            .init(service: departure, successTerminationBehavior: .ignore),
        ]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()

        pipeline.stop()
        await replica.stop()
        await warden.stop()
        loop.stop()
        store.close()
        log.close()
        logger.info("node stopped")
    }
}
