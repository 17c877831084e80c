/// Cut connections between nodes, and where said those to their clients too.
package struct PartitionFault: Fault {
    package enum Shape: String, Sendable, CaseIterable {
        /// The node hears nobody and is heard by nobody.
        case isolated
        /// As `isolated`, and its clients don't reach it either.
        case blackhole
        /// The node is heard, and hears nothing.
        case sendOnly = "send-only"
        /// The node hears, and is not heard.
        case receiveOnly = "receive-only"
        /// The node reaches one of the others, and that one everybody.
        case bridge
        /// Nobody reaches anybody.
        case everyone
    }

    private let shape: Shape
    private let target: Target
    private var node = 0
    package private(set) var excused: Set<Int> = []

    package init(_ shape: Shape, of target: Target = .leader) {
        self.shape = shape
        self.target = target
    }

    package var name: String {
        shape == .everyone ? "partition-everyone" : "partition-\(shape.rawValue)-\(target.word)"
    }
    package var needs: Set<Capability> { [.network] }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        let wiring = site.world.wiring
        let others = site.world.nodes.filter { $0 != node }
        // Of the ends of a bridge one can't reach the leader, whichever of them that is.
        excused =
            switch shape {
            case .everyone: Set(site.world.nodes)
            case .bridge: [node, others[0]]
            default: [node]
            }
        switch shape {
        case .isolated:
            for other in others { try await wiring.cutBothWays(site.tag, .node(node), .node(other)) }
        case .blackhole:
            for other in others { try await wiring.cutBothWays(site.tag, .node(node), .node(other)) }
            try await wiring.cutBothWays(site.tag, .node(node), .client)
        case .sendOnly:
            for other in others { try await wiring.cut(site.tag, from: .node(other), to: .node(node)) }
        case .receiveOnly:
            for other in others { try await wiring.cut(site.tag, from: .node(node), to: .node(other)) }
        case .bridge:
            try await wiring.cutBothWays(site.tag, .node(node), .node(others[0]))
        case .everyone:
            for (position, one) in site.world.nodes.enumerated() {
                for other in site.world.nodes[(position + 1)...] {
                    try await wiring.cutBothWays(site.tag, .node(one), .node(other))
                }
            }
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let packets = try await site.world.wiring.packets(site.tag)
        return packets > 0 ? "\(packets) packets lost, node \(node)" : nil
    }

    package func stop(at site: FaultSite) async throws {
        try await site.world.wiring.restore(site.tag)
    }
}
