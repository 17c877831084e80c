package import ArgumentParser
package import Node
import Raft

/// `redoubt recover`: the last resort when the majority of the members is lost for good.
package struct RecoverCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Make a stopped node the only voter, when the majority of the members is lost for good.",
        discussion: """
            THE LAST RESORT. Never run it while a majority of the members can still be started: start them instead. \
            What only the lost members had acknowledged is gone, and nobody can say what it was. Take the node whose \
            log reaches furthest: run this on each that is left, without --accept-data-loss, and compare the last \
            index and term.

            1. Stop every node that still runs.
            2. redoubt recover --config FILE                 shows what would be done, and does nothing
            3. redoubt recover --config FILE --accept-data-loss --cluster-id ID
            4. Wipe the data directories AND databases of all other members. One that is started with its old disk \
            would lead a second cluster of the same name.
            5. Start this node, then add the others as new ones: redoubt cluster add.

            Exit code: 0 when it is done, 1 when nothing was changed, 2 when the log could not be written in order.
            """)

    @Option(name: .long, help: ArgumentHelp("The node's configuration, a YAML file.", valueName: "file"))
    package var config: String

    @Flag(name: .long, help: "Do it, and accept that what only the lost members had acknowledged is gone.")
    package var acceptDataLoss = false

    @Option(
        name: .long, help: ArgumentHelp("The cluster's id, typed to show that this is the right one.", valueName: "id"))
    package var clusterId: String?

    package init() {}

    package func run() async throws {
        let recovery = try QuorumRecovery(configurationPath: config)
        do throws(QuorumRecoveryError) {
            guard acceptDataLoss else {
                print(RecoveryText.plan(try recovery.plan(), config: config))
                throw QuorumRecoveryError.notAccepted
            }
            let plan = try recovery.perform(acceptsDataLoss: true, typedClusterID: clusterId)
            print(RecoveryText.done(plan))
        } catch {
            StandardError.line("\(error)")
            switch error {
            case .notKept: throw ExitCode(2)
            default: throw ExitCode(1)
            }
        }
    }
}

/// What `recover` says.
package enum RecoveryText {
    package static func plan(_ plan: QuorumRecovery.Plan, config: String) -> String {
        let former =
            plan.voters.map { "voters \(list($0)), by the newest membership in the log" }
            ?? "the founding members, for no change of them stands in the log"
        return """
            Node \(plan.node) of cluster \(plan.clusterID), \(plan.logDirectory):
              last entry     \(plan.lastIndex), of term \(plan.lastTerm)
              highest term   \(plan.hardState.term)
              members now    \(former)

            With --accept-data-loss this would be done:
              entry \(plan.index) of term \(plan.term) is appended; it makes \(plan.node) the only voter.
              All that stands in this log becomes the truth, even what was never acknowledged. All that stands only in
              the logs of other members is LOST, even what was acknowledged.
              The other members must be wiped, data directories and databases, BEFORE any of them is started again.

            If another node that is left has a last entry of a higher term, or of the same term and a higher index,
            recover that one instead. To go on:
              redoubt recover --config \(config) --accept-data-loss --cluster-id \(plan.clusterID)
            """
    }

    package static func done(_ plan: QuorumRecovery.Plan) -> String {
        """
        Done: entry \(plan.index) of term \(plan.term) makes \(plan.node) the only voter of cluster \(plan.clusterID).
        Now, in this order:
          1. Wipe the data directory and the database of every other member\(plan.voters.map { " (\(list($0.filter { $0 != plan.node })))" } ?? "").
          2. Start this node, and see it lead: redoubt cluster status
          3. Start the others, empty and with `cluster: { join: true }`, and admit them: redoubt cluster add
        Until they have joined there is one copy of everything.
        """
    }

    private static func list(_ nodes: [NodeID]) -> String {
        nodes.map { "\($0)" }.joined(separator: ", ")
    }
}
