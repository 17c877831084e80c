/// How much the replicated state remembers. Part of the cluster's agreement: all nodes must have the same numbers.
public struct LedgerConfiguration: Sendable, Equatable {
    /// Transaction ids kept to recognise repetitions; half of them in each of two generations. About 90 bytes each.
    public var transactionIDs: Int
    /// Idempotency keys, likewise. About 150 bytes each.
    public var idempotencyKeys: Int
    /// Users with a profile, likewise. At most 1.5 KB each.
    public var users: Int

    /// Merchants with a profile, likewise.
    public var merchants: Int
    /// Payments whose newest label is known without a look at the database, likewise, labels that are known by their numbers,
    /// and alerts of which it is known where they stand. About 60, 40 and 120 bytes each.
    public var labels: Int

    public init(
        transactionIDs: Int = 1_000_000, idempotencyKeys: Int = 200_000, users: Int = 200_000,
        merchants: Int = 50_000, labels: Int = 100_000
    ) {
        precondition(
            min(transactionIDs, idempotencyKeys, users, merchants, labels) >= 2, "each memory holds at least two")
        self.transactionIDs = transactionIDs
        self.idempotencyKeys = idempotencyKeys
        self.users = users
        self.merchants = merchants
        self.labels = labels
    }
}
