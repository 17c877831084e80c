/// The leader's clock of the day jumps ahead, and back at the fault's end.
package struct ClockJumpFault: Fault {
    private let seconds: Int
    private var node = 0
    package let excused: Set<Int> = []

    package init(seconds: Int) {
        self.seconds = seconds
    }

    package var name: String { "clock-jump-\(seconds)-s" }
    package var shims: Set<Shim> { [.clock] }

    package mutating func start(at site: FaultSite) async throws {
        node = try await Target.leader.resolve(at: site)
        try ShimLibrary.setClock(of: node, site.world.layout, ahead: Int64(seconds))
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        // A leader dates payments by its clock, and nobody goes back behind a date that was given.
        let ahead = Int(
            try await site.world.query(
                node, "SELECT extract(epoch FROM max(accepted_at) - now())::bigint FROM transactions"))
        guard let ahead, abs(ahead - seconds) < 60 else { return nil }
        return "payments are dated \(ahead) s ahead, node \(node)"
    }

    package func stop(at site: FaultSite) async throws {
        try ShimLibrary.setClock(of: node, site.world.layout, ahead: 0)
    }
}
