import Ledger

extension Command {
    /// Transactions that it adds.
    var recordCount: Int {
        switch self {
        case .transactions(_, let groups): groups.reduce(0) { $0 + $1.records.count }
        case .verify: 0
        }
    }
}
