import Deliveries
import Gateway
import Kafka
import Ledger
import Logging
import Pipeline
import Security
import ServiceLifecycle
import Streams

/// What leaves this node: the live stream of alerts; and, while it leads, webhooks and topics.
final class NodeDeliveries: Service {
    private static let refreshPause = Duration.seconds(1)
    private static let flushMilliseconds = 1_000

    let stream: AlertStream
    let sender: WebhookSender
    private let pipeline: Pipeline
    private let source: LedgerAlerts
    private let deliverer: AlertDeliverer
    private let settings: NodeConfiguration.Deliveries
    private let publisher: StreamPublisher?
    private let topicChannel: AlertTopicChannel?
    private let forwarder: DeadLetterForwarder?
    private let logger: Logger

    init(
        pipeline: Pipeline, store: LedgerStore, settings: NodeConfiguration.Deliveries, kafka: StreamConfiguration?,
        keyID: KeyID, logger: Logger
    ) throws(KafkaError) {
        self.pipeline = pipeline
        self.settings = settings
        self.logger = logger
        source = LedgerAlerts(pipeline: pipeline, store: store)
        stream = AlertStream(source: source, logger: logger)
        sender = WebhookSender(options: settings.webhooks)
        deliverer = AlertDeliverer(source: source, cursors: LedgerCursors(pipeline: pipeline), logger: logger)
        guard let kafka, kafka.alertsTopic != nil || kafka.deadLetterTopic != nil else {
            (publisher, topicChannel, forwarder) = (nil, nil, nil)
            return
        }
        let publisher = try StreamPublisher(kafka, logger: logger)
        self.publisher = publisher
        topicChannel = kafka.alertsTopic.map { AlertTopicChannel(publisher: publisher, topic: $0) }
        forwarder = kafka.deadLetterTopic.map {
            DeadLetterForwarder(
                pipeline: pipeline, store: store, publisher: publisher, topic: $0, keyID: keyID, logger: logger)
        }
    }

    func run() async {
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                // Brokers that are away must not hold up the end.
                group.addTask { await self.closePublisher() }
                group.addTask { await self.source.follow() }
                group.addTask { await self.stream.run() }
                group.addTask { await self.deliverer.run() }
                group.addTask { await self.followWebhooks() }
                group.addTask { await self.followOffice() }
            }
        }
        await sender.close()
    }

    /// When this task is cancelled; what the brokers have not acknowledged by then the next leader sends again.
    private func closePublisher() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        guard let publisher else { return }
        _ = await Task { await publisher.close(flushMilliseconds: Self.flushMilliseconds) }.value
    }

    /// Deliveries are the leader's.
    private func followOffice() async {
        var forwarding: Task<Void, Never>?
        for await isLeading in pipeline.offices() {
            deliverer.setLeading(isLeading)
            forwarding?.cancel()
            forwarding = isLeading ? forwarder.map { forwarder in Task { await forwarder.run() } } : nil
        }
        forwarding?.cancel()
        await forwarding?.value
    }

    /// A webhook that is made or changed anywhere is known here soon.
    private func followWebhooks() async {
        var known: [String: Webhook]?
        while !Task.isCancelled {
            do throws(BackendError) {
                let webhooks = try await pipeline.outbox().webhooks
                if webhooks != known { deliverer.setChannels(channels(of: try await pipeline.webhookTargets())) }
                known = webhooks
            } catch {
                if !Task.isCancelled { logger.warning("webhooks can't be read", metadata: ["error": "\(error)"]) }
            }
            try? await Task.sleep(for: Self.refreshPause)
        }
    }

    private func channels(of targets: [WebhookTarget]) -> [any AlertChannel] {
        var channels: [any AlertChannel] = topicChannel.map { [$0] } ?? []
        for target in targets where target.isEnabled {
            do throws(WebhookError) {
                let endpoint = try WebhookEndpoint(target, policy: settings.webhooks.policy)
                channels.append(WebhookChannel(endpoint, sender: sender, options: settings.channel))
            } catch {
                // It was taken when this node's configuration, or another node's, allowed it.
                logger.error("a webhook is not served", metadata: ["webhook": "\(target.name)", "reason": "\(error)"])
            }
        }
        return channels
    }
}

extension WebhookEndpoint {
    /// What the ledger knows of a webhook, if this node may call it.
    init(_ target: WebhookTarget, policy: TargetPolicy) throws(WebhookError) {
        var hasher = Hasher()
        hasher.combine(target.url)
        hasher.combine(target.secret)
        // Within this process equal content has an equal revision, and another one another.
        try self.init(
            name: target.name, url: try WebhookURL(target.url, policy: policy), secret: target.secret ?? [],
            revision: UInt64(bitPattern: Int64(hasher.finalize())))
    }
}
