/// Nodes that no fault excuses serve, as long as they are a majority: no 5xx, no silence, no closed connection.
package struct AvailabilityChecker: Checker {
    /// After a fault's end, and a node's becoming ready, until everything counts again.
    static let graceMicroseconds: Int64 = 2_000_000
    /// So much more for what brokers acknowledge: a connection that was begun just before the cable was whole is given up
    /// after two seconds, and the next one waits for up to one.
    static let brokerGraceMicroseconds: Int64 = 3_000_000

    package init() {}

    package func check(_ history: RunHistory) -> CheckResult {
        let excuses = Excuses(history)
        var wrong: [String] = []
        var judged = 0
        for call in history.calls where call.node != CallRecord.brokers && !excuses.cover(call) {
            judged += 1
            let isServerError = call.status.map { $0 >= 500 } ?? false
            guard isServerError || call.status == nil else { continue }
            wrong.append(
                "call \(call.number): node \(call.node) at \(call.sent / 1_000) ms after \((call.ended - call.sent) / 1_000) ms: "
                    + "\(call.status.map(String.init) ?? "no answer") \(call.problem ?? "")")
        }
        return .of(
            "availability", wrong: wrong, looked: "\(judged) of \(history.calls.count) calls judged",
            isExercised: judged > 0)
    }
}

/// When a node, or all of them, may fail.
struct Excuses {
    /// Later than anything, with room for what is added to times.
    private static let never: Int64 = .max / 2

    private var spans: [Int: [ClosedRange<Int64>]] = [:]
    /// While there was no majority without excuse.
    private var everywhere: [ClosedRange<Int64>] = []

    init(_ history: RunHistory) {
        for fault in history.faults {
            for node in fault.excused {
                let end = Self.recovered(node, after: fault.ended, history)
                spans[node, default: []].append(fault.started...max(fault.started, end))
            }
        }
        let majority = history.nodes.count / 2 + 1
        let edges = Set(spans.values.joined().flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
        for (begin, end) in zip(edges, edges.dropFirst()) {
            let middle = begin + (end - begin) / 2
            let down = history.nodes.count { node in spans[node, default: []].contains { $0.contains(middle) } }
            if history.nodes.count - down < majority {
                everywhere.append(begin...end + AvailabilityChecker.graceMicroseconds)
            }
        }
    }

    func cover(_ call: CallRecord) -> Bool {
        let grace = call.acknowledger == .brokers ? AvailabilityChecker.brokerGraceMicroseconds : 0
        let span = (call.sent - grace)...max(call.sent, call.ended)
        return spans[call.node, default: []].contains { $0.overlaps(span) } || everywhere.contains { $0.overlaps(span) }
    }

    /// When the node was ready for the first time after that, and a moment more.
    private static func recovered(_ node: Int, after: Int64, _ history: RunHistory) -> Int64 {
        let ready = history.views.lazy.filter { $0.node == node && $0.ready && $0.at >= after }.map(\.at).min()
        return ready.map { $0 + AvailabilityChecker.graceMicroseconds } ?? never
    }
}
