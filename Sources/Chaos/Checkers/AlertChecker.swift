/// Every payment that was not approved has one alert on every node, and nothing else has.
package struct AlertChecker: Checker {
    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        var wrong: [String] = []
        guard history.stored.contains(where: { $0.alerts != nil }) else {
            return .of("alerts", wrong: [], looked: "these nodes know no alerts")
        }
        for stored in history.stored {
            var counts: [String: Int] = [:]
            for id in stored.alerts ?? [] { counts[id, default: 0] += 1 }
            let suspicious = Set(stored.suspicious)
            for id in suspicious where counts[id] == nil { wrong.append("node \(stored.node): \(id) has no alert") }
            for (id, count) in counts {
                if count > 1 { wrong.append("node \(stored.node): \(id) has \(count) alerts") }
                if !suspicious.contains(id) { wrong.append("node \(stored.node): \(id) is approved and has an alert") }
            }
        }
        let count = history.stored.first?.alerts?.count ?? 0
        return .of("alerts", wrong: wrong.sorted(), looked: "\(count) alerts", isExercised: count > 0)
    }
}
