import HTTPSClient

/// A follower is taken out of the cluster, loses its disk, and is admitted again as another life of its number.
package struct MembershipFault: Fault {
    private var node = 0
    private var isOut = false
    package private(set) var excused: Set<Int> = []

    package init() {}

    package let name = "remove-and-add"

    package mutating func start(at site: FaultSite) async throws {
        let world = site.world
        node = try await Target.follower.resolve(at: site)
        excused = [node]
        let others = world.nodes.filter { $0 != node }
        try await world.change(
            "DELETE", "/cluster/members/\(node)", body: nil, at: others, orProblem: "member-unknown")
        // Who is out ends by itself, or is ended.
        try await world.killNode(node)
        try await world.stopPostgres(node)
        for other in others {
            if let voters = await world.view(other)?.membership?.voters, !voters.contains(node) { isOut = true }
        }
    }

    package func evidence(at site: FaultSite) async throws -> String? { isOut ? "node \(node) was out" : nil }

    package func stop(at site: FaultSite) async throws {
        let world = site.world
        guard node != 0 else { return }
        try await world.wipe(node)
        try world.startPostgres(node)
        try await world.waitForPostgres(node)
        try world.startNode(node)
        let others = world.nodes.filter { $0 != node }
        try await world.change(
            "POST", "/cluster/members", body: Member.json(node, in: world), at: others, seconds: 60,
            orProblem: "already-member")
        try await Member.awaitVoter(node, in: world)
    }
}

/// What operators' requests say of a node that is to be admitted.
enum Member {
    static func json(_ node: Int, in world: World) -> String {
        let address = world.wiring.address(of: node)
        return "{\"number\":\(node),\"peer_address\":\"\(address):\(world.layout.peerPort(node))\","
            + "\"url\":\"https://\(address):\(world.layout.gatewayPort(node))\"}"
    }

    static func awaitVoter(_ node: Int, in world: World, seconds: Int64 = 60) async throws {
        let end = RunClock.monotonicMicroseconds + seconds * 1_000_000
        let others = world.nodes.filter { $0 != node }
        while RunClock.monotonicMicroseconds < end {
            for other in others {
                guard let members = await world.view(other)?.membership else { continue }
                if members.voters.contains(node), members.outgoing.isEmpty, members.learners.isEmpty { return }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ChaosError.node(node, "does not vote \(seconds) s after it was admitted")
    }
}
