public import Ledger
import Raft
import Security

extension Pipeline {
    /// Changes of the outbox in one call.
    public static let outboxChangesPerRequest = 1_024

    /// Whether this node leads, with everything of its predecessors folded; what is so now, and every change of it. Ends
    /// with the pipeline.
    public func offices() -> AsyncStream<Bool> { notices.listen() }

    /// Returns once this node's fold has everything that was acknowledged anywhere before.
    public func catchUp(deadlineMilliseconds: Int) async throws(BackendError) {
        try await folded(.linearizable, deadlineMilliseconds: deadlineMilliseconds)
    }

    /// Channels and webhooks as this node's fold has them; what is seen is committed.
    public func outbox() async throws(BackendError) -> Outbox { try await read { state, _ in state.outbox } }

    /// The alerts behind `position` that this node's PostgreSQL has, in the order of the log. `limit`: 1...1000.
    public func outbox(
        after position: OutboxPosition, limit: Int, deadlineMilliseconds: Int
    ) async throws(BackendError) -> OutboxPage {
        guard LedgerStore.pageLimits ~= limit else {
            throw .invalid([InvalidField(field: "limit", reason: "must be 1 to 1000")])
        }
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        let stored = try await reading { try await store.alerts(after: position, limit: limit, deadline: deadline) }
        var alerts: [AlertView] = []
        for alert in stored.alerts { alerts.append(try view(alert)) }
        // A database that fell back in a crash knows of less than was delivered.
        let last = stored.hasMore ? alerts.last?.position ?? position : OutboxPosition.end(of: stored.applied)
        return OutboxPage(alerts: alerts, through: max(position, last), hasMore: stored.hasMore)
    }

    /// Waits until this node's PostgreSQL may hold alerts behind `position`; false: not until the deadline.
    public func alertsArrived(after position: OutboxPosition, deadline: ContinuousClock.Instant) async -> Bool {
        if await store.alertsArrived(after: position.index, deadline: deadline) { return true }
        // Whoever asks again at once must not spin where there is nothing to wait for.
        if ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(50)) }
        return false
    }

    /// Carries what happened to deliveries to the log: cursors, what was given up, what was delivered after all. Returns
    /// once it is committed on a majority.
    public func noteDeliveries(
        _ changes: [OutboxChange], deadlineMilliseconds: Int
    ) async throws(BackendError) -> OutboxReceipt {
        try await carry(changes, author: "", deadlineMilliseconds: deadlineMilliseconds)
    }

    // MARK: Webhooks

    /// By name.
    public func webhooks() async throws(BackendError) -> [WebhookView] {
        let outbox = try await outbox()
        return outbox.webhooks.values.sorted { $0.name < $1.name }.map {
            WebhookView($0, outbox.channels[$0.channel])
        }
    }

    /// By name, with what their deliveries are signed with.
    public func webhookTargets() async throws(BackendError) -> [WebhookTarget] {
        try await outbox().webhooks.values.sorted { $0.name < $1.name }.map { webhook in
            WebhookTarget(
                name: webhook.name, url: webhook.url,
                secret: try? WebhookSecret.open(webhook.secret, of: webhook.name, sealer), isEnabled: webhook.isEnabled)
        }
    }

    /// Makes a webhook, or changes it. A new one is told of the alerts that come from now on and must have a secret; one
    /// that is there keeps its own if none is given. Whether the URL may be called at all is for the caller to check.
    public func putWebhook(
        _ name: String, url: String, secret: [UInt8]?, isEnabled: Bool, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> OutboxReceipt {
        var faults: [InvalidField] = []
        if !Webhook.isValid(name: name) {
            faults.append(InvalidField(field: "name", reason: "must be 1 to 48 of a-z, 0-9, - and _"))
        }
        if !Webhook.isValid(url: url) {
            faults.append(InvalidField(field: "url", reason: "must be 1 to 2048 bytes of visible ASCII"))
        }
        if let secret, !WebhookSecret.byteCounts.contains(secret.count) {
            faults.append(InvalidField(field: "secret", reason: "must be 16 to 256 bytes"))
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        let change = OutboxChange.putWebhook(
            name: name, url: url, secret: secret.map { WebhookSecret.seal($0, of: name, sealer) },
            isEnabled: isEnabled, from: .end(of: foldedIndex))
        return try await carryOne(
            change, what: "webhook \"\(name)\"", author: author, deadlineMilliseconds: deadlineMilliseconds)
    }

    public func removeWebhook(
        _ name: String, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> OutboxReceipt {
        guard Webhook.isValid(name: name) else { throw .notFound(what: "webhook \"\(name)\"") }
        return try await carryOne(
            .removeWebhook(name: name), what: "webhook \"\(name)\"", author: author,
            deadlineMilliseconds: deadlineMilliseconds)
    }

    private func carryOne(
        _ change: OutboxChange, what: String, author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> OutboxReceipt {
        let receipt = try await carry([change], author: author, deadlineMilliseconds: deadlineMilliseconds)
        guard case .refused(let refusal) = receipt.outcomes[0] else { return receipt }
        switch refusal {
        case .unknownWebhook, .unknownChannel: throw .notFound(what: what)
        case .unknownDelivery: throw .notFound(what: "a delivery of \(what) that was given up there")
        case .noSecret: throw .invalid([InvalidField(field: "secret", reason: "must be given for a new webhook")])
        case .tooManyWebhooks, .tooManyChannels: throw .conflict(code: .tooManyWebhooks, detail: "\(refusal)")
        }
    }

    private func carry(
        _ changes: [OutboxChange], author: String, deadlineMilliseconds: Int
    ) async throws(BackendError) -> OutboxReceipt {
        guard 1...Self.outboxChangesPerRequest ~= changes.count else {
            throw .invalid([InvalidField(field: "changes", reason: "must be 1 to \(Self.outboxChangesPerRequest)")])
        }
        let work = Work.outbox(author: Self.bounded(author: author), changes)
        let (index, answer) = try await carry(work, deadlineMilliseconds: deadlineMilliseconds)
        guard case .outbox(let outcomes) = answer, outcomes.count == changes.count else {
            throw .internal("no outcome for each change of the outbox")
        }
        return OutboxReceipt(outcomes: outcomes, commitIndex: index.rawValue)
    }
}
