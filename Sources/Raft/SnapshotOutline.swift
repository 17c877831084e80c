/// What consensus needs to know of a snapshot: the state machine as it stood when `index` was applied. The bytes stay
/// with the driver.
public struct SnapshotOutline: Equatable, Sendable {
    /// Random: names one file, with these bytes and no others.
    public let id: UInt64
    /// Committed, as all in a snapshot is.
    public let index: LogIndex
    /// Of the entry at `index`.
    public let term: Term
    /// As of `index`.
    public let membership: Membership
    public let byteCount: Int

    public init(id: UInt64, index: LogIndex, term: Term, membership: Membership, byteCount: Int) {
        precondition(byteCount > 0, "a snapshot has bytes")
        self.id = id
        self.index = index
        self.term = term
        self.membership = membership
        self.byteCount = byteCount
    }
}
