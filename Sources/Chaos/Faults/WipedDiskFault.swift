/// A node loses its data directory and its PostgreSQL, and is put in its own place again.
package struct WipedDiskFault: Fault {
    private let target: Target
    private var node = 0
    private var lifeBefore: String?
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "wiped-disk-\(target.word)" }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        excused = [node]
        lifeBefore = await site.world.view(node)?.identity?.life
        try await site.world.killNode(node)
        try await site.world.killPostgres(node)
        try await site.world.wipe(node)
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        "node \(node) has nothing, life \(lifeBefore ?? "?") is over"
    }

    package func stop(at site: FaultSite) async throws {
        try await Replacement.perform(node, at: site)
    }
}

/// Puts a node whose disk is empty in its own place.
enum Replacement {
    static func perform(_ node: Int, at site: FaultSite) async throws {
        let world = site.world
        try world.startPostgres(node)
        try await world.waitForPostgres(node)
        try world.startNode(node)
        let others = world.nodes.filter { $0 != node }
        try await world.change(
            "POST", "/cluster/replace", body: "{\"number\":\(node),\"by\":\(Member.json(node, in: world))}", at: others,
            seconds: 60)
        try await Member.awaitVoter(node, in: world)
    }
}
