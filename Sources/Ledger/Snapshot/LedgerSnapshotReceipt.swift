public import Raft

/// A snapshot that was made.
public struct LedgerSnapshotReceipt: Equatable, Sendable {
    public let path: String
    public let header: LedgerSnapshotHeader
    public let transactions: Int
    public let idempotencyKeys: Int
    /// Of the file.
    public let byteCount: Int
    /// How long it took.
    public let duration: Duration

    public var appliedIndex: LogIndex { header.appliedIndex }
}
