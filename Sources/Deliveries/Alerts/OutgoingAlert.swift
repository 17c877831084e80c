public import Ledger

/// An alert on its way out.
public struct OutgoingAlert: Sendable, Equatable {
    public let position: OutboxPosition
    /// The same on every delivery, so that whoever gets it twice can tell: the id of the transaction.
    public let id: String
    /// Alerts with the same number go out in order. Made from the user, who can't be told from it.
    public let userKey: UInt64
    /// What is sent: a JSON object.
    public let document: [UInt8]

    public init(position: OutboxPosition, id: String, userKey: UInt64, document: [UInt8]) {
        self.position = position
        self.id = id
        self.userKey = userKey
        self.document = document
    }
}
