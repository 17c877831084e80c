package import ArgumentParser

/// The one executable of the house: the node itself and everything an operator does to a cluster.
@main
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
            BenchCommand.self, RecoverCommand.self,
        ])

    package init() {}
}
