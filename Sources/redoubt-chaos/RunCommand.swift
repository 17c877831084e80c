import ArgumentParser
import Chaos
import Foundation

/// `redoubt-chaos run`: one scenario or all of them.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs scenarios, and says what came of them.",
        discussion: """
            Exit code: 0 if every run passed; 3 if all that is wrong is that nodes were late, or that a run did not exercise its \
            faults, which a busy machine can bring about; 1 for anything else.
            """)

    @Argument(help: "Scenarios, as `list` names them.")
    var scenarios: [String] = []

    @Flag(name: .long, help: "All of them.")
    var all = false

    @Flag(name: .long, help: "Those of continuous integration, about five minutes.")
    var quick = false

    @Flag(name: .long, help: "The mixed one for an hour.")
    var nightly = false

    @Option(name: .long, help: "Decides what happens when. Default: another each time.")
    var seed: UInt64?

    @Option(name: .long, help: "So many seeds, from --seed on.")
    var seeds = 1

    @Option(name: .long, help: "How long faults go on in each run.")
    var minutes: Double?

    @Option(name: .long, help: "Where the directories of the runs go.")
    var output = "chaos-runs"

    @Flag(name: .long, help: "One JSON object a run on standard output.")
    var json = false

    @OptionGroup var world: WorldOptions

    func run() async throws {
        let settings = try world.settings()
        var worst = Outcome.passed
        for scenario in try chosen() {
            for offset in 0..<UInt64(max(1, seeds)) {
                let seed = (seed ?? UInt64.random(in: 1...999_999)) &+ offset
                worst = max(worst, await run(scenario, seed, settings))
            }
        }
        if worst != .passed { throw ExitCode(worst.rawValue) }
    }

    /// The exit code.
    private enum Outcome: Int32, Comparable {
        case passed = 0
        case late = 3
        case failed = 1

        private var rank: Int { self == .passed ? 0 : self == .late ? 1 : 2 }
        static func < (one: Outcome, other: Outcome) -> Bool { one.rank < other.rank }
    }

    private func chosen() throws -> [Scenario] {
        if all { return ScenarioCatalogue.all }
        if quick { return ScenarioCatalogue.all.filter(\.isQuick) }
        if nightly { return [ScenarioCatalogue.nightly] }
        guard !scenarios.isEmpty else { throw ValidationError("Name a scenario, or give --all, --quick or --nightly.") }
        return try scenarios.map { name in
            guard let scenario = ScenarioCatalogue.named(name) else {
                throw ValidationError("There is no scenario \(name); `redoubt-chaos list` names them.")
            }
            return scenario
        }
    }

    private func run(_ scenario: Scenario, _ seed: UInt64, _ settings: WorldSettings) async -> Outcome {
        let base = output.hasPrefix("/") ? output : FileManager.default.currentDirectoryPath + "/" + output
        let directory = "\(base)/\(scenario.name)-\(seed)"
        let isQuiet = json
        let run = ScenarioRun(
            scenario, seed: seed, milliseconds: minutes.map { Int($0 * 60_000) }, settings: settings,
            directory: directory
        ) { line in if !isQuiet { say(line) } }
        if !json { say("\(scenario.name), seed \(seed)") }
        do {
            let (verdict, history) = try await run.perform()
            try RunReport(verdict, history).write(to: directory)
            if json {
                say(String(decoding: try JSONEncoder().encode(verdict), as: UTF8.self))
            } else {
                say("\(verdict.line)\n  \(directory)")
            }
            return verdict.isPass ? .passed : verdict.isMatterOfTime ? .late : .failed
        } catch {
            say("ERROR \(scenario.name) seed \(seed): \(error)")
            return .failed
        }
    }
}
