/// What one checker says of a run.
package struct CheckResult: Sendable, Equatable, Codable {
    package enum Verdict: String, Sendable, Codable {
        case passed
        case failed
        /// The run did not do enough to say anything: as bad as a failure, for it proves nothing.
        case notExercised = "not-exercised"
    }

    package var name: String
    package var verdict: Verdict
    /// What was looked at, or what is wrong; the first few.
    package var details: [String]

    package static let maxDetails = 20

    /// Failed if anything is wrong, else as exercised says.
    package static func of(_ name: String, wrong: [String], looked: String, isExercised: Bool = true) -> CheckResult {
        guard wrong.isEmpty else {
            let more = wrong.count > maxDetails ? ["and \(wrong.count - maxDetails) more"] : []
            return CheckResult(name: name, verdict: .failed, details: Array(wrong.prefix(maxDetails)) + more)
        }
        return CheckResult(name: name, verdict: isExercised ? .passed : .notExercised, details: [looked])
    }
}

/// Judges a history; knows nothing else.
package protocol Checker: Sendable {
    func check(_ history: RunHistory) -> CheckResult
}
