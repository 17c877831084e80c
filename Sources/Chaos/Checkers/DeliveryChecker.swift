/// A receiver that drops repetitions by their ids hears of each payment that was not approved, of no other, and of each
/// user's in the order of the ledger. Repetitions are told, and no fault: alerts are delivered at least once.
package struct DeliveryChecker: Checker {
    private static let least = 10

    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        guard let received = history.received else {
            return .of("deliveries", wrong: [], looked: "nobody was told of alerts")
        }
        let raised = Set(history.stored.flatMap(\.suspicious))
        var wrong: [String] = []
        var first: [String: String] = [:]
        var last: [String: [UInt64]] = [:]
        for one in received {
            if !one.genuine { wrong.append("\(one.alert) came with a signature or a name that is not its own") }
            if let position = first[one.alert] {
                if position != one.position {
                    wrong.append("\(one.alert) came from position \(position), and again from \(one.position)")
                }
                continue
            }
            first[one.alert] = one.position
            guard let position = Self.position(one.position) else {
                wrong.append("\(one.alert) came from \(one.position), which is no position")
                continue
            }
            if let before = last[one.user], !before.lexicographicallyPrecedes(position) {
                wrong.append("\(one.alert) of \(one.user), position \(one.position), came after a later one")
            }
            last[one.user] = position
        }
        wrong += raised.subtracting(first.keys).sorted().map { "\($0) is suspicious, and its alert never came" }
        wrong += Set(first.keys).subtracting(raised).sorted().map { "the alert of \($0) came, and nobody raised it" }
        return .of(
            "deliveries", wrong: wrong,
            looked: "\(first.count) alerts of \(last.count) users, \(received.count - first.count) repetitions",
            isExercised: raised.count >= Self.least)
    }

    /// The entry's index and the alert's number in it.
    private static func position(_ text: String) -> [UInt64]? {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt64($0) }
        return numbers.count == 2 ? numbers : nil
    }
}
