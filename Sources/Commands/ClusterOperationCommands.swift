package import ArgumentParser
package import Gateway
import HTTPSClient

/// `redoubt cluster transfer`: another leader, without an election's pause.
package struct ClusterTransferCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Hand the leadership over.",
        discussion: """
            Exit code: 0 when the new leader is established, 1 when it was refused, 2 when the outcome is not known.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Option(
        name: .long, help: ArgumentHelp("Who is to lead; the best prepared voter if left out.", valueName: "number"))
    package var to: UInt64?

    package init() {}

    package func validate() throws {
        if let to { _ = try memberNumber(to) }
    }

    package func run() async throws {
        try await administration.run { client in
            return try await client.send(.transfer(to: to), as: TransferReceipt.self, patienceSeconds: 10)
        }
    }
}

/// `redoubt cluster snapshot`: what a new node would get, on a node's disk now.
package struct ClusterSnapshotCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Have a node write a snapshot of the ledger.",
        discussion: """
            The snapshot is written on that node's own disk. Exit code: 0 when it is written, 1 or 2 otherwise.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Option(name: .long, help: ArgumentHelp("Which node; one that does not lead if left out.", valueName: "number"))
    package var node: UInt64?

    package init() {}

    package func validate() throws {
        if let node { _ = try memberNumber(node) }
    }

    package func run() async throws {
        try await administration.run { client in
            let endpoint = try await client.endpoint(of: node, prefersFollower: true)
            return try await client.send(.snapshot, as: SnapshotReceipt.self, to: endpoint)
        }
    }
}

/// `redoubt cluster history`: who led when, and who came and went.
package struct ClusterHistoryCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what happened to the cluster, newest first.",
        discussion: "Each node tells what it has seen itself.")

    @OptionGroup package var administration: AdministrationOptions

    @Option(name: .long, help: ArgumentHelp("How many events, 1 to 1000.", valueName: "number"))
    package var limit = 20

    @Option(name: .long, help: ArgumentHelp("Which node; the first that answers if left out.", valueName: "number"))
    package var node: UInt64?

    package init() {}

    package func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must lie between 1 and 1000.") }
        if let node { _ = try memberNumber(node) }
    }

    package func run() async throws {
        try await administration.run { client in
            let endpoint = try await client.endpoint(of: node, prefersFollower: false)
            return try await client.send(.history(limit: limit), as: ClusterHistory.self, to: endpoint)
        }
    }
}

/// `redoubt cluster maintenance`: a node that is not to lead.
package struct ClusterMaintenanceCommand: AsyncParsableCommand {
    package enum Switch: String, ExpressibleByArgument, CaseIterable, Sendable {
        case on
        case off
    }

    package static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract: "Put a node into maintenance, or take it out of it.",
        discussion: """
            In maintenance a node votes and replicates, and does not lead; if it leads, it hands over first. Then it \
            can be stopped without a pause for anybody.

              redoubt cluster maintenance 2 on

            Exit code: 0 when it is done, 1 when it was refused, 2 when the outcome is not known.
            """)

    @OptionGroup package var administration: AdministrationOptions

    @Argument(help: ArgumentHelp("Which node.", valueName: "number"))
    package var node: UInt64

    @Argument(help: ArgumentHelp("on or off.", valueName: "state"))
    package var state: Switch

    package init() {}

    package func validate() throws {
        _ = try memberNumber(node)
    }

    package func run() async throws {
        try await administration.run { client in
            let endpoint = try await client.endpoint(of: node, prefersFollower: false)
            return try await client.send(.maintenance(state == .on), as: MaintenanceReceipt.self, to: endpoint)
        }
    }
}

extension AdministrationClient {
    /// Where a node is reached; of any that answers where no number is given.
    func endpoint(of number: UInt64?, prefersFollower: Bool) async throws -> HTTPSEndpoint {
        let observations = await observer.observe()
        let answering = observations.filter { (try? $0.report.get()) != nil }
        if let number {
            if let found = answering.first(where: { (try? $0.report.get())?.node == number }) { return found.endpoint }
            let members = answering.reports.flatMap(\.members)
            guard let url = members.first(where: { $0.id == number })?.url, let endpoint = HTTPSEndpoint(url) else {
                throw AdministrationFailure.unreachable(
                    ["node \(number) is not among the addresses asked"] + Self.reasons(observations))
            }
            return endpoint
        }
        let follower = answering.first { (try? $0.report.get()).map { $0.leader != $0.node } ?? false }
        guard let endpoint = (prefersFollower ? follower ?? answering.first : answering.first)?.endpoint else {
            throw AdministrationFailure.unreachable(Self.reasons(observations))
        }
        return endpoint
    }

    private static func reasons(_ observations: [NodeObservation]) -> [String] {
        observations.compactMap { observation in
            if case .failure(let error) = observation.report { error.description } else { nil }
        }
    }
}

// MARK: - What they print

extension TransferReceipt: TextRepresentable {
    package var text: String {
        from == to
            ? "Node \(to) leads already, in term \(term)."
            : "Node \(to) leads in term \(term), in place of node \(from); the cluster stood still for "
                + "\(pauseMilliseconds.rounded(places: 1)) ms."
    }
}

extension SnapshotReceipt: TextRepresentable {
    package var text: String {
        "\(path): \((Double(bytes) / 1e6).rounded(places: 1)) MB up to entry \(index), tables up to \(appliedIndex), "
            + "in \(seconds.rounded(places: 1)) s."
    }
}

extension MaintenanceReceipt: TextRepresentable {
    package var text: String {
        (maintenance ? "In maintenance: it does not lead." : "Not in maintenance: it may lead.")
            + (leader.map { " Leader: node \($0)." } ?? " No leader is known.")
    }
}

/// What `GET /cluster/history` answers.
package struct ClusterHistory: Codable, Sendable, TextRepresentable {
    package let events: [HistoryEvent]

    package init(events: [HistoryEvent]) { self.events = events }

    package var text: String {
        guard !events.isEmpty else { return "Nothing has happened yet." }
        var table = TextTable(header: ["TIME", "KIND", "TERM", "INDEX", "WHAT"])
        for event in events {
            table.append([
                event.time, event.kind.rawValue, "\(event.term)", event.index.map { "\($0)" } ?? "-", event.detail,
            ])
        }
        return table.text
    }
}
