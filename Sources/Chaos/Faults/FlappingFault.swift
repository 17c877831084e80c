/// A node's cables are cut and joined again and again, for less than an election takes and for more.
package struct FlappingFault: Fault {
    private let target: Target
    private var node = 0
    private var flapping: Task<Int, any Error>?
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "flapping-\(target.word)" }
    package var needs: Set<Capability> { [.network] }

    package mutating func start(at site: FaultSite) async throws {
        let node = try await target.resolve(at: site)
        self.node = node
        excused = [node]
        flapping = Task {
            var random = SeededRandom(seed: site.seed)
            var packets = 0
            while !Task.isCancelled {
                for other in site.world.nodes where other != node {
                    try await site.world.wiring.cutBothWays(site.tag, .node(node), .node(other))
                }
                try? await Task.sleep(for: .milliseconds(Int.random(in: 100...1_500, using: &random)))
                packets += try await site.world.wiring.restore(site.tag)
                try? await Task.sleep(for: .milliseconds(Int.random(in: 100...1_000, using: &random)))
            }
            return packets
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        flapping?.cancel()
        guard let packets = try await flapping?.value, packets > 0 else { return nil }
        return "\(packets) packets lost, node \(node)"
    }

    package func stop(at site: FaultSite) async throws {
        flapping?.cancel()
        _ = try? await flapping?.value
        try await site.world.wiring.restore(site.tag)
    }
}
