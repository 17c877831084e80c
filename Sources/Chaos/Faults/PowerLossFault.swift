import Foundation

/// Nodes end as when the power fails: what they had written and not synced is gone.
package struct PowerLossFault: Fault {
    private static let slowMilliseconds = 400
    private static let patienceMilliseconds = 3_000

    private let target: Target?
    private var nodes: [Int] = []
    private var undone = 0

    /// - Parameter target: nil for all nodes at once.
    package init(_ target: Target?) {
        self.target = target
    }

    package var name: String { "power-loss-\(target?.word ?? "all")" }
    package var shims: Set<Shim> { [.disk] }
    package var excused: Set<Int> { Set(nodes) }

    package mutating func start(at site: FaultSite) async throws {
        nodes = if let target { [try await target.resolve(at: site)] } else { site.world.nodes }
        let nodes = nodes
        // With disks that are quick there would hardly ever be something that is not synced.
        for node in nodes { try Data().write(to: URL(fileURLWithPath: Self.slow(site.world, node))) }
        try await Task.sleep(for: .milliseconds(Self.slowMilliseconds))
        let unsynced = nodes.map {
            UnsyncedWrites(data: site.world.layout.data($0), control: site.world.layout.control($0))
        }
        try await standStillInAWrite(unsynced, at: site)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                group.addTask {
                    try await site.world.killNode(node)
                    try await site.world.killPostgres(node)
                }
            }
            try await group.waitForAll()
        }
        for node in nodes { try FileManager.default.removeItem(atPath: Self.slow(site.world, node)) }
        for writes in unsynced { undone += try writes.undo() }
    }

    /// The power fails in the middle of a write, if there is one soon. Who stands still can't end it in the meantime.
    private func standStillInAWrite(_ unsynced: [UnsyncedWrites], at site: FaultSite) async throws {
        for _ in 0..<Self.patienceMilliseconds {
            if unsynced.contains(where: \.isAny) {
                let running = nodes.filter { site.world.isNodeRunning($0) }
                try await site.world.pauseNodes(running)
                if try unsynced.contains(where: { try $0.count > 0 }) { return }
                site.world.resumeNodes(running)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        undone > 0 && nodes.allSatisfy { !site.world.isNodeRunning($0) }
            ? "\(nodes.count) nodes ended, \(undone) unsynced writes lost" : nil
    }

    package func stop(at site: FaultSite) async throws {
        for node in nodes {
            try site.world.startPostgres(node)
            try site.world.startNode(node)
        }
    }

    private static func slow(_ world: World, _ node: Int) -> String { world.layout.control(node) + "/slow" }
}
