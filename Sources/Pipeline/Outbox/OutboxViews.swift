public import Ledger

/// Alerts that are to be delivered, in the order of the log.
public struct OutboxPage: Sendable, Equatable {
    public let alerts: [AlertView]
    /// There are no other alerts up to here: a channel that has delivered these may be moved there.
    public let through: OutboxPosition
    /// There are more behind the last one.
    public let hasMore: Bool

    public init(alerts: [AlertView], through: OutboxPosition, hasMore: Bool) {
        self.alerts = alerts
        self.through = through
        self.hasMore = hasMore
    }
}

/// A webhook as it is called.
public struct WebhookTarget: Sendable, Equatable {
    public let name: String
    public let url: String
    /// For the signature; it goes nowhere else. Nil: it was sealed with a key that this node does not have.
    public let secret: [UInt8]?
    public let isEnabled: Bool

    public init(name: String, url: String, secret: [UInt8]?, isEnabled: Bool) {
        self.name = name
        self.url = url
        self.secret = secret
        self.isEnabled = isEnabled
    }
}

/// A webhook as it is shown, and how its deliveries do.
public struct WebhookView: Sendable, Equatable {
    public let name: String
    public let url: String
    public let isEnabled: Bool
    public let createdBy: String
    public let createdAtMicroseconds: Int64
    public let changedBy: String
    public let changedAtMicroseconds: Int64
    /// Through here everything is delivered, or given up.
    public let position: OutboxPosition
    /// Deliveries that were given up and are kept, oldest first, and those that made room for newer ones.
    public let failures: [FailedDelivery]
    public let dropped: UInt64

    init(_ webhook: Webhook, _ channel: OutboxChannel?) {
        name = webhook.name
        url = webhook.url
        isEnabled = webhook.isEnabled
        createdBy = webhook.createdBy
        createdAtMicroseconds = webhook.createdAtMicroseconds
        changedBy = webhook.changedBy
        changedAtMicroseconds = webhook.changedAtMicroseconds
        position = channel?.position ?? .start
        failures = channel?.failures ?? []
        dropped = channel?.dropped ?? 0
    }
}

/// What became of changes of the outbox: they are committed on a majority.
public struct OutboxReceipt: Sendable, Equatable {
    /// One for each change, in order.
    public let outcomes: [OutboxOutcome]
    /// The log index at or below which all of them are committed.
    public let commitIndex: UInt64

    public init(outcomes: [OutboxOutcome], commitIndex: UInt64) {
        self.outcomes = outcomes
        self.commitIndex = commitIndex
    }
}
