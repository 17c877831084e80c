public import Ledger

/// How far each channel has delivered: replicated state, so that the next leader goes on where the last one stopped. Every
/// call may fail or take long; it is then made again.
public protocol DeliveryCursors: Sendable {
    /// Up to where everything is delivered or given up; nil: the channel is new.
    func cursor(of channel: String) async throws -> OutboxPosition?

    /// Moves cursors forward. Returns when that is committed. A cursor that is further already stays where it is.
    func advance(_ cursors: [String: OutboxPosition]) async throws

    /// Puts a delivery on the channel's list of those that were given up. Returns when that is committed; the cursor moves
    /// past the alert only then.
    func giveUp(_ delivery: GivenUpDelivery) async throws
}

/// A delivery that will not be tried any more by itself.
public struct GivenUpDelivery: Sendable, Equatable {
    public let channel: String
    public let alert: OutgoingAlert
    /// How often it was tried since this leader took it up.
    public let attempts: Int
    /// Of the last attempt, for people; at most 256 bytes.
    public let reason: String

    public init(channel: String, alert: OutgoingAlert, attempts: Int, reason: String) {
        self.channel = channel
        self.alert = alert
        self.attempts = attempts
        self.reason = reason
    }
}
