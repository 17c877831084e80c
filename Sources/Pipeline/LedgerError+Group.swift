import Ledger

extension LedgerError {
    /// The position of the group that alone is to blame.
    var group: Int? {
        switch self {
        case .sealedBody(let group, _, _), .malformedBody(let group, _, _): group
        case .outOfOrder, .repeatedID, .streamOutOfPlace, .timeWentBack, .impossibleChange: nil
        }
    }
}
