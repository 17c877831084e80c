import Foundation
import RaftSimulator

/// A batch's summary, for people and for programs.
struct Report {
    private let summary: BatchSummary

    init(_ summary: BatchSummary) { self.summary = summary }

    private struct Content: Encodable {
        struct Fault: Encodable {
            var planned: Int
            var exercised: Int
        }
        struct Failure: Encodable {
            var seed: UInt64
            var what: String
        }
        var seeds: Int
        var steps: Int
        var calls: Int
        var simulated_seconds: Double
        var wall_seconds: Double
        var ratio: Double
        var longest_peace_seconds: Double
        var undecided_histories: Int
        var faults: [String: Fault]
        var events: [String: Int]
        var unexercised: [String]
        var failures: [Failure]
    }

    var json: String {
        let content = Content(
            seeds: summary.seeds, steps: summary.steps, calls: summary.calls,
            simulated_seconds: rounded(summary.simulatedSeconds), wall_seconds: rounded(summary.wallSeconds),
            ratio: rounded(summary.ratio), longest_peace_seconds: rounded(summary.longestPeaceSeconds),
            undecided_histories: summary.undecided,
            faults: Dictionary(
                uniqueKeysWithValues: FaultKind.allCases.map { kind in
                    let tally = summary.tally
                    return ("\(kind)", Content.Fault(planned: tally.planned(kind), exercised: tally.exercised(kind)))
                }),
            events: Dictionary(uniqueKeysWithValues: Evidence.allCases.map { ("\($0)", summary.tally[$0]) }),
            unexercised: summary.unexercised,
            failures: summary.failures.map { Content.Failure(seed: $0.seed, what: $0.what) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(content) else { preconditionFailure("a summary can be encoded") }
        return String(decoding: data, as: UTF8.self)
    }

    var text: String {
        var lines = [
            "\(summary.seeds) seeds, \(summary.steps) steps, \(summary.calls) calls: "
                + "\(Int(summary.simulatedSeconds)) simulated seconds in \(rounded(summary.wallSeconds)) s "
                + "(\(Int(summary.ratio)) a second)"
        ]
        for kind in FaultKind.allCases {
            lines.append("  \(kind): \(summary.tally.exercised(kind)) of \(summary.tally.planned(kind)) exercised")
        }
        for evidence in Evidence.allCases { lines.append("  \(evidence): \(summary.tally[evidence])") }
        if !summary.unexercised.isEmpty {
            lines.append("NEVER EXERCISED: \(summary.unexercised.joined(separator: ", "))")
        }
        for failure in summary.failures { lines.append("FAILED seed \(failure.seed): \(failure.what)") }
        if summary.isGood { lines.append("all is well") }
        return lines.joined(separator: "\n")
    }

    static func text(of plan: Plan) -> String {
        var text = "its plan, made as small as it can be:\n  \(plan.shape)\n"
        text += "  \(plan.operations.count) calls, \(plan.hostileTime / 1_000) ms of faults\n"
        for planned in plan.faults { text += "  at \(planned.time / 1_000) ms: \(planned.fault)\n" }
        return text
    }

    private func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}
