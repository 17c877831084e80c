import Foundation

/// A node's PostgreSQL goes back to what it was a while ago, as from a backup.
package struct OlderPostgresFault: Fault {
    private let target: Target
    private var node = 0
    private var indexBefore = 0
    private var indexAfter = 0
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "older-postgres-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        let world = site.world
        node = try await target.resolve(at: site)
        excused = [node]
        try await world.stopPostgres(node)
        try await Command.run(["cp", "-a", world.layout.postgres(node), backup(world)])
        try world.startPostgres(node)
        try await world.waitForPostgres(node)
        // Something has to come after the copy.
        guard await world.waitUntilReady([node], seconds: 30) else {
            throw ChaosError.node(node, "is not ready after the copy")
        }
        try await Task.sleep(for: .seconds(2))
        indexBefore = try await appliedIndex(world)
        try await world.killNode(node)
        try await world.stopPostgres(node)
        try FileManager.default.removeItem(atPath: world.layout.postgres(node))
        try FileManager.default.moveItem(atPath: backup(world), toPath: world.layout.postgres(node))
        try world.startPostgres(node)
        try await world.waitForPostgres(node)
        indexAfter = try await appliedIndex(world)
        try world.startNode(node)
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        indexAfter < indexBefore ? "node \(node) went from index \(indexBefore) back to \(indexAfter)" : nil
    }

    package func stop(at site: FaultSite) async throws {
        try? FileManager.default.removeItem(atPath: backup(site.world))
        try site.world.startPostgres(node)
        try site.world.startNode(node)
    }

    private func backup(_ world: World) -> String { world.layout.postgres(node) + ".older" }

    private func appliedIndex(_ world: World) async throws -> Int {
        Int(try await world.query(node, "SELECT applied_index FROM ledger")) ?? 0
    }
}
