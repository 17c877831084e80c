/// The labels of a few payments are registers: written at any node, read at any node, as if there were one copy.
package struct RegisterChecker: Checker {
    private static let least = 30

    package init() {}

    enum Step: Sendable {
        /// Another verdict takes the place of what is there; the same changes nothing, and the answer says which it was.
        case label(String, effect: String?)
        case read(String)
    }

    package func check(_ history: RunHistory) -> CheckResult {
        let keys = Set(history.calls.filter { $0.kind == .label }.flatMap(\.transactions)).sorted()
        var wrong: [String] = []
        var undecided = 0
        var reads = 0
        var writes = 0
        for key in keys {
            let calls = history.calls.compactMap { call in call.transactions.first == key ? self.call(call) : nil }
            reads += calls.count { if case .read = $0.step { true } else { false } }
            writes += calls.count { if case .label = $0.step { true } else { false } }
            switch Linearizability.check(calls, initial: "none", apply: Self.apply) {
            case .linearizable: break
            case .undecided: undecided += 1
            case .violated:
                wrong.append("the label of \(key): no order explains the answers of its \(calls.count) calls")
            }
            wrong += Self.phantoms(key, history.calls)
        }
        return .of(
            "registers", wrong: wrong,
            looked: "\(keys.count) registers, \(writes) writes, \(reads) reads, \(undecided) undecided",
            isExercised: reads >= Self.least && writes > 0 && undecided == 0)
    }

    private func call(_ call: CallRecord) -> Linearizability.Call<Step>? {
        switch (call.kind, call.outcome, call.value) {
        case (.label, .ok, .some(let value)):
            Linearizability.Call(.label(value, effect: call.effect), invoked: call.sent, returned: call.ended)
        case (.label, .unknown, .some(let value)):
            Linearizability.Call(.label(value, effect: nil), invoked: call.sent, returned: nil)
        case (.read, .ok, .some(let value)):
            Linearizability.Call(.read(value), invoked: call.sent, returned: call.ended)
        default: nil
        }
    }

    static func apply(_ step: Step, _ state: String) -> String? {
        switch step {
        case .read(let value): return value == state ? state : nil
        case .label(let value, let effect):
            let isSame = verdict(value) == verdict(state)
            switch effect {
            case nil: return isSame ? state : value
            case "accepted": return state == "none" ? value : nil
            case "changed": return state != "none" && !isSame ? value : nil
            case "unchanged": return isSame ? state : nil
            default: return nil
            }
        }
    }

    /// A read on the node alone may be old, but says nothing that was never written.
    private static func phantoms(_ key: String, _ calls: [CallRecord]) -> [String] {
        let written = calls.filter { $0.kind == .label && $0.transactions.first == key && $0.outcome != .refused }
        return calls.compactMap { call in
            guard call.kind == .readLocal, call.outcome == .ok, call.transactions.first == key, let value = call.value,
                value != "none", value != "absent",
                !written.contains(where: { $0.value == value && $0.sent <= call.ended })
            else { return nil }
            return "node \(call.node) has \(value) for \(key), which nobody wrote"
        }
    }

    private static func verdict(_ value: String) -> Substring { value.prefix { $0 != ":" } }
}
