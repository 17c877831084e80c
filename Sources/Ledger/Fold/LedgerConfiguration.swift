/// How much the replicated state remembers. Part of the cluster's agreement: all nodes must have the same numbers.
public struct LedgerConfiguration: Sendable, Equatable {
    /// Transaction ids kept to recognise repetitions; half of them in each of two generations. About 90 bytes each.
    public var transactionIDs: Int
    /// Idempotency keys, likewise. About 150 bytes each.
    public var idempotencyKeys: Int
    /// Users with a profile, likewise. At most 1.5 KB each.
    public var users: Int

    public init(transactionIDs: Int = 1_000_000, idempotencyKeys: Int = 200_000, users: Int = 200_000) {
        precondition(min(transactionIDs, idempotencyKeys, users) >= 2, "each memory holds at least two")
        self.transactionIDs = transactionIDs
        self.idempotencyKeys = idempotencyKeys
        self.users = users
    }
}
