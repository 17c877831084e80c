import RaftSimulator
import Testing

@Suite("The simulator finds")
struct DefectTests {
    /// What is found within some seeds of a world whose drivers have this bug.
    private func findings(_ defect: DriverDefect, seeds: ClosedRange<UInt64>) -> BatchSummary {
        var batch = Batch(seeds: seeds, jobs: 2)
        batch.defect = defect
        batch.maxFailures = 1
        return batch.run()
    }

    private static let bugs: [(DriverDefect, String)] = [
        (.trustsUnsyncedWrites, "durable before promise"), (.sendsEarly, "durable before promise"),
        (.answersUncommitted, "linearizability"), (.readsLocally, "linearizability"),
        (.readsTooEarly, "linearizability"), (.forgetsRequests, "exactly once"),
        (.losesVotes, "not what was durable"), (.skipsEntries, "state machine safety"),
        (.reportsUnaskedWrites, "trap"),
    ]

    @Test("a bug in the driver", arguments: bugs)
    func findsDefect(defect: DriverDefect, words: String) throws {
        let summary = findings(defect, seeds: 1...150)
        let failure = try #require(summary.failures.first, "\(defect) goes unnoticed")
        #expect(failure.what.contains(words), "\(failure.what)")
    }

    @Test("what a core was at when it trapped")
    func tracesTraps() throws {
        var plan = PlanGenerator.plan(seed: 1)
        plan.defect = .reportsUnaskedWrites
        let result = GuardedRun.run(plan, tracing: true)
        #expect(result.failure?.hasPrefix("trap") == true)
        let lines = try #require(result.trace?.lines)
        #expect(lines.dropLast().last?.contains("has on disk") == true)
    }

    @Test("a smaller plan for a failure")
    func shrinks() throws {
        let failure = try #require(findings(.forgetsRequests, seeds: 1...50).failures.first)
        var plan = PlanGenerator.plan(seed: failure.seed)
        plan.defect = .forgetsRequests
        let whole = plan
        var shrinker = try #require(Shrinker(plan, runs: 150) { Simulation.run($0).failure })
        shrinker.run()
        plan = shrinker.plan
        #expect(plan.operations.count < whole.operations.count / 2)
        #expect(plan.hostileTime < whole.hostileTime)
        #expect(Simulation.run(plan).failure == shrinker.failure)
    }

    @Test("nothing where nothing is wrong")
    func shrinksOnlyFailures() {
        #expect(Shrinker(PlanGenerator.plan(seed: 1)) { Simulation.run($0).failure } == nil)
    }
}
