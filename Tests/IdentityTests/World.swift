import Identity
import Raft
import Testing

/// The members of a configuration with nodes 1...count, all in life 0.
func founders(_ count: Int) -> Membership {
    let nodes = (1...UInt64(count)).map { NodeID($0) }
    return Membership(
        voters: nodes, contacts: Dictionary(uniqueKeysWithValues: nodes.map { ($0, Array("\($0)".utf8)) }))
}

/// SplitMix64: small, and the same from the same seed everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Nodes with disks and a network between them, and an eye that sees all: no life ever goes on from an older disk.
final class World {
    struct Disk {
        var identity: NodeIdentity?
        var register = BootRegister()
        var membership = Membership.none
        /// Another trace of an earlier life: a log that is gone, a database that is ahead.
        var hasLostLog = false
    }

    final class Node {
        let number: UInt64
        var disk = Disk()
        var claim: BootClaim?
        /// Under which name it is on the network.
        var name: NodeID
        init(_ number: UInt64) {
            self.number = number
            name = NodeID(number: number)
        }

        var isRunning: Bool { claim?.state == .running }
    }

    struct Flight {
        var from: NodeID
        var to: NodeID
        var message: BootMessage
    }

    let nodes: [UInt64: Node]
    let founding: Membership
    var cuts: Set<[UInt64]> = []
    var flights: [Flight] = []
    var random: SeededRandom
    var fallbackTicks: Int?
    /// The newest boot of each life that must never be forgotten.
    private(set) var promised: [NodeID: UInt64] = [:]
    private(set) var foundings: [UInt64] = []
    private(set) var ended: [(number: UInt64, reason: String)] = []
    private(set) var violations: [String] = []
    /// What a running cluster agrees on.
    private(set) var membership: Membership

    init(_ count: Int, seed: UInt64 = 1, fallbackTicks: Int? = nil) {
        nodes = Dictionary(uniqueKeysWithValues: (1...UInt64(count)).map { ($0, Node($0)) })
        founding = founders(count)
        membership = founding
        random = SeededRandom(seed: seed)
        self.fallbackTicks = fallbackTicks
    }

    subscript(_ number: UInt64) -> Node { nodes[number]! }
    var numbers: [UInt64] { nodes.keys.sorted() }
    var running: [UInt64] { numbers.filter { self[$0].isRunning } }

    private func isReachable(_ left: UInt64, _ right: UInt64) -> Bool {
        self[left].claim != nil && self[right].claim != nil && !cuts.contains([min(left, right), max(left, right)])
    }

    func start(_ number: UInt64) {
        let node = self[number]
        guard node.claim == nil else { return }
        let options = BootClaim.Options(
            askTicks: 2, patienceTicks: 20, renewalTicks: 30, settleTicks: 3, fallbackTicks: fallbackTicks,
            randomSeed: random.next())
        var claim: BootClaim
        if let identity = node.disk.identity {
            node.name = identity.node
            let known = node.disk.membership.members.isEmpty ? identity.founding : node.disk.membership
            claim = BootClaim(stored: identity, membership: known, options: options)
        } else {
            node.name = NodeID(number: number)
            claim = BootClaim(
                unborn: number, clusterID: "blue", founding: founding, mayFound: !node.disk.hasLostLog,
                options: options)
        }
        let effects = claim.start()
        node.claim = claim
        perform(effects, of: node)
        guard node.claim != nil else { return }
        for other in numbers where other != number && isReachable(number, other) {
            step(node, .connected(self[other].name))
            step(self[other], .connected(node.name))
        }
    }

    func stop(_ number: UInt64) {
        let node = self[number]
        guard node.claim != nil else { return }
        node.claim = nil
        for other in numbers where other != number { step(self[other], .lost(node.name)) }
        flights.removeAll { $0.to == node.name || $0.from == node.name }
    }

    func cut(_ left: UInt64, _ right: UInt64) {
        guard cuts.insert([min(left, right), max(left, right)]).inserted else { return }
        step(self[left], .lost(self[right].name))
        step(self[right], .lost(self[left].name))
    }

    func heal() {
        let healed = cuts
        cuts = []
        for pair in healed where isReachable(pair[0], pair[1]) {
            step(self[pair[0]], .connected(self[pair[1]].name))
            step(self[pair[1]], .connected(self[pair[0]].name))
        }
    }

    func step(_ node: Node, _ event: BootClaim.Event) {
        guard let effects = node.claim?.step(event) else { return }
        let name = node.name
        let boot = node.claim?.knownBoot
        perform(effects, of: node)
        // What was promised at a renewal that the others know of.
        if let boot { promised[name] = max(promised[name] ?? 0, boot) }
    }

    private func perform(_ effects: [BootClaim.Effect], of node: Node) {
        for effect in effects {
            switch effect {
            case .write(let identity): node.disk.identity = identity
            case .ask(let peer, let subject):
                let ask = BootAsk(subject: subject, records: node.disk.register.all)
                flights.append(Flight(from: node.name, to: peer, message: .ask(ask)))
            case .founded(let identity):
                foundings.append(node.number)
                if promised[identity.node] != nil { violations.append("\(identity.node) founds a second time") }
                node.disk.membership = identity.founding
            case .mayRun(let identity):
                let boot = identity.record.boot
                if boot <= promised[identity.node] ?? 0 {
                    violations.append("\(identity.node) runs at boot \(boot) of \(promised[identity.node]!)")
                }
                promised[identity.node] = boot
                admit(identity.node)
            case .stale(let reason): beginAnew(node, reason, witnesses: [])
            case .joinAsNewLife(let reason, let witnesses): beginAnew(node, reason, witnesses: witnesses)
            }
        }
    }

    private func beginAnew(_ node: Node, _ reason: String, witnesses: [NodeID]) {
        ended.append((node.number, reason))
        stop(node.number)
        node.disk.identity = nil
        node.disk.hasLostLog = true
        if !witnesses.isEmpty {
            node.disk.hasLostLog = false
            node.disk.identity = .newLife(
                clusterID: "blue", number: node.number, life: UInt64.random(in: 1..<1 << 48, using: &random),
                witnesses: witnesses)
        }
        node.disk.membership = .none
        start(node.number)
    }

    /// The leader replaces the old life of a number by its new one; whoever runs hears of it.
    private func admit(_ newcomer: NodeID) {
        let members = membership.members.filter { $0.number != newcomer.number } + [newcomer]
        let contacts = Dictionary(uniqueKeysWithValues: members.map { ($0, [UInt8]()) })
        membership = Membership(voters: members, contacts: contacts)
        spread()
    }

    private func spread() {
        for number in running {
            let node = self[number]
            for member in membership.members { _ = node.disk.register.admit(member) }
            guard node.disk.membership != membership else { continue }
            node.disk.membership = membership
            step(node, .membershipChanged(membership))
        }
    }

    /// Delivers the flight at a place of the queue.
    func deliver(_ place: Int) {
        let flight = flights.remove(at: place)
        guard let node = nodes[flight.to.number], node.name == flight.to, isReachable(flight.from.number, node.number),
            self[flight.from.number].name == flight.from
        else { return }
        switch flight.message {
        case .ask(let ask):
            guard let respondent = node.claim?.respondent else { return }
            let (answer, _) = node.disk.register.answer(ask, as: respondent)
            flights.append(Flight(from: node.name, to: flight.from, message: .answer(answer)))
            step(node, .asked(ask, from: flight.from))
        case .answer(let answer):
            _ = node.disk.register.learn(answer.records)
            step(node, .answered(answer, from: flight.from))
        }
    }

    /// A round: all that is on its way arrives, then time goes on everywhere.
    func run(_ rounds: Int) {
        for _ in 0..<rounds {
            for number in numbers { step(self[number], .tick) }
            var budget = 2000
            while !flights.isEmpty, budget > 0 {
                deliver(0)
                budget -= 1
            }
            spread()
        }
    }
}
