/// Something that goes wrong, from outside, and that can be made good again.
///
/// A fault says what proves that it bit: a run in which one did not is no test of it, and counts as failed.
package protocol Fault: Sendable {
    /// As reports and scenarios call it.
    var name: String { get }
    var needs: Set<Capability> { get }
    var shims: Set<Shim> { get }
    /// Nodes that may fail their clients from the fault's beginning until they are ready again; known once it has started.
    var excused: Set<Int> { get }
    mutating func start(at site: FaultSite) async throws
    /// Asked just before the end: what shows that it bit; nil if nothing does.
    mutating func evidence(at site: FaultSite) async throws -> String?
    mutating func stop(at site: FaultSite) async throws
}

extension Fault {
    package var needs: Set<Capability> { [] }
    package var shims: Set<Shim> { [] }
}

/// Where a fault happens, and under which name.
package struct FaultSite: Sendable {
    package let world: World
    /// No other fault of the run has it.
    package let tag: String
    /// Draws for this fault alone.
    package let seed: UInt64
}

/// Whom a fault is for; decided when it starts.
package enum Target: Sendable, Equatable {
    case leader
    case follower
    case node(Int)

    func resolve(at site: FaultSite) async throws -> Int {
        var random = SeededRandom(seed: site.seed)
        switch self {
        case .node(let node): return node
        case .leader: return try await site.world.awaitLeader()
        case .follower:
            let leader = try await site.world.awaitLeader()
            let running = site.world.nodes.filter { $0 != leader && site.world.isNodeRunning($0) }
            guard let node = running.randomElement(using: &random) else {
                throw ChaosError.missing("no follower runs")
            }
            return node
        }
    }

    var word: String {
        switch self {
        case .leader: "leader"
        case .follower: "follower"
        case .node(let node): "node-\(node)"
        }
    }
}
