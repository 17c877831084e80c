/// What a batch came to.
package struct BatchSummary: Sendable {
    package struct Failure: Sendable {
        package var seed: UInt64
        package var what: String
    }

    /// With fewer seeds a fault that was never exercised is chance, not a failure of the batch.
    package static let seedsForCoverage = 200

    package private(set) var seeds = 0
    package private(set) var steps = 0
    package private(set) var simulatedSeconds = 0.0
    package private(set) var calls = 0
    /// Histories whose search was given up.
    package private(set) var undecided = 0
    package private(set) var longestPeaceSeconds = 0.0
    package private(set) var tally = Tally()
    package private(set) var failures: [Failure] = []
    package var wallSeconds = 0.0

    package init() {}

    mutating func add(_ result: SimulationResult) {
        seeds += 1
        steps += result.steps
        simulatedSeconds += Double(result.simulated) / Double(second)
        calls += result.calls
        undecided += result.undecided
        longestPeaceSeconds = max(longestPeaceSeconds, Double(result.peace) / Double(second))
        tally.add(result.tally)
        if let failure = result.failure { failures.append(Failure(seed: result.seed, what: failure)) }
    }

    /// Simulated seconds in a second.
    package var ratio: Double { wallSeconds > 0 ? simulatedSeconds / wallSeconds : 0 }

    /// What was planned, or is expected of any large batch, and never happened: a batch with holes proves less than it
    /// seems to.
    package var unexercised: [String] {
        guard seeds >= Self.seedsForCoverage else { return [] }
        return FaultKind.allCases.filter { tally.exercised($0) == 0 }.map { "fault \($0)" }
            + Evidence.allCases.filter { tally[$0] == 0 }.map { "event \($0)" }
    }

    package var isGood: Bool { failures.isEmpty && unexercised.isEmpty }
}
