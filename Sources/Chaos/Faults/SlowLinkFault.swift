/// What a node sends goes at a crawl.
package struct SlowLinkFault: Fault {
    private let target: Target
    private let kilobitsPerSecond: Int
    private var node = 0
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target, kilobitsPerSecond: Int) {
        self.target = target
        self.kilobitsPerSecond = kilobitsPerSecond
    }

    package var name: String { "slow-\(kilobitsPerSecond)-kbit-\(target.word)" }
    package var needs: Set<Capability> { [.network] }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        excused = [node]
        try await site.world.wiring.slow(node, kilobitsPerSecond: kilobitsPerSecond)
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        // The queue says how many packets had to wait.
        let text = try await Command.run(
            site.world.wiring.prefix(.node(node)) + ["tc", "-s", "qdisc", "show", "dev", "eth0"])
        let words = text.split { " \n,".contains($0) }
        guard let place = words.firstIndex(of: "overlimits"), place + 1 < words.count,
            let waits = Int(words[place + 1]),
            waits > 0
        else { return nil }
        return "\(waits) packets waited, node \(node)"
    }

    package func stop(at site: FaultSite) async throws {
        try await site.world.wiring.unslow(node)
    }
}
