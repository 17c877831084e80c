public import Raft
public import Security

/// What the ledger cannot take, and where it met it. Nothing of the call that threw it remains in the state.
public enum LedgerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A group holds a body that cannot be opened: its node has another key, or the record was changed on its way.
    case sealedBody(group: Int, id: TransactionID, cause: SecurityError)
    /// A body opened, but what is in it is no transaction, or not that of the record around it.
    case malformedBody(group: Int, id: TransactionID, reason: String)
    /// An entry stands before what was folded already, or not right after it.
    case outOfOrder(index: LogIndex, applied: LogIndex)
    /// An entry holds an id that an earlier entry has brought: nothing but a fault of a leader makes one.
    case repeatedID(index: LogIndex, id: TransactionID)
    /// An entry holds a stretch of a stream that does not fit: likewise.
    case streamOutOfPlace(index: LogIndex, partition: StreamPartition, StreamRefusal)
    /// An entry's time is less than that of the entry before.
    case timeWentBack(index: LogIndex)
    /// An entry holds a change that can't be made here, though the leader made it.
    case impossibleChange(index: LogIndex)

    public var description: String {
        switch self {
        case .sealedBody(let group, let id, let cause): "group \(group), \(id): \(cause)"
        case .malformedBody(let group, let id, let reason): "group \(group), \(id): \(reason)"
        case .outOfOrder(let index, let applied): "entry \(index) cannot follow entry \(applied)"
        case .repeatedID(let index, let id): "entry \(index) brings \(id) a second time"
        case .streamOutOfPlace(let index, let partition, let refusal):
            "entry \(index) holds a stretch of \(partition) that does not fit: \(refusal)"
        case .timeWentBack(let index): "entry \(index) is older than the entry before it"
        case .impossibleChange(let index): "entry \(index) holds a change that can't be made"
        }
    }
}
