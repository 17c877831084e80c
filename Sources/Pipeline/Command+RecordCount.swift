import Ledger

extension Command {
    /// Rows that PostgreSQL gets of it.
    var recordCount: Int {
        switch self {
        case .transactions(_, let groups, _): groups.reduce(0) { $0 + $1.records.count + $1.deadLetters.count }
        case .labels(_, let labels): labels.count
        case .reviews(_, let reviews): reviews.count
        case .change, .stream: 1
        case .verify, .outbox: 0
        }
    }
}
