import Deliveries
import Gateway
import Ledger
import Pipeline

/// What the gateway is given of webhooks. Tests and replays go out from the node that is asked.
struct NodeWebhooks: WebhookBackend {
    /// Deliveries of one replay; each may take as long as the receiver is let.
    private static let replayLimit = 100
    /// The requests that a node has in work are waited for when it stops.
    private static let replayDuration = Duration.seconds(10)

    let pipeline: Pipeline
    let sender: WebhookSender
    let settings: NodeConfiguration.Deliveries
    let deadlineMilliseconds: Int

    /// Whoever has just made a webhook at another node finds it here.
    func webhooks() async throws(BackendError) -> [WebhookView] {
        try await pipeline.catchUp(deadlineMilliseconds: deadlineMilliseconds)
        return try await pipeline.webhooks()
    }

    func putWebhook(
        _ name: String, url: String, secret: [UInt8]?, isEnabled: Bool, author: String
    ) async throws(BackendError) -> OutboxReceipt {
        do throws(WebhookError) {
            _ = try WebhookURL(url, policy: settings.webhooks.policy)
        } catch {
            throw .invalid([InvalidField(field: "url", reason: error.objection)])
        }
        return try await pipeline.putWebhook(
            name, url: url, secret: secret, isEnabled: isEnabled, author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    func removeWebhook(_ name: String, author: String) async throws(BackendError) -> OutboxReceipt {
        try await pipeline.removeWebhook(name, author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    func testWebhook(_ name: String) async throws(BackendError) -> WebhookSender.Report {
        await sender.test(try await endpoint(name))
    }

    func replayWebhook(_ name: String, position: OutboxPosition?) async throws(BackendError) -> Replay.Report {
        let endpoint = try await endpoint(name)
        let channel = WebhookChannel(endpoint, sender: sender, options: settings.channel)
        let failures = try await pipeline.outbox().channels[channel.name]?.failures ?? []
        let wanted = failures.filter { position == nil || $0.position == position }.prefix(Self.replayLimit)
        guard !wanted.isEmpty || position == nil else {
            throw .notFound(what: "a delivery of webhook \"\(name)\" that was given up there")
        }
        var deliveries: [GivenUpDelivery] = []
        for failure in wanted {
            guard let alert = try await alert(of: failure) else { continue }
            deliveries.append(
                GivenUpDelivery(
                    channel: channel.name, alert: alert, attempts: Int(failure.attempts), reason: failure.reason))
        }
        do {
            var report = try await Replay.run(deliveries, through: channel, until: .now + Self.replayDuration) {
                delivery in
                _ = try await pipeline.noteDeliveries(
                    [.settled(channel: delivery.channel, delivery.alert.position)],
                    deadlineMilliseconds: deadlineMilliseconds)
            }
            // Those that are too many for one time, and those whose alerts this node does not have yet.
            report.left += (position == nil ? failures.count : wanted.count) - deliveries.count
            return report
        } catch let error as BackendError {
            throw error
        } catch {
            throw .unavailable(reason: "the replay was cut short", retryAfterSeconds: 1)
        }
    }

    /// As this node's PostgreSQL has it; nil: it does not have it yet.
    private func alert(of failure: FailedDelivery) async throws(BackendError) -> OutgoingAlert? {
        guard let id = failure.id else { return nil }
        return try await pipeline.alert(id, consistency: .local, deadlineMilliseconds: deadlineMilliseconds)
            .map { OutgoingAlert($0.alert) }
    }

    private func endpoint(_ name: String) async throws(BackendError) -> WebhookEndpoint {
        try await pipeline.catchUp(deadlineMilliseconds: deadlineMilliseconds)
        guard let target = try await pipeline.webhookTargets().first(where: { $0.name == name }) else {
            throw .notFound(what: "webhook \"\(name)\"")
        }
        do throws(WebhookError) {
            return try WebhookEndpoint(target, policy: settings.webhooks.policy)
        } catch {
            throw .invalid([InvalidField(field: "url", reason: error.objection)])
        }
    }
}

extension WebhookError {
    /// Completes "url: …".
    fileprivate var objection: String {
        switch self {
        case .invalidURL(let reason): reason
        case .forbiddenTarget, .secretTooShort: "\(self)"
        }
    }
}
