import Raft

/// The commands of a script. `Scenario` says what each does.
extension Scenario {
    mutating func run(_ command: [String]) {
        if command[0] == "quietly" {
            isQuiet = true
            run(Array(command.dropFirst()))
            isQuiet = false
            return
        }
        let numbers = command.dropFirst().compactMap { UInt64($0.drop { $0 == "#" }) }
        let node = numbers.first.map { Int($0) - 1 } ?? 0
        let line = command.count > 1 && command[1].contains(">") ? command[1] : nil
        switch command[0] {
        case "cluster": found(Int(numbers[0]), spare: numbers.count > 1 ? Int(numbers[1]) : 0)
        case "restart": restart(node, Array(command.dropFirst(2)))
        case "crash": nodes[node].crash()
        case "reborn":
            nodes[node].beginAnew()
            nodes[node].start(commit: .zero)
        case "tick": for _ in 0..<numbers[1] { step(node, .tick) }
        case "timeout": for _ in 0..<20 where step(node, .tick) > 0 { return }
        case "persist": persist(node, through: numbers.count > 1 ? PersistTicket(numbers[1]) : nil)
        case "late": step(node, .persisted(PersistTicket(numbers[1])))
        case "deliver", "arrive", "again", "drop": move(command[0], line, ordinal: Int(numbers.first ?? 1))
        case "settle": settle()
        case "partition": cutOff.insert(numbers[0])
        case "cut": cuts.insert([numbers[0], numbers[1]])
        case "heal":
            cutOff = []
            cuts = []
        case "propose":
            let term = numbers.count > 2 ? Term(numbers[2]) : nodes[node].raft!.term
            step(node, .propose(byteCounts: Array(repeating: 10, count: Int(numbers[1])), term: term))
        case "read": step(node, .read(tag: numbers[1]))
        case "lost": step(node, .peerLost(id(numbers[1])))
        case "compact":
            step(node, .compacted(through: LogIndex(numbers[1])))
            nodes[node].compact(through: LogIndex(numbers[1]))
        case "change": change(node, command)
        case "transfer":
            step(node, .transferLeadership(to: numbers.count > 1 ? id(numbers[1]) : nil, tag: 1))
        case "disk": step(node, .disk(DiskHealth(rawValue: command[2])!))
        case "maintain": step(node, .mayLead(command[2] == "off"))
        case "snapshot": offerSnapshot(node, index: numbers.count > 1 ? LogIndex(numbers[1]) : nil)
        case "nosnapshot": step(node, .snapshotUnavailable)
        case "store": store(node)
        case "install": install(node)
        case "fail":
            let id = nodes[node].installing!.id
            nodes[node].installing = nil
            nodes[node].file = nil
            step(node, .snapshotFailed(id: id))
        case "discard": nodes[node].file = nil
        case "show": show()
        case "members": showMembers()
        default: preconditionFailure("no such command: \(command)")
        }
    }

    private func id(_ number: UInt64) -> NodeID { nodes[Int(number) - 1].id }

    private mutating func found(_ size: Int, spare: Int) {
        nodes = (1...UInt64(size + spare)).map { ScenarioNode(number: $0) }
        let founders = nodes.prefix(size).map(\.id)
        let contacts = Dictionary(uniqueKeysWithValues: founders.map { ($0, [UInt8]()) })
        for node in nodes.indices {
            if node < size { nodes[node].membership = (.zero, Membership(voters: founders, contacts: contacts)) }
            nodes[node].start(commit: .zero)
        }
    }

    private mutating func restart(_ node: Int, _ disk: [String]) {
        var key = ""
        var commit = LogIndex.zero
        if disk.contains("log") { nodes[node].log = [] }
        for word in disk {
            switch (key, UInt64(word)) {
            case (_, nil): key = word
            case ("log", let term?):
                nodes[node].log.append(EntryOutline(term: Term(term), kind: .command, byteCount: 10))
            case ("term", let term?): nodes[node].hardState = HardState(term: Term(term))
            case ("vote", let vote?): nodes[node].hardState.vote = id(vote)
            case ("commit", let index?): commit = LogIndex(index)
            default: preconditionFailure("no such part of a disk: \(key)")
            }
        }
        nodes[node].start(commit: commit)
    }

    private mutating func move(_ command: String, _ line: String?, ordinal: Int) {
        func isOn(_ message: Message) -> Bool {
            line == nil || line == "\(message.from.number)>\(message.to.number)"
        }
        let places = wire.indices.filter { isOn(wire[$0]) }
        switch command {
        case "drop": wire.removeAll(where: isOn)
        case "deliver": while let next = wire.firstIndex(where: isOn) { arrive(wire.remove(at: next)) }
        default:
            guard ordinal <= places.count else { return tell("nothing is under way") }
            let message = wire[places[ordinal - 1]]
            if command == "arrive" { wire.remove(at: places[ordinal - 1]) }
            arrive(message)
        }
    }

    private mutating func change(_ node: Int, _ command: [String]) {
        var lists: [String: [NodeID]] = [:]
        var key = ""
        for word in command.dropFirst(2) {
            if let number = UInt64(word) { lists[key, default: []].append(id(number)) } else { key = word }
        }
        let change = MembershipChange(voters: lists["voters"] ?? [], learners: lists["learners"] ?? [])
        step(node, .changeMembership(change, tag: 1))
    }

    private mutating func offerSnapshot(_ node: Int, index: LogIndex?) {
        let raft = nodes[node].raft!
        let index = index ?? raft.commitIndex
        let offset = index.distance(from: nodes[node].base.index)
        let kept = nodes[node].log.prefix(offset)
        let membership = kept.last { $0.membership != nil }?.membership ?? nodes[node].membership.1
        lastSnapshot += 1
        let outline = SnapshotOutline(
            id: lastSnapshot, index: index, term: kept.last?.term ?? nodes[node].base.term, membership: membership,
            byteCount: 350)
        step(node, .snapshotReady(outline))
    }

    private mutating func show() {
        for node in nodes {
            guard let raft = node.raft else {
                tell("\(node.id) is down")
                continue
            }
            let status = ScenarioText.describe(raft.status)
            let reach = "last \(raft.lastIndex), durable \(raft.durableIndex), commit \(raft.commitIndex)"
            tell("\(node.id) \(status); \(reach)")
            for member in raft.progress where member.id != raft.id { tell("    " + ScenarioText.describe(member)) }
        }
    }

    private mutating func showMembers() {
        for node in nodes {
            guard let raft = node.raft else { continue }
            let standing = raft.isMembershipCommitted ? "committed" : "not committed"
            tell("\(node.id) knows \(raft.membership) since \(raft.membershipIndex), \(standing)")
        }
    }
}
