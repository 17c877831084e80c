/// A payment is a register that is written once: a linearizable read finds it if it was acknowledged, or seen, before the
/// read was sent, and never finds one that was only refused.
package struct PresenceChecker: Checker {
    private static let least = 30

    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        let fates = PaymentFates(history.calls).fates
        // From then on everybody must see it. What the brokers have the ledger may not have yet.
        var known: [String: Int64] = [:]
        var begun: [String: Int64] = [:]
        for call in history.calls {
            let isSeen = call.kind == .read && call.outcome == .ok && call.value != "absent"
            let isAcknowledged = call.isPayment && call.outcome == .ok && call.acknowledger == nil
            for id in call.transactions where isSeen || isAcknowledged {
                known[id] = min(known[id] ?? .max, call.ended)
            }
            for id in call.transactions where call.isPayment { begun[id] = min(begun[id] ?? .max, call.sent) }
        }
        var wrong: [String] = []
        var reads = 0
        for call in history.calls where call.kind == .read && call.outcome == .ok {
            guard let id = call.transactions.first else { continue }
            reads += 1
            if call.value == "absent", let since = known[id], since < call.sent {
                wrong.append(
                    "call \(call.number): node \(call.node) does not know \(id), known \(call.sent - since) µs before")
            }
            if call.value != "absent", fates[id] == .refused {
                wrong.append("call \(call.number): node \(call.node) has \(id), which was refused")
            }
            if call.value != "absent", let first = begun[id], call.ended < first {
                wrong.append("call \(call.number): node \(call.node) had \(id) before it was sent")
            }
        }
        return .of("reads", wrong: wrong, looked: "\(reads) linearizable reads", isExercised: reads >= Self.least)
    }
}
