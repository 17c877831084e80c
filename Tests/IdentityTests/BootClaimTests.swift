import Identity
import Raft
import Testing

@Suite struct BootClaimTests {
    /// A cluster that has run for a while.
    private func settled(_ count: Int, fallbackTicks: Int? = nil) -> World {
        let world = World(count, fallbackTicks: fallbackTicks)
        for number in world.numbers { world.start(number) }
        world.run(100)
        #expect(world.running == world.numbers)
        return world
    }

    private func permutations(_ numbers: [UInt64]) -> [[UInt64]] {
        guard numbers.count > 1 else { return [numbers] }
        return numbers.flatMap { first in permutations(numbers.filter { $0 != first }).map { [first] + $0 } }
    }

    @Test(arguments: [1, 3, 5], [0, 1, 7, 60])
    func `a fresh cluster is founded by all, in any order and at any pace`(count: Int, rounds: Int) {
        for order in permutations(founders(count).members.map(\.number)) {
            let world = World(count)
            for number in order {
                world.start(number)
                world.run(rounds)
            }
            world.run(60)
            #expect(world.running == world.numbers, "\(order)")
            #expect(world.foundings.sorted() == world.numbers, "\(order)")
            #expect(world.violations.isEmpty && world.ended.isEmpty, "\(order)")
            #expect(world.numbers.allSatisfy { world[$0].name.life == 0 })
        }
    }

    @Test func `a majority of empty directories founds, fewer wait`() {
        let world = World(5)
        world.start(1)
        world.start(4)
        world.run(200)
        #expect(world.foundings.isEmpty)
        world.start(2)
        world.run(60)
        #expect(world.running == [1, 2, 4])
    }

    @Test(arguments: [1, 2, 3] as [UInt64], [1, 2, 3] as [UInt64])
    func `one emptied of three never founds, whoever it reaches, and begins a new life`(wiped: UInt64, reached: UInt64)
    {
        guard wiped != reached else { return }
        let world = settled(3)
        let founded = world.foundings.count
        world.stop(wiped)
        world[wiped].disk = World.Disk()
        for other in world.numbers where other != reached && other != wiped { world.cut(wiped, other) }
        world.start(wiped)
        world.run(100)
        #expect(world.foundings.count == founded)
        #expect(world[wiped].isRunning)
        #expect(world[wiped].name.life != 0)
        #expect(world.ended.map(\.number) == [wiped])
        #expect(world.ended[0].reason.contains("its data directory is empty"))
    }

    @Test func `one emptied of three that reaches nobody does nothing`() {
        let world = settled(3)
        world.stop(2)
        world[2].disk = World.Disk()
        world.cut(1, 2)
        world.cut(2, 3)
        world.start(2)
        world.run(500)
        #expect(world.running == [1, 3])
        #expect(world[2].claim?.state == .asking)
        #expect(world[2].claim?.waitingFor == "this node's data directory is empty; waiting to hear from n1, n3")
    }

    @Test(arguments: [1, 3] as [UInt64])
    func `an older directory is found out, whichever peer it reaches`(reached: UInt64) {
        let world = settled(3)
        world.stop(2)
        let copy = world[2].disk
        world.start(2)
        world.run(100)
        world.stop(2)
        world[2].disk = copy
        world.cut(2, reached == 1 ? 3 : 1)
        world.start(2)
        world.run(10)
        #expect(world.violations.isEmpty)
        #expect(world.ended.map(\.number) == [2, 2])
        #expect(world.ended[0].reason.contains("this data directory has come to"))
        world.heal()
        world.run(60)
        #expect(world[2].isRunning && world[2].name.life != 0)
    }

    @Test func `an older directory doesn't start where nobody can have seen what came after it`() {
        let world = settled(3)
        let copy = world[2].disk
        // n2 goes on with n3 alone; then n3 is away, n2 is set back, and n1, who knows of nothing, is there again.
        world.stop(1)
        world.run(100)
        #expect(world.running == [2, 3])
        world.stop(2)
        world.stop(3)
        world[2].disk = copy
        world.start(1)
        world.start(2)
        world.run(500)
        #expect(!world[2].isRunning)
        #expect(world.violations.isEmpty)
        world.start(3)
        world.run(100)
        #expect(world.violations.isEmpty)
        #expect(world.ended.map(\.number) == [2, 2])
    }

    @Test func `a copy of a running node's directory is found out when a renewal has passed`() {
        let world = settled(3)
        let copy = world[2].disk
        world.run(40)
        world.stop(2)
        world[2].disk = copy
        world.start(2)
        world.run(10)
        #expect(world.ended.map(\.number) == [2, 2])
        #expect(world.violations.isEmpty)
    }

    @Test(arguments: [3, 5]) func `all start again at once`(count: Int) {
        let world = settled(count)
        for _ in 0..<5 {
            for number in world.numbers { world.stop(number) }
            for number in world.numbers { world.start(number) }
            world.run(5)
            #expect(world.running == world.numbers)
        }
        #expect(world.ended.isEmpty && world.violations.isEmpty)
    }

    @Test func `after two of three have died together, one waits for the other, or not, as it is told`() {
        for fallbackTicks in [nil, 50] {
            let world = settled(3, fallbackTicks: fallbackTicks)
            world.stop(2)
            world.stop(3)
            world.start(2)
            world.run(40)
            #expect(world.running == [1])
            #expect(world[2].claim?.waitingFor?.hasPrefix("waiting for n3 to know boot") == true)
            world.run(20)
            #expect(world.running == (fallbackTicks == nil ? [1] : [1, 2]))
            world.start(3)
            world.run(10)
            #expect(world.running == [1, 2, 3])
        }
    }

    @Test func `one that stays away is no witness any more, so that another may start again`() {
        let world = settled(3)
        world.stop(3)
        world.run(50)
        world.stop(2)
        world.start(2)
        world.run(3)
        #expect(world.running == [1, 2])
        #expect(world.violations.isEmpty)
    }

    @Test func `a renewal that too few of the witnesses know of changes none of them`() {
        let world = settled(5)
        #expect(world[2].disk.identity?.record.witnesses == [1, 3, 4, 5].map { NodeID($0) })
        let boot = world[2].claim?.knownBoot
        for other in [3, 4, 5] as [UInt64] { world.cut(2, other) }
        world.run(100)
        #expect(world[2].disk.identity?.record.witnesses == [1, 3, 4, 5].map { NodeID($0) })
        #expect(world[2].claim?.knownBoot == boot)
    }

    @Test func `a witness that lost its disk is not waited for`() {
        let world = settled(3)
        world.stop(3)
        world.stop(2)
        world[3].disk = World.Disk()
        world.start(3)
        world.start(2)
        world.run(100)
        #expect(world.running == [1, 2, 3])
        #expect(world[2].name.life == 0)
        #expect(world[3].name.life != 0)
        #expect(world.violations.isEmpty)
    }

    @Test func `the directory of a life that was replaced is told of its heir`() {
        let world = settled(3)
        world.stop(2)
        let old = world[2].disk
        world[2].disk = World.Disk()
        world.start(2)
        world.run(60)
        let heir = world[2].name
        world.stop(2)
        world[2].disk = old
        world.start(2)
        world.run(60)
        #expect(world.ended.map(\.number) == [2, 2, 2])
        #expect(world.ended[1].reason.contains("under another life, as \(heir)"))
        #expect(world.violations.isEmpty)
    }

    @Test func `a second process with a copy of the same directory is one too many`() {
        let options = BootClaim.Options(
            askTicks: 1, patienceTicks: 1, renewalTicks: 100, settleTicks: 100, fallbackTicks: nil, randomSeed: 1)
        var other = options
        other.randomSeed = 2
        let stored = NodeIdentity(
            clusterID: "blue", record: BootRecord(node: NodeID(1), boot: 4, nonce: 4, witnesses: [NodeID(2)]),
            founding: founders(3))
        var register = BootRegister()
        var outcomes: [BootClaim.State] = []
        for options in [options, other] {
            var claim = BootClaim(stored: stored, membership: founders(3), options: options)
            _ = claim.start()
            for case .ask(let peer, let subject) in claim.step(.connected(NodeID(2))) {
                let (answer, _) = register.answer(
                    BootAsk(subject: subject, records: []), as: .member(founders(3)))
                _ = claim.step(.answered(answer, from: peer))
            }
            outcomes.append(claim.state)
        }
        #expect(outcomes == [.running, .stale])
    }

    /// Witnesses follow the members, so what an old copy believes of the cluster doesn't matter.
    @Test func `a member removed meanwhile, and not aware of it, lets no older directory pass`() {
        let world = settled(5)
        world.stop(2)
        let copy = world[2].disk
        world.start(2)
        world.run(100)
        // n1 and n3 are replaced; an old copy of n2 then meets only those who were members when it was taken.
        for number in [1, 3] as [UInt64] {
            world.stop(number)
            world[number].disk = World.Disk()
            world.start(number)
            world.run(100)
        }
        world.stop(2)
        world[2].disk = copy
        for other in [1, 3] as [UInt64] { world.cut(2, other) }
        world.cut(2, 5)
        world.start(2)
        world.run(100)
        #expect(!world[2].isRunning || world[2].name.life != 0)
        #expect(world.violations.isEmpty)
    }
}

@Suite struct BootClaimCourseTests {
    /// Up to a minority of disks is emptied or set back between two times of quiet.
    @Test(arguments: [3, 5]) func `no course of failures lets an older disk go on under its old life`(count: Int) {
        var setBack = 0
        var wiped = 0
        var endings = 0
        for seed in UInt64(1)...(count == 3 ? 400 : 200) {
            let world = World(count, seed: seed)
            var copies: [UInt64: [World.Disk]] = [:]
            for number in world.numbers { world.start(number) }
            world.run(80)
            for _ in 0..<6 {
                var faults = (count - 1) / 2
                for _ in 0..<150 {
                    let number = world.numbers.randomElement(using: &world.random)!
                    let node = world[number]
                    switch Int.random(in: 0..<100, using: &world.random) {
                    case 0..<30: world.step(node, .tick)
                    case 30..<80:
                        if !world.flights.isEmpty {
                            world.deliver(Int.random(in: 0..<world.flights.count, using: &world.random))
                        }
                    case 80..<84: world.stop(number)
                    case 84..<92: world.start(number)
                    case 92..<94: world.cut(number, number % UInt64(count) + 1)
                    case 94..<95: world.heal()
                    case 95..<97: copies[number, default: []].append(node.disk)
                    case 97..<98: if !world.flights.isEmpty { world.flights.removeFirst() }
                    default:
                        guard faults > 0 else { continue }
                        world.stop(number)
                        if Bool.random(using: &world.random) {
                            node.disk = World.Disk()
                            wiped += 1
                        } else if let copy = copies[number]?.randomElement(using: &world.random) {
                            node.disk = copy
                            setBack += 1
                        } else {
                            continue
                        }
                        faults -= 1
                    }
                }
                world.heal()
                for number in world.numbers { world.start(number) }
                world.run(120)
                #expect(world.running == world.numbers, "seed \(seed)")
                #expect(world.violations.isEmpty, "seed \(seed)")
                if world.running != world.numbers || !world.violations.isEmpty { return }
            }
            endings += world.ended.count
        }
        // A run that meets no trouble proves nothing.
        #expect(setBack > 50)
        #expect(wiped > 50)
        #expect(endings > 100)
    }
}
