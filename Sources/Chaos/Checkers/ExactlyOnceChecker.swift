/// Acknowledged payments are in every PostgreSQL once; those of unknown outcome once at most, and everywhere or nowhere;
/// refused ones not at all. A key names one payment. The profiles count what the tables hold.
package struct ExactlyOnceChecker: Checker {
    private static let least = 50

    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        let fates = PaymentFates(history.calls)
        var wrong = missing(history)
        for (key, ids) in fates.idsByKey where ids.count > 1 {
            wrong.append("key \(key) was answered with \(ids.count) payments: \(ids.sorted().joined(separator: ", "))")
        }
        for stored in history.stored { wrong += check(stored, fates) }
        wrong += unequal(history.stored)
        let acknowledged = fates.count(.acknowledged)
        return .of(
            "exactly-once", wrong: wrong,
            looked:
                "\(acknowledged) payments acknowledged, \(fates.count(.unknown)) unknown, \(fates.count(.refused)) refused",
            isExercised: acknowledged >= Self.least)
    }

    /// Nothing can be said of nodes whose content is not known.
    private func missing(_ history: RunHistory) -> [String] {
        history.nodes.filter { node in !history.stored.contains { $0.node == node } }
            .map { "node \($0): what it holds could not be read" }
    }

    private func check(_ stored: StoredRecord, _ fates: PaymentFates) -> [String] {
        var wrong: [String] = []
        var counts: [String: Int] = [:]
        for id in stored.transactions { counts[id, default: 0] += 1 }
        for (id, fate) in fates.fates {
            let count = counts[id] ?? 0
            switch fate {
            case .acknowledged where count == 0: wrong.append("node \(stored.node): \(id) was acknowledged and is lost")
            case .refused where count > 0: wrong.append("node \(stored.node): \(id) was refused and is there")
            default: break
            }
        }
        for (id, count) in counts where count > 1 { wrong.append("node \(stored.node): \(id) is there \(count) times") }
        let strangers = counts.keys.count { fates.fates[$0] == nil }
        if strangers > fates.nameless {
            wrong.append("node \(stored.node): \(strangers) payments that nobody made, \(fates.nameless) may be")
        }
        if stored.counted != stored.transactions.count {
            wrong.append(
                "node \(stored.node): the ledger counts \(stored.counted), the table \(stored.transactions.count)")
        }
        return (wrong + profiles(stored, fates)).sorted()
    }

    private func profiles(_ stored: StoredRecord, _ fates: PaymentFates) -> [String] {
        var perUser: [String: Int] = [:]
        for id in stored.transactions { if let user = fates.users[id] { perUser[user, default: 0] += 1 } }
        return stored.profiles.compactMap { user, count in
            let least = perUser[user] ?? 0
            let most = least + (fates.namelessByUser[user] ?? 0)
            return (least...most).contains(count)
                ? nil : "node \(stored.node): the profile of \(user) counts \(count) payments, the table \(least)"
        }
    }

    /// At the end all nodes have applied the same.
    private func unequal(_ stored: [StoredRecord]) -> [String] {
        guard let first = stored.first else { return [] }
        let ids = Set(first.transactions)
        return stored.dropFirst().compactMap { other in
            let difference = ids.symmetricDifference(other.transactions)
            guard let example = difference.min() else { return nil }
            return "nodes \(first.node) and \(other.node) differ in \(difference.count) payments, such as \(example)"
        }
    }
}
