/// A node's PostgreSQL ends as by a crash, and is there again at the fault's end.
package struct PostgresKillFault: Fault {
    private let target: Target?
    private var nodes: [Int] = []

    /// - Parameter target: nil for all at once.
    package init(_ target: Target?) {
        self.target = target
    }

    package var name: String { "kill-postgres-\(target?.word ?? "all")" }
    package var excused: Set<Int> { Set(nodes) }

    package mutating func start(at site: FaultSite) async throws {
        nodes = if let target { [try await target.resolve(at: site)] } else { site.world.nodes }
        for node in nodes { try await site.world.killPostgres(node) }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        nodes.contains { site.world.isPostgresRunning($0) } ? nil : "SIGKILL ended the PostgreSQL of \(nodes)"
    }

    package func stop(at site: FaultSite) async throws {
        for node in nodes { try site.world.startPostgres(node) }
        for node in nodes { try await site.world.waitForPostgres(node) }
    }
}
