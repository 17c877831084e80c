/// Every record of the topic that was no payment is a dead letter on every node, once, and nothing else is. What becomes of
/// those that are payments is for `ExactlyOnceChecker`.
package struct StreamChecker: Checker {
    private static let least = 50
    /// A record whose fate is unknown may have been sent again by a new client.
    private static let mostCopies = 2

    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        let records = history.calls.filter { $0.kind == .stream || $0.kind == .poison }
        guard !records.isEmpty || history.stored.contains(where: { $0.deadLetters != nil }) else {
            return .of("streams", wrong: [], looked: "no payments through Kafka")
        }
        let payments = records.count { $0.kind == .stream && $0.outcome == .ok }
        let poison = records.filter { $0.kind == .poison && $0.outcome == .ok }.compactMap(\.value)
        let unknown = records.count { $0.kind == .poison && $0.outcome == .unknown }
        var wrong: [String] = []
        for stored in history.stored { wrong += Self.check(stored, Set(poison), unknown: unknown) }
        return .of(
            "streams", wrong: wrong,
            looked: "\(payments) payments on the topic, \(poison.count) records that are none, \(unknown) unknown",
            isExercised: payments >= Self.least && !poison.isEmpty)
    }

    private static func check(_ stored: StoredRecord, _ poison: Set<String>, unknown: Int) -> [String] {
        guard let letters = stored.deadLetters else {
            return ["node \(stored.node): what dead letters it has could not be read"]
        }
        var counts: [String: Int] = [:]
        for place in letters { counts[place, default: 0] += 1 }
        var wrong = poison.filter { counts[$0] == nil }.map {
            "node \(stored.node): the record at \($0) is no payment and no dead letter"
        }
        for (place, count) in counts where count > 1 {
            wrong.append("node \(stored.node): the record at \(place) is a dead letter \(count) times")
        }
        let strangers = counts.keys.filter { !poison.contains($0) }.sorted()
        if strangers.count > unknown * mostCopies {
            wrong.append(
                "node \(stored.node): \(strangers.count) dead letters that should be payments or nothing, such as "
                    + strangers[0])
        }
        return wrong.sorted()
    }
}
