public import Ledger

/// A record of a stream that could not be taken, opened.
public struct DeadLetterView: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// As the stream gave it.
        case raw(DeadLetterContent)
        /// A payment whose id belongs to another one.
        case transaction(TransactionID, Transaction)
    }

    /// Among all dead letters.
    public let position: OutboxPosition
    public let partition: StreamPartition
    public let offset: Int64
    public let createdAtMicroseconds: Int64
    public let reason: String
    public let detail: String
    public let content: Content

    public init(
        position: OutboxPosition, partition: StreamPartition, offset: Int64, createdAtMicroseconds: Int64,
        reason: String, detail: String, content: Content
    ) {
        self.position = position
        self.partition = partition
        self.offset = offset
        self.createdAtMicroseconds = createdAtMicroseconds
        self.reason = reason
        self.detail = detail
        self.content = content
    }
}

/// Dead letters in the order of the log.
public struct DeadLetterPage: Sendable, Equatable {
    public let letters: [DeadLetterView]
    /// There are more behind the last one.
    public let hasMore: Bool

    public init(letters: [DeadLetterView], hasMore: Bool) {
        self.letters = letters
        self.hasMore = hasMore
    }
}
