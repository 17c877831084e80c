import ArgumentParser

/// `redoubt-chaos`: real nodes, real faults.
@main
struct RedoubtChaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redoubt-chaos",
        abstract: "Brings about what happens to clusters, and checks what clients saw.",
        discussion: """
            Each run builds three nodes with their PostgreSQLs, lets clients pay, label and read while faults come and go, \
            and judges the history. chaos/README.md tells more.
            """,
        subcommands: [
            RunCommand.self, FailoverCommand.self, ListCommand.self, JudgeCommand.self, CleanCommand.self,
            RelayCommand.self,
        ])
}
