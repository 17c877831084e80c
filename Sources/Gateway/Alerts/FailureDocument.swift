public import Ledger
import Pipeline

/// A delivery that was given up.
public struct FailureDocument: Sendable, Equatable, Codable {
    /// Names it among the channel's.
    public var position: String
    /// The transaction that it is about; nil: it is about none.
    public var id: String?
    public var attempts: UInt32
    /// Of the last attempt.
    public var reason: String
    /// RFC 3339.
    public var failedAt: String

    public init(_ failure: FailedDelivery) {
        position = "\(failure.position)"
        id = failure.id.map { "\($0)" }
        attempts = failure.attempts
        reason = failure.reason
        failedAt = RFC3339.text(failure.failedAtMicroseconds)
    }

    /// Where many channels are listed each shows so many: a thousand of each would be megabytes.
    static let countInLists = 100

    private enum CodingKeys: String, CodingKey {
        case position, id, attempts, reason
        case failedAt = "failed_at"
    }
}
