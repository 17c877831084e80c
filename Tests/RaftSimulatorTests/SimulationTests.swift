import RaftSimulator
import Testing

@Suite("Simulated clusters")
struct SimulationTests {
    @Test("are never wrong while everything fails, and come right when a majority is healed")
    func survive() {
        var batch = Batch(seeds: 1...300, jobs: 2)
        batch.maxFailures = 3
        let summary = batch.run()
        for failure in summary.failures { Issue.record("seed \(failure.seed): \(failure.what)") }
        #expect(summary.seeds == 300)
        #expect(summary.unexercised.isEmpty, "never exercised: \(summary.unexercised)")
        #expect(summary.undecided == 0)
    }

    @Test("do the same again for the same seed, to the byte", arguments: [UInt64(3), 66, 70, 98, 143])
    func replay(seed: UInt64) throws {
        let plan = PlanGenerator.plan(seed: seed)
        let first = try #require(Simulation.run(plan, tracing: true).trace)
        let again = try #require(GuardedRun.run(PlanGenerator.plan(seed: seed), tracing: true).trace)
        #expect(first.lines.count > 1_000)
        #expect(first.digest == again.digest)
        #expect(first.lines.count == again.lines.count)
        let difference = zip(first.lines, again.lines).first { $0 != $1 }
        #expect(difference == nil)
    }

    @Test("differ from seed to seed")
    func differ() {
        let digests = Set((UInt64(0)..<10).map { PlanGenerator.plan(seed: $0).hostileTime })
        #expect(digests.count > 5)
    }

    @Test("run alike with and without a trace")
    func tracingChangesNothing() {
        for seed in UInt64(0)..<10 {
            let plan = PlanGenerator.plan(seed: seed)
            let silent = Simulation.run(plan, tracing: false)
            let traced = Simulation.run(plan, tracing: true)
            #expect(silent.steps == traced.steps && silent.simulated == traced.simulated)
        }
    }
}
