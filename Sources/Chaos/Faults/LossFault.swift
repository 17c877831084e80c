/// A share of what nodes send each other is lost on the way.
package struct LossFault: Fault {
    /// Up to this TCP gets along well enough for every deadline; beyond, connections stand still for seconds.
    private static let bearable = 0.05

    private let share: Double
    package private(set) var excused: Set<Int> = []

    /// - Parameter share: of packets, 0 to 1.
    package init(share: Double) {
        self.share = share
    }

    package var name: String { "loss-\(Int(share * 100))-percent" }
    package var needs: Set<Capability> { [.network] }

    package mutating func start(at site: FaultSite) async throws {
        if share > Self.bearable { excused = Set(site.world.nodes) }
        for one in site.world.nodes {
            for other in site.world.nodes where other != one {
                try await site.world.wiring.drop(site.tag, from: .node(one), to: .node(other), share: share)
            }
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let packets = try await site.world.wiring.packets(site.tag)
        return packets > 0 ? "\(packets) packets lost" : nil
    }

    package func stop(at site: FaultSite) async throws {
        try await site.world.wiring.restore(site.tag)
    }
}
