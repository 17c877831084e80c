import ArgumentParser

/// `redoubt bench`: measurements of a running cluster, and of detection alone.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a running cluster, or detection alone.",
        subcommands: [
            BenchIngestCommand.self, BenchStreamCommand.self, BenchFailoverCommand.self, BenchDetectCommand.self,
        ])
}
