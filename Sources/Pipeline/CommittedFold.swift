package import Ledger
package import Raft
import Threads

/// The fold of the log through one committed entry, and nothing that runs ahead of it.
package struct CommittedFold: Sendable {
    /// At the index that the entry has.
    package var state: LedgerState
    /// The entry's.
    package var term: Term
    /// The newest at or below the entry.
    package var membership: Membership

    package init(state: LedgerState, term: Term, membership: Membership) {
        self.state = state
        self.term = term
        self.membership = membership
    }

    package var index: LogIndex { state.applied }

    func checkpoint(clusterID: String, pace: Pace = .unlimited) -> LedgerCheckpoint {
        LedgerCheckpoint(
            clusterID: clusterID, index: index, term: term, membership: membership, state: state.encode(pace: pace))
    }
}
