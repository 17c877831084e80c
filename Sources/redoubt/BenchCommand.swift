import ArgumentParser

/// `redoubt bench`: measurements of a running cluster.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a running cluster.",
        subcommands: [BenchIngestCommand.self, BenchFailoverCommand.self])
}
