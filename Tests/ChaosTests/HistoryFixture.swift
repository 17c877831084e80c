import Chaos

/// A run in which all is well; tests spoil it in one place.
enum HistoryFixture {
    static let ids = (0..<60).map { "txn_\($0)" }

    static func call(
        _ number: Int, _ kind: CallRecord.Kind, _ outcome: CallRecord.Outcome, _ transactions: [String], at: Int64,
        took: Int64 = 1_000, node: Int = 1, value: String? = nil, effect: String? = nil, key: String? = nil,
        status: Int? = 202
    ) -> CallRecord {
        CallRecord(
            number: number, operation: number, client: 1, node: node, kind: kind, sent: at, ended: at + took,
            outcome: outcome, status: status, transactions: transactions,
            users: kind == .label || kind == .read || kind == .readLocal ? nil : transactions.map { _ in "user" },
            key: key,
            value: value, effect: effect)
    }

    static func good() -> RunHistory {
        var history = RunHistory()
        history.scenario = "test"
        var at: Int64 = 0
        var number = 0
        func next() -> (Int, Int64) {
            number += 1
            at += 10_000
            return (number, at)
        }
        for id in ids {
            let (number, at) = next()
            history.calls.append(call(number, .pay, .ok, [id], at: at))
        }
        for id in ids {
            let (number, at) = next()
            history.calls.append(call(number, .read, .ok, [id], at: at, node: 2, value: "none", status: 200))
        }
        var verdict = "none"
        for round in 0..<40 {
            let (number, at) = next()
            if round % 4 == 0 {
                let word = round % 8 == 0 ? "fraud" : "legitimate"
                let effect = verdict == "none" ? "accepted" : "changed"
                verdict = "\(word):s\(round)"
                history.calls.append(
                    call(number, .label, .ok, [ids[0]], at: at, value: verdict, effect: effect, status: 200))
            } else {
                history.calls.append(call(number, .read, .ok, [ids[0]], at: at, node: 3, value: verdict, status: 200))
            }
        }
        history.faults = [
            FaultRecord(
                number: 1, name: "kill-leader", started: 100_000, ended: 300_000, excused: [1], evidence: "gone")
        ]
        for node in 1...3 {
            for moment in stride(from: Int64(0), to: 3_000_000, by: 100_000) {
                history.views.append(
                    ViewRecord(
                        node: node, at: moment, ready: true, leader: 1, term: 1, commit: UInt64(moment), applied: 1,
                        boot: "0.1", residentBytes: 1 << 20, diskBytes: 1 << 20))
            }
            history.stored.append(
                StoredRecord(
                    node: node, transactions: ids, suspicious: [ids[1]], alerts: [ids[1]],
                    profiles: ["user": ids.count],
                    digest: "ab", digestIndex: 7))
        }
        history.healed = 300_000
        history.ended = 3_000_000
        return history
    }
}
