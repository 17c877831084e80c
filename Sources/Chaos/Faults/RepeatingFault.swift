/// A node's connections break right after something was delivered, and the senders don't learn that it was: they connect
/// anew and say it again. Needs a scenario with relays.
///
/// A second copy of a packet would never reach a node: TCP drops it, and TLS would take it for an attack.
package struct RepeatingFault: Fault {
    private let target: Target
    private let lifeMilliseconds: Int
    private var node = 0
    private var brokenBefore = 0
    package let excused: Set<Int> = []

    /// - Parameter lifeMilliseconds: how old connections become, half as much more or less; 1...3,600,000.
    package init(_ target: Target, lifeMilliseconds: Int) {
        self.target = target
        self.lifeMilliseconds = lifeMilliseconds
    }

    package var name: String { "repeating-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        brokenBefore = try site.world.countAtRelays(of: node, \.brokenConnections)
        try await site.world.setRelays(of: node, RelaySettings(lifeMilliseconds: lifeMilliseconds))
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let broken = try site.world.countAtRelays(of: node, \.brokenConnections) - brokenBefore
        return broken > 0 ? "\(broken) connections broke after something was delivered, node \(node)" : nil
    }

    package func stop(at site: FaultSite) async throws {
        guard node != 0 else { return }
        try await site.world.setRelays(of: node, RelaySettings())
    }
}
