import Foundation

/// A node's disk takes nothing: every write and sync waits until the fault's end.
package struct DiskStallFault: Fault {
    /// By then a leader has to have made way.
    private static let patienceMicroseconds: Int64 = 2_900_000

    private let target: Target
    private var node = 0
    private var began: Int64 = 0
    package private(set) var excused: Set<Int> = []

    package init(_ target: Target) {
        self.target = target
    }

    package var name: String { "disk-stall-\(target.word)" }
    package var shims: Set<Shim> { [.disk] }

    package mutating func start(at site: FaultSite) async throws {
        node = try await target.resolve(at: site)
        excused = [node]
        let control = site.world.layout.control(node)
        try? FileManager.default.removeItem(atPath: control + "/stalled")
        try Data().write(to: URL(fileURLWithPath: control + "/stall"))
        began = RunClock.monotonicMicroseconds
    }

    package func evidence(at site: FaultSite) async throws -> String? {
        let waits = FileManager.default.contents(atPath: site.world.layout.control(node) + "/stalled")?.count ?? 0
        if RunClock.monotonicMicroseconds - began > Self.patienceMicroseconds, waits > 0 {
            let leader = await site.world.leader()
            if leader == node { throw ChaosError.node(node, "still leads though its disk takes nothing") }
        }
        return waits > 0 ? "\(waits) writes or syncs waited, node \(node)" : nil
    }

    package func stop(at site: FaultSite) async throws {
        try FileManager.default.removeItem(atPath: site.world.layout.control(node) + "/stall")
    }
}
