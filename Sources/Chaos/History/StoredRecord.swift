/// What one node holds at the end: its PostgreSQL, and what it says of it.
package struct StoredRecord: Codable, Sendable, Equatable {
    package var node: Int
    /// Each payment in the table, as often as it is there.
    package var transactions: [String]
    /// Those of them that are not approved.
    package var suspicious: [String]
    /// The alerts' payments, as often as they are there; absent if the build knows no alerts.
    package var alerts: [String]?
    /// Where the records stand that were no payments, `topic/partition@offset`; absent without Kafka.
    package var deadLetters: [String]?
    /// What the ledger's own row says how many payments there are.
    package var counted: Int
    /// Payments in each user's profile.
    package var profiles: [String: Int]
    /// Absent if the node did not tell.
    package var digest: String?
    package var digestIndex: Int?

    package init(
        node: Int, transactions: [String], suspicious: [String] = [], alerts: [String]? = nil,
        deadLetters: [String]? = nil, counted: Int? = nil, profiles: [String: Int] = [:], digest: String? = nil,
        digestIndex: Int? = nil
    ) {
        self.node = node
        self.transactions = transactions
        self.suspicious = suspicious
        self.alerts = alerts
        self.deadLetters = deadLetters
        self.counted = counted ?? transactions.count
        self.profiles = profiles
        self.digest = digest
        self.digestIndex = digestIndex
    }
}
