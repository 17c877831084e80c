/// Nodes' processes stand still (SIGSTOP) and go on (SIGCONT), not knowing.
package struct PauseFault: Fault {
    private let target: Target?
    private var paused: [Int] = []

    /// - Parameter target: nil for a majority, the leader among them.
    package init(_ target: Target?) {
        self.target = target
    }

    package var name: String { "pause-\(target?.word ?? "majority")" }
    package var excused: Set<Int> { Set(paused) }

    package mutating func start(at site: FaultSite) async throws {
        paused = [try await (target ?? .leader).resolve(at: site)]
        if target == nil, let other = site.world.nodes.first(where: { !paused.contains($0) }) { paused.append(other) }
        try await site.world.pauseNodes(paused)
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let still = paused.filter { site.world.isNodeStopped($0) }
        return still.count == paused.count ? "stopped \(still.map { "node \($0)" }.joined(separator: ", "))" : nil
    }

    package func stop(at site: FaultSite) async throws {
        site.world.resumeNodes(paused)
    }
}
