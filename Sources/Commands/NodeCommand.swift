import ArgumentParser
import Node

/// `redoubt node`: one node of a cluster, in the foreground, until it is told to stop.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run one node of a cluster.",
        discussion: """
            Runs in the foreground and logs to standard error. SIGTERM and SIGINT stop it in good order; a \
            kill -9 is safe at any time.
            """)

    @Option(name: .long, help: ArgumentHelp("The node's configuration, a YAML file.", valueName: "file"))
    var config: String

    func run() async throws {
        try await NodeService.run(configurationPath: config)
    }
}
