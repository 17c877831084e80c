import Ledger
import Raft

/// Where an alert stands.
func place(_ index: UInt64, _ ordinal: UInt32 = 0) -> OutboxPosition {
    OutboxPosition(index: LogIndex(index), ordinal: ordinal)
}
