import Raft
import Testing

@Suite("A simulated cluster")
struct SimulationTests {
    static let seeds: Range<UInt64> = 0..<300

    @Test("is never wrong while everything fails, and comes right when nothing does")
    func survives() {
        var seen: [String: Int] = [:]
        for seed in Self.seeds {
            var world = Simulation(seed: seed)
            _ = world.run(until: 8_000)
            if let violation = world.checker.violation {
                Issue.record("seed \(seed), time \(world.now): \(violation)")
                return
            }
            seen.merge(world.checker.seen, uniquingKeysWith: +)
            if let complaint = Self.recover(&world) {
                Issue.record("seed \(seed), time \(world.now): \(complaint)")
                return
            }
        }
        for what in [
            "election", "overwritten suffix", "message held for the disk", "message lost", "message doubled",
            "isolated node", "one-way cuts", "crash", "writes lost in a crash", "compaction", "proposal",
            "proposal over the bound", "read", "read refused", "forwarded read", "joint membership",
            "membership committed", "snapshot installed", "snapshot failed", "log reset", "transfer done",
            "transfer timedOut",
        ] {
            #expect(seen[what, default: 0] >= 20, "hardly exercised: \(what)")
        }
    }

    /// After the faults: a leader within a few election timeouts, then progress at every node, and no read forgotten.
    private static func recover(_ world: inout Simulation) -> String? {
        world.heal()
        let healed = world.now
        let hasLeader = world.run(until: healed + 1_500) { world in
            world.nodes.contains { $0.raft?.status.established == true }
        }
        if let violation = world.checker.violation { return violation }
        guard hasLeader else { return "no leader within 1500 of healing" }
        let target = world.checker.committed.count + 10
        let isCommitted = world.run(until: healed + 5_000) { world in
            let leader = world.nodes.compactMap(\.raft).filter { $0.status.role == .leader }.max { $0.term < $1.term }
            return leader?.membership.members.allSatisfy {
                world.nodes[Int($0.rawValue) - 1].raft!.commitIndex.rawValue >= UInt64(target)
            } ?? false
        }
        if let violation = world.checker.violation { return violation }
        guard isCommitted else { return "not everyone committed \(target) within 5000 of healing" }
        _ = world.run(until: world.now + 1_000)
        if let oldest = world.checker.oldestOpenRead, oldest < world.now - 500 { return "a read is never answered" }
        return nil
    }

    @Test("does the same again for the same seed")
    func replays() {
        func digest(_ seed: UInt64) -> [SimulatedEntry] {
            var world = Simulation(seed: seed)
            _ = world.run(until: 5_000)
            return world.checker.committed
        }
        for seed in UInt64(0)..<5 { #expect(digest(seed) == digest(seed)) }
    }
}
