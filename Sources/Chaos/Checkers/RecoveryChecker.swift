/// Soon after the last fault payments go through again, and somewhat later every node is ready.
package struct RecoveryChecker: Checker {
    private let writeSeconds: Double
    private let readySeconds: Double

    package init(writeSeconds: Double = 10, readySeconds: Double = 90) {
        self.writeSeconds = writeSeconds
        self.readySeconds = readySeconds
    }

    package func check(_ history: RunHistory) -> CheckResult {
        var wrong: [String] = []
        // Brokers say nothing of the nodes.
        let write = history.calls.lazy.filter {
            $0.isPayment && $0.acknowledger == nil && $0.outcome == .ok && $0.sent >= history.healed
        }.map(\.ended).min()
        let writeTook = write.map { Double($0 - history.healed) / 1_000_000 }
        if writeTook ?? .infinity > writeSeconds {
            wrong.append(
                "the first payment after the last fault went through after \(Self.text(writeTook)), allowed \(writeSeconds) s"
            )
        }
        var slowest = 0.0
        for node in history.nodes {
            let ready = history.views.lazy.filter { $0.node == node && $0.ready && $0.at >= history.healed }.map(\.at)
                .min()
            let took = ready.map { Double($0 - history.healed) / 1_000_000 }
            if took ?? .infinity > readySeconds {
                wrong.append("node \(node) was ready after \(Self.text(took)), allowed \(readySeconds) s")
            }
            slowest = max(slowest, took ?? 0)
        }
        return .of(
            "recovery", wrong: wrong,
            looked: "first payment after \(Self.text(writeTook)), all ready after \(Self.text(slowest))")
    }

    private static func text(_ seconds: Double?) -> String {
        seconds.map { "\(($0 * 1_000).rounded() / 1_000) s" } ?? "no time at all: never"
    }
}
