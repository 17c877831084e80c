/// All nodes have the same content, by the product's own digest of tables and profiles.
package struct DigestChecker: Checker {
    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        var wrong: [String] = []
        for node in history.nodes where history.stored.first(where: { $0.node == node })?.digest == nil {
            wrong.append("node \(node) told no digest")
        }
        let digests = Dictionary(grouping: history.stored.filter { $0.digest != nil }) { $0.digest! }
        if digests.count > 1 {
            wrong.append(
                "digests differ: "
                    + digests.map { "\($0.key.prefix(12)) on \($0.value.map(\.node))" }.sorted().joined(separator: "; ")
            )
        }
        if Set(history.stored.compactMap(\.digestIndex)).count > 1 { wrong.append("digests are of different indexes") }
        return .of(
            "digests", wrong: wrong,
            looked: "\(history.stored.count) nodes, digest \(digests.keys.first?.prefix(12) ?? "")")
    }
}
