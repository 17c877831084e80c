public import Deliveries
import Ledger
public import Pipeline

/// A webhook and how its deliveries do. Its secret is never shown.
public struct WebhookDocument: Sendable, Equatable, Codable {
    public var name: String
    public var url: String
    public var enabled: Bool
    public var createdBy: String
    /// RFC 3339, as are all times.
    public var createdAt: String
    public var changedBy: String
    public var changedAt: String
    /// Through here everything is delivered, or given up.
    public var position: String
    /// Deliveries that were given up and are kept.
    public var failureCount: Int
    /// Oldest first; in a list of webhooks the first hundred.
    public var failures: [FailureDocument]
    /// Failures that made room for newer ones.
    public var dropped: UInt64

    public init(_ webhook: WebhookView, isListed: Bool = false) {
        name = webhook.name
        url = webhook.url
        enabled = webhook.isEnabled
        createdBy = webhook.createdBy
        createdAt = RFC3339.text(webhook.createdAtMicroseconds)
        changedBy = webhook.changedBy
        changedAt = RFC3339.text(webhook.changedAtMicroseconds)
        position = "\(webhook.position)"
        failureCount = webhook.failures.count
        failures = webhook.failures.prefix(isListed ? FailureDocument.countInLists : .max).map(FailureDocument.init)
        dropped = webhook.dropped
    }

    private enum CodingKeys: String, CodingKey {
        case name, url, enabled, position, failures, dropped
        case createdBy = "created_by"
        case createdAt = "created_at"
        case changedBy = "changed_by"
        case changedAt = "changed_at"
        case failureCount = "failure_count"
    }
}

/// All webhooks, by name.
public struct WebhooksDocument: Sendable, Equatable, Codable {
    public var webhooks: [WebhookDocument]

    public init(_ webhooks: [WebhookView]) { self.webhooks = webhooks.map { WebhookDocument($0, isListed: true) } }
}

/// A change of a webhook that is committed.
public struct WebhookReceipt: Sendable, Equatable, Codable {
    public var name: String
    /// It was not so already.
    public var changed: Bool
    /// At or below which it is committed.
    public var logIndex: UInt64

    public init(_ name: String, _ receipt: OutboxReceipt) {
        self.name = name
        changed = receipt.outcomes.contains(.changed)
        logIndex = receipt.commitIndex
    }

    private enum CodingKeys: String, CodingKey {
        case name, changed
        case logIndex = "log_index"
    }
}

/// What came of a test.
public struct WebhookTestAnswer: Sendable, Equatable, Codable {
    public var delivered: Bool
    /// Nil: there was no answer.
    public var status: Int?
    /// Nil: it was delivered.
    public var reason: String?
    public var durationMilliseconds: Int64

    public init(_ report: WebhookSender.Report) {
        switch report.outcome {
        case .delivered: (delivered, reason) = (true, nil)
        case .failed(let words, _), .refused(let words): (delivered, reason) = (false, words)
        }
        status = report.status
        durationMilliseconds = Int64(report.duration / .milliseconds(1))
    }

    /// Null where there is none: the fields are always there.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(delivered, forKey: .delivered)
        try fields.encode(status, forKey: .status)
        try fields.encode(reason, forKey: .reason)
        try fields.encode(durationMilliseconds, forKey: .durationMilliseconds)
    }

    private enum CodingKeys: String, CodingKey {
        case delivered, status, reason
        case durationMilliseconds = "duration_ms"
    }
}

/// What came of deliveries that were tried again.
public struct ReplayAnswer: Sendable, Equatable, Codable {
    public var delivered: Int
    /// Not delivered, and still kept.
    public var left: Int
    /// Of the last one that failed; nil: none did.
    public var reason: String?

    public init(_ report: Replay.Report) {
        delivered = report.delivered
        left = report.left
        reason = report.reason
    }

    /// Null where there is none: the field is always there.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(delivered, forKey: .delivered)
        try fields.encode(left, forKey: .left)
        try fields.encode(reason, forKey: .reason)
    }

    private enum CodingKeys: String, CodingKey {
        case delivered, left, reason
    }
}
