package import Raft

/// To whom a leader whose PostgreSQL is away or stands still hands over.
///
/// It orders payments without it, but can't look up what a label, a review or a possible repetition is about, and delivers
/// no alerts. So it makes room, if there is somebody to make room for: where nobody's PostgreSQL is there, leading without one
/// is better than not leading.
package struct Succession {
    /// How long PostgreSQL is given to come back; a restart takes less.
    static let patience: Duration = .seconds(2)
    /// How long a node's word that it is ready holds.
    static let validity: Duration = .milliseconds(1_500)

    private var ready: [NodeID: ContinuousClock.Instant] = [:]
    private var awaySince: ContinuousClock.Instant?

    package init() {}

    /// A member says how it is.
    package mutating func heard(from node: NodeID, isReady: Bool, now: ContinuousClock.Instant) {
        ready[node] = isReady ? now : nil
    }

    /// To be asked again and again. Who is named was not named for the last `patience`, so that an attempt that failed is not
    /// made again at once.
    ///
    /// - Parameter voters: who may lead, this node among them or not.
    package mutating func successor(
        isPostgresServing: Bool, among voters: [NodeID], now: ContinuousClock.Instant
    ) -> NodeID? {
        guard !isPostgresServing else {
            awaySince = nil
            return nil
        }
        let since = awaySince ?? now
        awaySince = since
        guard now - since >= Self.patience else { return nil }
        let heir = voters.first { voter in ready[voter].map { now - $0 <= Self.validity } ?? false }
        if heir != nil { awaySince = now }
        return heir
    }
}
