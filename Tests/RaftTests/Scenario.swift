import Raft

/// A small cluster that does just what a script says, and tells all that happens.
///
/// A script's lines are comments (`#`), commands (`>`) and, after each command, what came of it. The commands:
///
///     cluster 3                       fresh nodes n1, n2, n3
///     restart 1 log 1 1 4 term 5 commit 1
///                                     n1 starts (again) from this disk: a log of three entries, by their terms
///     restart 1                       n1 starts again from what its disk holds
///     crash 1                         n1 stops, and loses what is not durable
///     tick 1 5                        five ticks at n1
///     timeout 1                       n1 ticks until it does something
///     persist 1 [#4]                  n1's disk does all that was asked of it [up to a ticket]
///     late 1 #2                       n1 is told once more that a ticket is durable
///     deliver [1>2]                   what is under way [on one line] arrives, and what comes of that, until all is still
///     arrive 1>2 [3]                  only the oldest message of the line arrives [or the third]
///     again 1>2                       a copy of the line's oldest message arrives, the message itself stays
///     drop [1>2]                      what is under way is lost
///     settle                          disks and lines do all they can, until all is still
///     partition 1 / heal              n1 is cut off / nobody is
///     propose 1 3 [term 2]            three entries are proposed at n1 [under a term]
///     read 1 7                        a read with the tag 7 at n1
///     lost 2 1                        n2's kernel says that the connection to n1 is gone
///     compact 1 5                     n1's driver drops its log through 5
///     show                            every node, and the leader's view of the others
///
/// `quietly` before a command keeps its consequences out of the story.
struct Scenario {
    private struct Node {
        var raft: Raft?
        var hardState = HardState()
        /// On disk, from index 1 on.
        var log: [EntryOutline] = []
        var writes: [(ticket: PersistTicket, hardState: HardState?, entries: AppendedEntries?)] = []
        var outbox: [(message: Message, after: PersistTicket)] = []
        var durable = PersistTicket.none
    }

    private var nodes: [Node] = []
    private var wire: [Message] = []
    private var cutOff: Set<NodeID> = []
    private var isQuiet = false
    private var transcript: [String] = []

    /// The script as it would have to be: its comments and commands, and what really came of them.
    static func replay(_ script: String) -> String {
        var scenario = Scenario()
        for line in script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("#") || line.isEmpty {
                scenario.transcript.append(line)
            } else if line.hasPrefix("> ") {
                scenario.transcript.append(line)
                scenario.run(line.dropFirst(2).split(separator: " ").map(String.init))
            }
        }
        return scenario.transcript.joined(separator: "\n")
    }

    private mutating func tell(_ line: String) {
        if !isQuiet { transcript.append("    " + line) }
    }

    // MARK: Commands

    private mutating func run(_ command: [String]) {
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
        case "cluster":
            nodes = Array(repeating: Node(), count: Int(numbers[0]))
            for node in nodes.indices { start(node, commit: .zero) }
        case "restart": restart(node, Array(command.dropFirst(2)))
        case "crash":
            nodes[node].raft = nil
            nodes[node].writes = []
            nodes[node].outbox = []
        case "tick": for _ in 0..<numbers[1] { step(node, .tick) }
        case "timeout": timeout(node)
        case "persist": persist(node, through: numbers.count > 1 ? PersistTicket(numbers[1]) : nil)
        case "late": step(node, .persisted(PersistTicket(numbers[1])))
        case "deliver":
            while let next = wire.firstIndex(where: { Self.isOn(line, $0) }) { arrive(wire.remove(at: next)) }
        case "arrive":
            let ordinal = numbers.first.map { Int($0) } ?? 1
            let places = wire.indices.filter { Self.isOn(line, wire[$0]) }
            guard ordinal <= places.count else { return tell("nothing is under way") }
            arrive(wire.remove(at: places[ordinal - 1]))
        case "again":
            guard let message = wire.first(where: { Self.isOn(line, $0) }) else { return tell("nothing is under way") }
            arrive(message)
        case "drop": wire.removeAll { Self.isOn(line, $0) }
        case "settle": settle()
        case "partition": cutOff.insert(NodeID(numbers[0]))
        case "heal": cutOff = []
        case "propose":
            let term = numbers.count > 2 ? Term(numbers[2]) : nodes[node].raft!.term
            step(node, .propose(byteCounts: Array(repeating: 10, count: Int(numbers[1])), term: term))
        case "read": step(node, .read(tag: numbers[1]))
        case "lost": step(node, .peerLost(NodeID(numbers[1])))
        case "compact": step(node, .compacted(through: LogIndex(numbers[1])))
        case "show": show()
        default: preconditionFailure("no such command: \(command)")
        }
    }

    private static func isOn(_ line: String?, _ message: Message) -> Bool {
        line == nil || line == "\(message.from.rawValue)>\(message.to.rawValue)"
    }

    private mutating func start(_ node: Int, commit: LogIndex) {
        let configuration = RaftConfiguration(
            id: NodeID(UInt64(node) + 1), voters: nodes.indices.map { NodeID(UInt64($0) + 1) }, electionTicks: 10,
            heartbeatTicks: 2, peerLostStaggerTicks: 3, maxInflightMessages: 3, maxInflightBytes: 1000,
            maxAppendBytes: 100, maxUncommittedBytes: 2000, maxPendingReads: 3, randomSeed: UInt64(node) + 1)
        nodes[node].durable = .none
        nodes[node].raft = Raft(
            configuration: configuration, hardState: nodes[node].hardState,
            log: LogOutline(outlines: nodes[node].log), commit: commit)
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
            case ("vote", let vote?): nodes[node].hardState.vote = NodeID(vote)
            case ("commit", let index?): commit = LogIndex(index)
            default: preconditionFailure("no such part of a disk: \(key)")
            }
        }
        start(node, commit: commit)
    }

    private mutating func timeout(_ node: Int) {
        for _ in 0..<20 where step(node, .tick) > 0 { return }
    }

    private mutating func persist(_ node: Int, through last: PersistTicket?) {
        var done: PersistTicket?
        while let write = nodes[node].writes.first, last == nil || write.ticket <= last! {
            nodes[node].writes.removeFirst()
            if let state = write.hardState { nodes[node].hardState = state }
            if let entries = write.entries {
                nodes[node].log.removeSubrange((Int(entries.first.rawValue) - 1)...)
                nodes[node].log += entries.outlines
            }
            done = write.ticket
        }
        guard let done else { return }
        nodes[node].durable = done
        for (message, after) in nodes[node].outbox where after <= done { send(message) }
        nodes[node].outbox.removeAll { $0.after <= done }
        step(node, .persisted(done))
    }

    private mutating func settle() {
        while true {
            if !wire.isEmpty {
                arrive(wire.removeFirst())
            } else if let node = nodes.indices.first(where: { !nodes[$0].writes.isEmpty && nodes[$0].raft != nil }) {
                persist(node, through: nil)
            } else {
                return
            }
        }
    }

    // MARK: Steps and messages

    @discardableResult
    private mutating func step(_ node: Int, _ event: Event) -> Int {
        guard nodes[node].raft != nil else { return 0 }
        var effects: [Effect] = []
        nodes[node].raft!.step(event, into: &effects)
        for effect in effects { perform(effect, of: node) }
        return effects.count
    }

    private mutating func perform(_ effect: Effect, of node: Int) {
        switch effect {
        case .persist(let ticket, let hardState, let entries):
            nodes[node].writes.append((ticket, hardState, entries))
            tell("n\(node + 1): \(ScenarioText.describe(effect))")
        case .send(let message, let after):
            let waits = after > nodes[node].durable
            tell(ScenarioText.describe(message) + (waits ? " (after \(after))" : ""))
            if waits { nodes[node].outbox.append((message, after)) } else { send(message) }
        default:
            tell("n\(node + 1): \(ScenarioText.describe(effect))")
        }
    }

    private mutating func send(_ message: Message) {
        guard !cutOff.contains(message.from), !cutOff.contains(message.to) else { return }
        wire.append(message)
    }

    private mutating func arrive(_ message: Message) {
        guard !cutOff.contains(message.from), !cutOff.contains(message.to) else { return }
        step(Int(message.to.rawValue) - 1, .receive(message))
    }

    private mutating func show() {
        for (position, node) in nodes.enumerated() {
            guard let raft = node.raft else {
                tell("n\(position + 1) is down")
                continue
            }
            let status = ScenarioText.describe(raft.status)
            let reach = "last \(raft.lastIndex), durable \(raft.durableIndex), commit \(raft.commitIndex)"
            tell("n\(position + 1) \(status); \(reach)")
            for member in raft.progress where member.id != raft.id {
                let inflight = member.inflightMessages == 0 ? "" : ", \(member.inflightMessages) in flight"
                tell("    \(member.id) \(member.state.rawValue): match \(member.match), next \(member.next)\(inflight)")
            }
        }
    }
}
