/// What all checkers together say of a run.
package struct Verdict: Sendable, Codable {
    package var scenario: String
    package var seed: UInt64
    package var results: [CheckResult]

    package static let checkers: [any Checker] = [
        ExerciseChecker(), TroubleChecker(), ExactlyOnceChecker(), StreamChecker(), DigestChecker(), AlertChecker(),
        DeliveryChecker(), PresenceChecker(), RegisterChecker(), MonotonicChecker(), AvailabilityChecker(),
        RecoveryChecker(), BoundsChecker(),
    ]

    package init(_ history: RunHistory, checkers: [any Checker] = Verdict.checkers) {
        scenario = history.scenario
        seed = history.seed
        results = checkers.map { $0.check(history) }
    }

    package var isPass: Bool { results.allSatisfy { $0.verdict == .passed } }

    /// Nothing is wrong but what a machine that stands still can bring about: deadlines were missed, or too little happened.
    package var isMatterOfTime: Bool {
        results.allSatisfy { $0.verdict != .failed || ["availability", "recovery"].contains($0.name) }
    }

    /// One line for people.
    package var line: String {
        let bad = results.filter { $0.verdict != .passed }
        guard let first = bad.first else {
            let said = results.filter { ["exercise", "exactly-once", "recovery"].contains($0.name) }.flatMap(\.details)
            return "PASS \(scenario) seed \(seed): \(said.joined(separator: "; "))"
        }
        let word = bad.contains { $0.verdict == .failed } ? "FAIL" : "NOT EXERCISED"
        return
            "\(word) \(scenario) seed \(seed): \(bad.map(\.name).joined(separator: ", ")): \(first.details.first ?? "")"
    }
}
