package import ArgumentParser

/// The node itself and everything an operator does to a cluster: the commands of the one executable.
package struct Redoubt: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "redoubt",
        abstract: "A fraud-detection store that does not stop.",
        discussion: """
            Commands that talk to a cluster take its addresses and tokens from the environment; the local \
            cluster writes them down for you:

              source .redoubt/env
            """,
        version: "0.1.0",
        subcommands: [
            NodeCommand.self, TokenCommand.self, ClusterCommand.self, VerifyCommand.self, ReplayCommand.self,
            LabelCommand.self, RulesCommand.self, ListsCommand.self, ModelCommand.self, SimulateCommand.self,
            TrainCommand.self, EvaluateCommand.self, BenchCommand.self, KafkaCommand.self, RecoverCommand.self,
        ])

    package init() {}
}
