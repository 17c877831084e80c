import Chaos
import Testing

@Suite("Scenarios")
struct ScenarioTests {
    @Test("Have names of their own, and six of them are for continuous integration")
    func names() {
        let names = ScenarioCatalogue.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(ScenarioCatalogue.all.count(where: \.isQuick) == 6)
    }

    @Test("Tell the same story for the same seed", arguments: ScenarioCatalogue.all.map(\.name))
    func seeds(_ name: String) throws {
        let scenario = try #require(ScenarioCatalogue.named(name))
        func story(_ seed: UInt64) -> [String] {
            var random = SeededRandom(seed: seed)
            return scenario.steps(&random, 60_000).map { "\($0.atMilliseconds) \($0.forMilliseconds) \($0.fault.name)" }
        }
        #expect(story(3) == story(3))
        #expect(story(3) != story(4))
        #expect(!story(3).isEmpty)
    }

    @Test("Have relays exactly where a fault needs them")
    func relays() {
        for scenario in ScenarioCatalogue.all {
            var random = SeededRandom(seed: 1)
            let needsThem = scenario.steps(&random, 60_000).contains {
                $0.fault is DelayFault || $0.fault is RepeatingFault
            }
            #expect(scenario.hasRelays == needsThem, "\(scenario.name)")
        }
    }

    @Test("With Kafka, each seed kills leader, follower and PostgreSQL, and cuts the leader off")
    func kafka() throws {
        let scenario = try #require(ScenarioCatalogue.named("kafka"))
        #expect(scenario.usesKafka && scenario.receivesAlerts)
        for seed: UInt64 in 1...20 {
            var random = SeededRandom(seed: seed)
            let names = Set(scenario.steps(&random, scenario.milliseconds).map(\.fault.name))
            let wanted = ["kill-leader", "kill-follower", "partition-isolated-leader", "partition-blackhole-leader"]
            #expect(names.isSuperset(of: wanted), "seed \(seed)")
            #expect(names.contains { $0.hasPrefix("kill-postgres") }, "seed \(seed)")
        }
    }

    @Test("Changes of members and leaders come on top of all that leaves the member that goes alone")
    func changes() throws {
        let scenario = try #require(ScenarioCatalogue.named("changes"))
        var under: [Bool: Set<String>] = [:]
        for seed: UInt64 in 1...100 {
            var random = SeededRandom(seed: seed)
            let steps = scenario.steps(&random, scenario.milliseconds)
            for (below, above) in zip(steps, steps.dropFirst()) where above.overlaps {
                #expect(above.fault is MembershipFault || above.fault is TransferFault)
                #expect(!below.overlaps)
                under[above.fault is MembershipFault, default: []].insert(below.fault.name)
            }
            #expect(steps.count(where: \.overlaps) * 2 == steps.count)
        }
        let spared = ["pause", "kill-postgres", "locked-table"].flatMap { ["\($0)-leader", "\($0)-follower"] }
        #expect(under[false]?.subtracting(spared) == under[true])
        #expect(under[false]?.isSuperset(of: spared) == true)
    }

    @Test("An hour of everything has 200 faults and more")
    func nightly() {
        let scenario = ScenarioCatalogue.nightly
        for seed: UInt64 in 1...5 {
            var random = SeededRandom(seed: seed)
            #expect(scenario.steps(&random, scenario.milliseconds).count >= 200)
        }
    }
}
