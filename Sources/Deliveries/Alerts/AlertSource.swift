public import Ledger

/// Alerts in order, and how far they reach.
public struct OutgoingAlerts: Sendable {
    public let alerts: [OutgoingAlert]
    /// There are no others up to here; not before the last of them.
    public let through: OutboxPosition

    public init(_ alerts: [OutgoingAlert], through: OutboxPosition) {
        self.alerts = alerts
        self.through = through
    }
}

/// Where alerts come from: the ledger of this node.
public protocol AlertSource: Sendable {
    /// The first alerts after a position, in order, `limit` at most. Without those that this node has not applied yet.
    func alerts(after position: OutboxPosition, limit: Int) async throws -> OutgoingAlerts

    /// Behind every alert that this node has applied, and before every other.
    func newest() async throws -> OutboxPosition

    /// Tells when there are more.
    var news: AlertNews { get }
}

extension AlertSource {
    /// As `alerts(after:limit:)`, but waits until there are some.
    func nextAlerts(after position: OutboxPosition, limit: Int) async throws -> [OutgoingAlert] {
        var position = position
        while true {
            let found = try await alerts(after: position, limit: limit)
            if !found.alerts.isEmpty { return found.alerts }
            position = max(position, found.through)
            // Announced, but not to be read yet: that takes a moment and no news will tell.
            if news.newest > position { try await Task.sleep(for: .milliseconds(20)) }
            try await news.wait(beyond: position)
        }
    }
}
