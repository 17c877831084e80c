/// What nodes say of themselves only goes forward, and no term has two leaders.
package struct MonotonicChecker: Checker {
    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        var wrong: [String] = []
        for node in history.nodes {
            // An observer's questions to one node follow each other.
            let views = history.views.filter { $0.node == node && $0.term != nil }.sorted { $0.at < $1.at }
            for (before, after) in zip(views, views.dropFirst()) where before.boot == after.boot {
                wrong += Self.backward("term", before, after, before.term, after.term)
                wrong += Self.backward("commit index", before, after, before.commit, after.commit)
            }
        }
        var leaders: [UInt64: Set<Int>] = [:]
        for view in history.views {
            if let term = view.term, view.leader == view.node { leaders[term, default: []].insert(view.node) }
        }
        for (term, nodes) in leaders where nodes.count > 1 {
            wrong.append("term \(term) has the leaders \(nodes.sorted())")
        }
        return .of(
            "monotonic", wrong: wrong, looked: "\(history.views.count) views, \(leaders.count) terms with a leader",
            isExercised: !leaders.isEmpty)
    }

    private static func backward(
        _ what: String, _ before: ViewRecord, _ after: ViewRecord, _ was: UInt64?, _ isNow: UInt64?
    ) -> [String] {
        guard let was, let isNow, isNow < was else { return [] }
        return ["node \(before.node): \(what) \(was) at \(before.at) µs, \(isNow) at \(after.at) µs"]
    }
}
