/// The leader is put into maintenance: it hands over, and does not lead until the fault's end.
package struct MaintenanceFault: Fault {
    private var node = 0
    private var isUnderWay = false
    package let excused: Set<Int> = []
    package let name = "maintenance-leader"

    package init() {}

    package mutating func start(at site: FaultSite) async throws {
        node = try await Target.leader.resolve(at: site)
        try await site.world.change("PUT", "/cluster/maintenance", body: "{\"enabled\":true}", at: [node])
        let leader = try await site.world.awaitLeader()
        isUnderWay = leader != node
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        isUnderWay ? "node \(node) handed over and is in maintenance" : nil
    }

    package func stop(at site: FaultSite) async throws {
        try await site.world.change("PUT", "/cluster/maintenance", body: "{\"enabled\":false}", at: [node])
    }
}
