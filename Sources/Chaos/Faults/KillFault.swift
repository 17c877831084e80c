/// Nodes' processes end as by a crash, and are started again at the fault's end.
package struct KillFault: Fault {
    private let targets: [Target]?
    private let withPostgres: Bool
    private var killed: [Int] = []

    /// - Parameter targets: nil for all nodes at once.
    package init(_ targets: [Target]?, withPostgres: Bool = false) {
        self.targets = targets
        self.withPostgres = withPostgres
    }

    package var name: String {
        "kill-\(targets.map { $0.map(\.word).joined(separator: "-") } ?? "all")\(withPostgres ? "-and-postgres" : "")"
    }
    package var excused: Set<Int> { Set(killed) }

    package mutating func start(at site: FaultSite) async throws {
        var nodes: [Int] = []
        for target in targets ?? site.world.nodes.map({ .node($0) }) {
            nodes.append(try await target.resolve(at: site))
        }
        killed = nodes
        let withPostgres = withPostgres
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                group.addTask {
                    try await site.world.killNode(node)
                    if withPostgres { try await site.world.killPostgres(node) }
                }
            }
            try await group.waitForAll()
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let gone = killed.filter { !site.world.isNodeRunning($0) }
        return gone.isEmpty ? nil : "SIGKILL ended \(gone.map { "node \($0)" }.joined(separator: ", "))"
    }

    package func stop(at site: FaultSite) async throws {
        for node in killed {
            if withPostgres { try site.world.startPostgres(node) }
            try site.world.startNode(node)
        }
    }
}
