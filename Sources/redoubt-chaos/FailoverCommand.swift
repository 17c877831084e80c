import ArgumentParser
import Chaos
import Foundation

/// `redoubt-chaos failover`.
struct FailoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover", abstract: "Takes the leader away again and again, and measures the pause.",
        discussion: """
            A payment is posted every 5 ms through the nodes that stay; the pause is the longest stretch without an \
            acknowledgement from the fault's first moment on. Exit code: 0 if every kind is within its limit and no post failed.
            """)

    @Option(name: .long, help: "Of each kind.")
    var rounds = 50

    @Option(
        name: .long, help: "Repeat it for several: \(FailoverKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: [FailoverKind] = []

    @Option(name: .long, help: "Decides the payments.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "Where failover.json and failover.html go.")
    var output = "chaos-runs"

    @Flag(name: .long, help: "One JSON array on standard output.")
    var json = false

    @OptionGroup var world: WorldOptions

    func validate() throws {
        guard (1...10_000).contains(rounds) else { throw ValidationError("--rounds must be 1 to 10000.") }
    }

    func run() async throws {
        let settings = try world.settings()
        var kinds = only.isEmpty ? FailoverKind.allCases : only
        if settings.kind == .loopback {
            let left = kinds.filter(\.needsNetwork)
            guard only.isEmpty || left.isEmpty else {
                throw ValidationError("A loopback world can't do \(left.map(\.rawValue).joined(separator: ", ")).")
            }
            kinds.removeAll(where: \.needsNetwork)
        }
        let isQuiet = json
        let samples = try await FailoverRun(kinds, rounds: rounds, settings: settings, seed: seed) { line in
            if !isQuiet { say(line) }
        }.perform()
        let directory = output.hasPrefix("/") ? output : FileManager.default.currentDirectoryPath + "/" + output
        try FailoverReport(samples).write(to: directory)
        if json { say(String(decoding: try JSONEncoder().encode(samples), as: UTF8.self)) }
        if !samples.allSatisfy(\.isPass) { throw ExitCode.failure }
    }
}

extension FailoverKind: ExpressibleByArgument {}
