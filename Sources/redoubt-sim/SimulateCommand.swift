import ArgumentParser
import Foundation
import RaftSimulator

/// Runs simulated clusters from seeds, and tells what was wrong with them.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redoubt-sim",
        abstract: "Runs consensus and its log in simulated clusters: many seeds, every fault, every invariant.",
        discussion: "A seed decides everything: the same seed does the same again, to the byte.")

    @Option(help: "The seeds to run, such as 1..1000 or 42.")
    var seeds: SeedRange = SeedRange(range: 1...1_000)

    @Option(help: "Worlds at a time (default: one for each processor).")
    var jobs: Int?

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @Option(help: "Run this one seed and print all that happens.")
    var trace: UInt64?

    @Option(help: "Lines of a failing seed's trace to print, the last ones.")
    var traceLines = 60

    @Flag(inversion: .prefixedNo, help: "Make the plans of failing seeds smaller.")
    var shrink = true

    @Option(help: "Stop after this many failing seeds.")
    var maxFailures = 10

    @Option(help: "Give the simulated nodes' driver a bug, to see that it is found.")
    var defect: DriverDefect = .none

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("--jobs \(jobs) is not positive") }
        if maxFailures < 1 { throw ValidationError("--max-failures \(maxFailures) is not positive") }
    }

    func run() throws {
        if let trace { return try traceOne(trace) }
        var batch = Batch(seeds: seeds.range, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
        batch.defect = defect
        batch.maxFailures = maxFailures
        let summary = batch.run()
        let report = Report(summary)
        print(json ? report.json : report.text)
        // The first is enough to begin with; the others may be the same.
        if let failure = summary.failures.first { explain(failure.seed) }
        if !summary.isGood { throw ExitCode.failure }
    }

    private func plan(_ seed: UInt64) -> Plan {
        var plan = PlanGenerator.plan(seed: seed)
        plan.defect = defect
        return plan
    }

    private func traceOne(_ seed: UInt64) throws {
        let result = GuardedRun.run(plan(seed), tracing: true)
        for line in result.trace?.lines ?? [] { print(line) }
        guard let failure = result.failure else { return }
        print("seed \(seed) fails: \(failure)")
        throw ExitCode.failure
    }

    /// Goes to standard error, so that standard output stays what it was asked to be.
    private func explain(_ seed: UInt64) {
        var plan = plan(seed)
        if shrink, var shrinker = Shrinker(plan, fails: { GuardedRun.run($0, tracing: false).failure }) {
            shrinker.run()
            plan = shrinker.plan
        }
        let result = GuardedRun.run(plan, tracing: true)
        var text = "\nseed \(seed): \(result.failure ?? "did not fail again")\n" + Report.text(of: plan)
        text += "the last \(traceLines) lines of its trace:\n"
        for line in (result.trace?.lines ?? []).suffix(traceLines) { text += line + "\n" }
        FileHandle.standardError.write(Data(text.utf8))
    }
}

extension DriverDefect: ExpressibleByArgument {}

/// `a..b` (both included), or one seed.
struct SeedRange: ExpressibleByArgument {
    var range: ClosedRange<UInt64>

    init(range: ClosedRange<UInt64>) { self.range = range }

    init?(argument: String) {
        let ends = argument.split(separator: "..", omittingEmptySubsequences: false).map { UInt64($0) }
        guard let first = ends.first, let lower = first, let last = ends.last, let upper = last, lower <= upper,
            ends.count <= 2
        else { return nil }
        range = lower...upper
    }
}
