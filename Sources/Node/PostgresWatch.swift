package import Raft

/// Whether this node's PostgreSQL does its work: it is connected, and does not stand still before entries that it could
/// take, as it does while somebody holds a table. Then look-ups wait, too.
package struct PostgresWatch {
    /// A large batch takes less.
    static let patience: Duration = .seconds(1)

    private var applied = LogIndex.zero
    private var movedAt: ContinuousClock.Instant?

    package init() {}

    /// To be asked again and again.
    ///
    /// - Parameters:
    ///   - applied: the last entry in the database.
    ///   - lag: how many committed entries it lacks.
    package mutating func isServing(
        isConnected: Bool, applied: LogIndex, lag: Int, now: ContinuousClock.Instant
    ) -> Bool {
        guard isConnected else {
            movedAt = nil
            return false
        }
        let hasMoved = lag == 0 || applied != self.applied
        let since = hasMoved ? now : movedAt ?? now
        self.applied = applied
        movedAt = since
        return now - since < Self.patience
    }
}
