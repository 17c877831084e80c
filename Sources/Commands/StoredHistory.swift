import Detection
import Ledger
import Node
import Security
import Training

/// What a node's PostgreSQL holds, as history to learn from: payments and labels in the order of the log.
struct StoredHistory: HistorySource {
    /// The rules and lists that are active at the end.
    let rules: RuleProgram
    let lists: ValueLists
    let users: Int
    let merchants: Int
    private let history: LedgerHistory
    private var place = LedgerHistory.Place()
    private var opener: HistoryOpener
    private var items: ArraySlice<Ledger.HistoryItem> = []
    private var numbers: [TransactionID: Int] = [:]

    /// - Parameter configurationPath: of the node: where its PostgreSQL is, and the key that opens the payments.
    init(configurationPath: String) throws {
        let configuration = try NodeConfiguration.load(path: configurationPath)
        opener = HistoryOpener(sealer: Sealer(key: try SealingKey.load(path: configuration.sealingKeyPath)))
        history = try LedgerHistory(connectionString: configuration.postgres)
        let registry = try history.registry()
        rules = try registry.activeRulesText.map { text throws(RuleError) in try RuleProgram(yaml: text) } ?? .standard
        lists = registry.valueLists
        users = configuration.limits.usersRemembered
        merchants = configuration.limits.merchantsRemembered
    }

    var fraction: Double? { history.transactions > 0 ? Double(numbers.count) / Double(history.transactions) : 1 }

    mutating func next() throws(TrainingError) -> Training.HistoryItem? {
        do {
            while true {
                while let item = items.popFirst() {
                    if let known = try training(item) { return known }
                }
                guard let next = try history.next(&place) else { return nil }
                items = next[...]
            }
        } catch {
            throw TrainingError("the history in PostgreSQL: \(error)")
        }
    }

    /// Nil for what nothing is learnt from.
    private mutating func training(_ item: Ledger.HistoryItem) throws -> Training.HistoryItem? {
        switch item {
        case .transaction(let transaction):
            let number = numbers.count
            numbers[transaction.id] = number
            return .payment(try opener.event(of: transaction), number: number)
        case .label(let label):
            guard let number = numbers[label.id] else { return nil }
            return .label(try opener.event(of: label), number: number)
        case .change: return nil
        }
    }
}
