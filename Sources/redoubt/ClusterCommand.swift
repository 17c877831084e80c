import ArgumentParser

/// `redoubt cluster`: what concerns the cluster as a whole.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Look at a cluster.",
        subcommands: [ClusterStatusCommand.self])
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

/// The cluster as all its nodes describe it.
struct ClusterSummary: Encodable, Sendable {
    let leader: UInt64?
    let term: UInt64?
    let members: [Member]

    struct Member: Encodable, Sendable {
        let url: String
        let node: UInt64?
        let role: String
        let term: UInt64?
        let commitIndex: UInt64?
        let appliedIndex: UInt64?
        /// Entries that its PostgreSQL lacks of the highest commit index any node knows.
        let lag: UInt64?
        let postgres: String
        let ready: Bool
        let error: String?

        private enum CodingKeys: String, CodingKey {
            case url, node, role, term, lag, postgres, ready, error
            case commitIndex = "commit_index"
            case appliedIndex = "applied_index"
        }
    }

    init(_ observations: [NodeObservation]) {
        let leader = ClusterObserver.leader(observations)
        let commit = observations.compactMap { try? $0.report.get().commitIndex }.max() ?? 0
        self.leader = leader?.id
        term = leader?.term
        members = observations.map { Member($0, commitIndex: commit) }
    }

    var text: String {
        var table = TextTable(
            header: ["NODE", "ROLE", "TERM", "COMMIT", "APPLIED", "LAG", "POSTGRESQL", "READY", "URL"])
        for member in members {
            table.append([
                Self.cell(member.node), member.role, Self.cell(member.term), Self.cell(member.commitIndex),
                Self.cell(member.appliedIndex), Self.cell(member.lag), member.postgres, member.ready ? "yes" : "no",
                member.url,
            ])
        }
        var lines = [table.text]
        for member in members {
            if let error = member.error { lines.append(error) }
        }
        lines.append(leader.map { "Leader: node \($0), term \(term ?? 0)" } ?? "No leader known.")
        return lines.joined(separator: "\n")
    }

    private static func cell(_ number: UInt64?) -> String {
        number.map { String($0) } ?? "-"
    }
}

extension ClusterSummary.Member {
    fileprivate init(_ observation: NodeObservation, commitIndex highestCommit: UInt64) {
        url = observation.endpoint.description
        ready = observation.isReady
        switch observation.report {
        case .success(let report):
            node = report.node
            role = report.members.first { $0.id == report.node }?.role ?? "unknown"
            term = report.term
            commitIndex = report.commitIndex
            appliedIndex = report.appliedIndex
            lag = highestCommit > report.appliedIndex ? highestCommit - report.appliedIndex : 0
            postgres = report.postgres.state
            error = report.postgres.detail.map { "Node \(report.node), PostgreSQL: \($0)" }
        case .failure(let failure):
            node = nil
            role = "unreachable"
            term = nil
            commitIndex = nil
            appliedIndex = nil
            lag = nil
            postgres = "-"
            error = failure.description
        }
    }
}
