import ArgumentParser

/// `redoubt cluster`: what concerns the cluster as a whole.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Look at a cluster, and change it.",
        subcommands: [
            ClusterStatusCommand.self, ClusterAddCommand.self, ClusterRemoveCommand.self, ClusterReplaceCommand.self,
            ClusterTransferCommand.self, VerifyCommand.self, ClusterSnapshotCommand.self, ClusterHistoryCommand.self,
            ClusterMaintenanceCommand.self,
        ])
}

/// `redoubt cluster status`: every node's own word, side by side.
struct ClusterStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show members, roles, indexes and PostgreSQL states.",
        discussion: """
            Asks every node and shows each one's own answer. Exit code: 0 when there is a leader and every node is \
            ready, 1 otherwise.
            """)

    @OptionGroup var cluster: ClusterOptions

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let observer = ClusterObserver(
            client: try cluster.client(), endpoints: try cluster.endpoints(), token: try cluster.operatorToken())
        let observations = await observer.observe()
        let summary = ClusterSummary(observations)
        if json {
            try JSONOutput.print(summary)
        } else {
            print(summary.text)
        }
        if summary.leader == nil || summary.members.contains(where: { !$0.ready }) { throw ExitCode(1) }
    }
}
